package wire

import (
	"bytes"
	"io"
	"strings"
)

// A Reader passes on what the server sends, and reads the message headers: a byte for the type
// and four for the length, which includes itself.
type Reader struct {
	io.Reader
	Meter     *Meter
	Completed func(worked int) // called for statements that are not pings, before Read returns; may be nil

	header [headerSize]byte
	have   int    // bytes of the header
	skip   int    // remaining bytes of the message
	ready  bool   // the next byte is the status of a ReadyForQuery
	parsed bool   // a ParseComplete precedes the next statement
	bound  bool   // and a BindComplete
	closed bool   // a CloseComplete came since the last ReadyForQuery
	worked bool   // and any other answer
	fault  *fault // being read
}

func (r *Reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.Take(p[:n])
	return n, err
}

// Take reads the next bytes of the server.
func (r *Reader) Take(b []byte) {
	empty := r.Meter.empty.Load()
	t, seen := r.scan(b)
	r.Meter.total.Add(uint64(t))
	if worked := t.Statements() - int(r.Meter.empty.Load()-empty); worked > 0 && r.Completed != nil {
		r.Completed(worked)
	}
	r.Meter.signs.Or(uint32(seen))
}

func (r *Reader) scan(b []byte) (t Traffic, seen Signs) {
	if r.have > 0 { // a header in pieces
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
		if b[0] == 'D' { // DataRow, the most frequent
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

// begin handles the header of a message.
func (r *Reader) begin(header []byte) (Traffic, Signs) {
	r.skip, r.ready = bodySize(header), header[0] == 'Z'
	r.worked = r.worked || bytes.IndexByte([]byte("12CEGHITWnst"), header[0]) >= 0
	switch header[0] {
	case '1': // ParseComplete
		r.parsed = true
		return 0, Begun
	case '2': // BindComplete
		r.bound = true
		return 0, Begun
	case 'T', 'G', 'H', 'W': // RowDescription, a copy that begins
		return 0, Begun
	case 'Z': // ReadyForQuery
		r.Meter.asked.Store(0) // pgx writes some batches without the Frontend
		// pgx deallocates what its cache has no room for before it sends a statement. How often
		// depends on the connection that a pool returns, as with prepares.
		deallocated := r.closed && !r.worked
		r.parsed, r.bound, r.closed, r.worked = false, false, false, false
		if !deallocated {
			return roundTrip, 0
		}
	case '3': // CloseComplete
		r.closed = true
	case 'I': // EmptyQueryResponse
		r.Meter.empty.Add(1)
		r.parsed, r.bound = false, false
		return statement, 0
	case 'C': // CommandComplete
		r.parsed, r.bound = false, false
		return statement, 0
	case 'E': // ErrorResponse
		r.fault = &fault{parsing: !r.parsed && r.Meter.asked.Load() == 'P', bound: r.bound}
	}
	return 0, 0
}

// body handles the part of the current message in b, and returns the rest.
func (r *Reader) body(b []byte) (rest []byte, seen Signs) {
	n := min(r.skip, len(b))
	r.skip -= n
	if r.ready && n > 0 {
		r.Meter.status.Store(uint32(b[0]))
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

// A Writer passes on what a client sends, and reads it: pgx does not report its deallocations to
// tracers, and the answer does not repeat the request. A Frontend writes whole messages.
type Writer struct {
	io.Writer
	Meter       *Meter
	Sends       func()            // called before anything but data of a copy is sent; may be nil
	Deallocated func(name string) // called with the name of a prepared statement, or "" for all
}

func (w *Writer) Write(b []byte) (int, error) {
	if w.Sends != nil && !bytes.HasPrefix(b, []byte("d")) {
		w.Sends()
	}
	if len(b) > 0 {
		w.Meter.asked.Store(uint32(b[0])) // before there can be an answer
	}
	n, err := w.Writer.Write(b)
	// The first message has no type, and neither have bytes from within a message.
	for left := b; len(left) > headerSize && left[0] != 0; {
		size := headerSize + bodySize(left)
		if size > len(left) {
			break
		}
		switch body := left[headerSize:size]; left[0] {
		case 'C':
			if name, ok := strings.CutPrefix(string(body), "S"); ok {
				w.Deallocated(strings.TrimRight(name, "\x00"))
			}
		case 'Q':
			if bytes.EqualFold(bytes.TrimRight(body, "\x00"), []byte("deallocate all")) {
				w.Deallocated("")
			}
		}
		left = left[size:]
	}
	return n, err
}
