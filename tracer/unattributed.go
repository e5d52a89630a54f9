package tracer

import (
	"strings"
	"sync"

	"github.com/fanout-bench/fanout-bench/internal/beside"
)

// Unattributed returns, sorted, the work without an open scope since r was made. If there is any,
// do not trust the counts of a Recording: somewhere the context was not passed on. Acquires and
// prepares are left out, because a pool makes them on its own.
//
// To bound memory, it distinguishes 256 statements and checks by their first 4 KiB, and counts
// further ones by their lines if [Recorder.Stacks] or [Recorder.Sites] is set: 256 of their names,
// and then all under the name "…".
func (r *Recorder) Unattributed() []Stray {
	merged := make(map[Stray]int)
	for s, n := range r.unattributed.strays() {
		if Kind(s.Kind) == KindAcquire {
			continue // it sent nothing
		}
		merged[Stray{Kind: Kind(s.Kind), Name: s.Name, Late: s.Late, Site: s.Site}] += n
	}
	return sortedStrays(merged)
}

// Names of scopes have a bound of their own, so that they take no room from statements.
const maxUnattributed, maxOrigins = 256, 64

type tally struct {
	mu      sync.Mutex
	counts  map[tallyKey]*int
	origins int // the number of keys with an origin
}

type tallyKey struct {
	kind   kind
	text   string
	caller uintptr
	late   bool
	origin string // the name of the scope that had ended, see Scope.origin
	setup  bool   // see beside.Setup
}

// add counts work, and finds out whether it is of a Setup.
func (t *tally) add(key tallyKey) {
	key.text, key.setup = headOf(key.text), beside.InSetup()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts[key] == nil && t.origins >= maxOrigins {
		key.origin = ""
	}
	if t.counts[key] == nil && key.origin == "" && len(t.counts)-t.origins >= maxUnattributed {
		_, name := classify(kinds[key.kind], key.text)
		if key.text = name; key.caller == 0 || t.counts[key] == nil && len(t.counts)-t.origins >= 2*maxUnattributed {
			key.text = "…"
		}
	}
	count := t.counts[key]
	if count == nil {
		if t.counts == nil {
			t.counts = make(map[tallyKey]*int)
		}
		if key.origin != "" {
			t.origins++
		}
		count = new(int)
		key.text = strings.Clone(key.text) // it may be part of a larger string
		t.counts[key] = count
	}
	*count++
}

func init() {
	beside.Strays = func(recorder any) map[beside.Stray]int { return recorder.(*Recorder).unattributed.strays() }
}

func (t *tally) strays() map[beside.Stray]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	strays := make(map[beside.Stray]int)
	for key, n := range t.counts {
		kind, name := classify(kinds[key.kind], key.text)
		s := beside.Stray{Kind: string(kind), Name: name, Late: key.late, Origin: key.origin, Setup: key.setup}
		if frame, ok := frameOf(key.caller); ok {
			s.Site, s.Function = frame.Site(), frame.Function
		}
		strays[s] += *n
	}
	return strays
}
