package tracer

import (
	"encoding/binary"
	"io"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgproto3"
)

// traffic is what a server said, counted: in the lower half the statements it
// completed, in the upper one how often it became ready for the next request.
// Differences and sums are right whatever the halves carry.
type traffic uint64

const (
	statement traffic = 1
	roundTrip traffic = 1 << 32
)

func (t traffic) statements() int { return int(uint32(t)) }
func (t traffic) roundTrips() int { return int(t >> 32) }

// signs are what a server said that does not count: each a bit, and above those of an
// outcome, as they are kept together.
type signs uint32

const (
	saidFailed  signs = 1 << (iota + 20) // something failed: see fault
	saidRefused                          // it refused something
	saidFatal                            // it ended the connection
	saidBegun                            // it began to work on something
)

// A meter counts what the server says on one connection.
type meter struct {
	total    atomic.Uint64 // a traffic
	assigned atomic.Uint64 // how much of it has been taken
	empty    atomic.Uint32 // how many of its statements were pings
	signs    atomic.Uint32 // that nobody has taken
	status   atomic.Uint32 // of the session, in the last ReadyForQuery
	asked    atomic.Uint32 // the type of the first message of the request that is answered; 0: unknown

	// The mutex of sessions guards the following.
	told    bool // that the connection was made
	settled bool // it would have been told by now
	before  int  // what it had worked until then
}

// statements is how many the server has completed.
func (m *meter) statements() int { return traffic(m.total.Load()).statements() }

// worked is how many of them were no pings. When a pool pings is up to the clock, and no
// tracer is told of it in any case.
func (m *meter) worked() int { return m.statements() - int(m.empty.Load()) }

// untold is how many of those the Recorder is not told of: those on a connection of which it
// was not told that it was made. A host that was tried and left for another is none.
func (m *meter) untold() int {
	if m.told || !m.settled {
		return 0
	}
	return m.worked() - m.before
}

// idle reports whether no transaction is open.
func (m *meter) idle() bool { return m.status.Load() == 'I' }

// take returns what has come since the last time.
func (m *meter) take() traffic {
	total := m.total.Load()
	t := traffic(total - m.assigned.Load())
	if t != 0 {
		m.assigned.Store(total)
	}
	return t
}

// takeSigns returns the signs since the last time.
func (m *meter) takeSigns() signs {
	if m.signs.Load() == 0 {
		return 0
	}
	return signs(m.signs.Swap(0))
}

// rest is what nobody has taken.
func (m *meter) rest() traffic {
	assigned := m.assigned.Load() // first, as the total only grows
	return traffic(m.total.Load() - assigned)
}

// A meteredReader passes on what the server sends and reads the headers of its
// messages: a byte for the type and four for the length, which counts itself.
type meteredReader struct {
	io.Reader
	recorder *Recorder
	meter    *meter
	session  *session // is kept for as long as the connection is
	header   [5]byte
	have     int    // bytes of header
	skip     int    // bytes of the message still to come
	ready    bool   // the next one is the status of a ReadyForQuery
	parsed   bool   // the statement that comes next, as a ParseComplete has told
	bound    bool   // and a BindComplete
	fault    *fault // that is being read
}

const headerSize = 5

func (r *meteredReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	t, seen := r.scan(p[:n])
	if t != 0 {
		r.meter.total.Add(uint64(t))
	}
	if seen&^signs(r.meter.signs.Load()) != 0 {
		r.meter.signs.Or(uint32(seen))
	}
	return n, err
}

func (r *meteredReader) scan(b []byte) (t traffic, seen signs) {
	if r.have > 0 { // a header that came in pieces
		n := copy(r.header[r.have:], b)
		r.have += n
		b = b[n:]
		if r.have < headerSize {
			return 0, 0
		}
		t, seen = r.begin(r.header[:])
		r.have = 0
	}
	b, said := r.body(b)
	seen |= said
	for len(b) >= headerSize {
		if b[0] == 'D' { // DataRow, which most are
			if size := headerSize + bodySize(b); size <= len(b) {
				b = b[size:]
				continue
			}
		}
		more, sign := r.begin(b)
		t += more
		b, said = r.body(b[headerSize:])
		seen |= sign | said
	}
	r.have = copy(r.header[:], b)
	return t, seen
}

// begin takes the header of a message.
func (r *meteredReader) begin(header []byte) (traffic, signs) {
	r.skip, r.ready = bodySize(header), header[0] == 'Z'
	switch header[0] {
	case '1': // ParseComplete
		r.parsed = true
	case '2': // BindComplete
		r.bound = true
	case 'Z': // ReadyForQuery
		r.meter.asked.Store(0) // as pgx writes some batches past the Frontend
		r.parsed, r.bound = false, false
	case 'I': // EmptyQueryResponse
		r.meter.empty.Add(1)
		r.parsed, r.bound = false, false
	case 'C': // CommandComplete
		r.parsed, r.bound = false, false
	case 'E': // ErrorResponse
		r.fault = &fault{parsing: !r.parsed && r.meter.asked.Load() == 'P', bound: r.bound}
	}
	return meaning(header[0])
}

// body takes what b has of the message that has begun, and returns the rest.
func (r *meteredReader) body(b []byte) (rest []byte, seen signs) {
	n := min(r.skip, len(b))
	r.skip -= n
	if r.ready && n > 0 {
		r.meter.status.Store(uint32(b[0]))
		r.ready = false
	}
	if r.fault != nil {
		r.fault.read(b[:n])
		if r.skip == 0 {
			seen, r.fault = r.fault.meaning(), nil
		}
	}
	return b[n:], seen
}

func bodySize(header []byte) int {
	return max(int(binary.BigEndian.Uint32(header[1:headerSize]))-4, 0)
}

func meaning(kind byte) (traffic, signs) {
	switch kind {
	case 'C', 'I': // CommandComplete, EmptyQueryResponse
		return statement, 0
	case 'Z': // ReadyForQuery
		return roundTrip, 0
	case '1', '2', 'T', 'G', 'H', 'W': // ParseComplete, BindComplete, RowDescription, a copy that begins
		return 0, saidBegun
	}
	return 0, 0
}

// watch has the connections of a config read along by r. What builds the Frontend sees
// the plain bytes of the protocol, also under TLS, and leaves the connection as it
// is: wrapped, it would not be known as one that TLS channel binding works on.
func (r *Recorder) watch(build func(io.Reader, io.Writer) *pgproto3.Frontend) func(io.Reader, io.Writer) *pgproto3.Frontend {
	if build == nil {
		build = pgproto3.NewFrontend
	}
	return func(reader io.Reader, writer io.Writer) *pgproto3.Frontend {
		if m, ok := reader.(*meteredReader); ok && m.recorder == r {
			return build(reader, writer) // attached twice
		}
		s := &session{recorder: r, meter: &meter{}}
		f := build(&meteredReader{Reader: reader, recorder: r, meter: s.meter, session: s}, &deallocation{Writer: writer, session: s})
		if f != nil {
			r.sessions.add(f, s)
		}
		return f
	}
}
