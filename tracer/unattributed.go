package tracer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/fanout-bench/fanout-bench/internal/beside"
)

// An Unattributed is work without an open [Scope].
type Unattributed struct {
	Kind Kind
	Name string
	// Late: the context carried a scope that had already ended, for example in a goroutine that
	// outlives its request. Otherwise the context carried none.
	Late bool
	// Site is the line of the application that led there, such as "orders/service.go:31". It is
	// empty unless [Recorder.Sites] or [Recorder.Stacks] is set.
	Site  string
	Count int
}

// Unattributed returns, sorted, the work without an open scope since r was made. If there is any,
// do not trust the counts of a Recording: somewhere the context was not passed on. Acquires and
// prepares are left out, because a pool makes them on its own.
//
// Statements of a pool's AfterConnect hook on a connection that nobody requested, such as with
// MinConns, are included, because pgx does not distinguish them.
//
// To bound memory, it distinguishes 256 statements and checks by their first 4 KiB, and counts
// further ones under the name "…".
func (r *Recorder) Unattributed() []Unattributed { return r.unattributed.list() }

// String returns a short form of u: "SELECT ? ×2 at orders/service.go:31 (after its scope had
// ended)".
func (u Unattributed) String() string {
	text := fmt.Sprintf("%s ×%d", u.Name, u.Count)
	if u.Site != "" {
		text += " at " + u.Site
	}
	if u.Late {
		text += " (after its scope had ended)"
	}
	return text
}

func (u Unattributed) lateness() int {
	if u.Late {
		return 1
	}
	return 0
}

const maxUnattributed = 256

type tally struct {
	mu     sync.Mutex
	counts map[tallyKey]*int
}

type tallyKey struct {
	kind   kind
	text   string
	caller uintptr
	late   bool
	setup  bool // see beside.Setup
}

func (t *tally) add(k kind, text string, caller uintptr, late bool) {
	switch k {
	case kindQuery, kindCopy, kindCheck:
	default:
		return
	}
	key := tallyKey{k, headOf(text), caller, late, beside.InSetup()}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts[key] == nil && len(t.counts) >= maxUnattributed {
		key.text, key.caller = "…", 0
	}
	count := t.counts[key]
	if count == nil {
		if t.counts == nil {
			t.counts = make(map[tallyKey]*int)
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
		s := beside.Stray{Kind: string(kind), Name: name, Late: key.late, Setup: key.setup}
		if frame, ok := frameOf(key.caller); ok {
			s.Site, s.Function = frame.Site(), frame.Function
		}
		strays[s] += *n
	}
	return strays
}

func (t *tally) list() []Unattributed {
	merged := make(map[Unattributed]int)
	for s, n := range t.strays() {
		merged[Unattributed{Kind: Kind(s.Kind), Name: s.Name, Late: s.Late, Site: s.Site}] += n
	}
	list := make([]Unattributed, 0, len(merged))
	for u, n := range merged {
		u.Count = n
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b Unattributed) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.lateness(), b.lateness()),
			cmp.Compare(a.Site, b.Site))
	})
	return list
}
