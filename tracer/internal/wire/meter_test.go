package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// message returns one message of a server.
func message(kind byte, body int) []byte {
	m := append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(body+4)), bytes.Repeat([]byte{'C'}, body)...)
	return m
}

// conversation returns a server's answers to two statements, with much that looks similar.
func conversation() []byte {
	return bytes.Join([][]byte{
		message('T', 40), message('D', 0), message('D', 9), message('D', 70_000), message('C', 9),
		message('Z', 1), message('N', 300), message('A', 5), message('I', 0), message('s', 0), message('E', 120), message('Z', 1),
	}, nil)
}

// The sums do not depend on how the network splits the bytes.
func TestMeter(t *testing.T) {
	text := conversation()
	for name, source := range map[string]io.Reader{
		"whole":     bytes.NewReader(text),
		"one byte":  iotest.OneByteReader(bytes.NewReader(text)),
		"half":      iotest.HalfReader(bytes.NewReader(text)),
		"with EOF":  iotest.DataErrReader(bytes.NewReader(text)),
		"cut short": io.MultiReader(bytes.NewReader(text), bytes.NewReader([]byte("C\x00\x00")), iotest.ErrReader(errors.New("reset"))),
	} {
		for _, size := range []int{1, 2, 3, 4, 5, 6, 7, 4096, 200_000} {
			m := &Meter{}
			r := &Reader{Reader: source, Meter: m}
			if seeker, ok := source.(io.Seeker); ok {
				_, _ = seeker.Seek(0, io.SeekStart)
			} else if size != 4096 {
				continue
			}
			got := make([]byte, 0, len(text))
			buffer := make([]byte, size)
			for {
				n, err := r.Read(buffer)
				got = append(got, buffer[:n]...)
				if err != nil {
					break
				}
			}
			if !bytes.HasPrefix(got, text) {
				t.Errorf("%s, %d at once: it does not pass on what comes", name, size)
			}
			if sums := m.Take(); sums.Statements() != 2 || sums.RoundTrips() != 2 {
				t.Errorf("%s, %d at once: %d statements and %d round trips, want 2 and 2", name, size, sums.Statements(), sums.RoundTrips())
			}
			if m.Take() != 0 {
				t.Error("what was taken is there still")
			}
			if got := m.status.Load(); got != 'C' {
				t.Errorf("%s, %d at once: status %c", name, size, got)
			}
			if got := m.TakeSigns(); got != Failed|Begun || m.TakeSigns() != 0 {
				t.Errorf("%s, %d at once: signs %b", name, size, got)
			}
		}
	}
}

// FuzzMeter reads any text as messages, in any pieces.
func FuzzMeter(f *testing.F) {
	f.Add(conversation()[:200], uint8(3))
	f.Add([]byte("C\xff\xff\xff\xffZ\x00\x00\x00\x05I"), uint8(1))
	f.Add([]byte("C\x00\x00\x00\x00C\x00\x00\x00\x03"), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		whole, pieces := &Reader{Meter: &Meter{}}, &Reader{Meter: &Meter{}}
		want, wantSigns := whole.scan(text)
		var (
			got      Traffic
			gotSigns Signs
		)
		for rest := text; len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			t, seen := pieces.scan(rest[:n])
			got += t
			gotSigns |= seen
			rest = rest[n:]
		}
		if got != want || gotSigns != wantSigns || (whole.fault == nil) != (pieces.fault == nil) || whole.skip != pieces.skip || whole.have != pieces.have || whole.Meter.status.Load() != pieces.Meter.status.Load() {
			t.Errorf("%d in pieces, %d as a whole", got, want)
		}
	})
}

func BenchmarkMeter(b *testing.B) {
	const rows = 1000
	row := message('D', 30)
	text := append(bytes.Repeat(row, rows), append(message('C', 12), message('Z', 1)...)...)
	r := &Reader{Meter: &Meter{}}
	b.ReportAllocs()
	for b.Loop() {
		r.scan(text)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

// A copy of a gigabyte sends its data in thousands of writes, and who looks at each of them walks
// a stack for it.
func TestDataOfACopyIsNotAnnounced(t *testing.T) {
	announced := 0
	w := &Writer{Writer: io.Discard, Meter: new(Meter), Sends: func() { announced++ }}
	for _, m := range [][]byte{message('Q', 20), message('d', 60_000), message('d', 3), message('c', 0)} {
		if _, err := w.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if announced != 2 {
		t.Errorf("%d messages were announced, want the query and the end of its copy", announced)
	}
}
