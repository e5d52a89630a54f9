package wire

import (
	"encoding/binary"
	"fmt"
)

// MaxBody is the largest message whose body is kept until it is whole.
const MaxBody = 64 << 20

// Frames tells the messages apart that one side sends, in pieces of any size. What it keeps of
// them grows with what has come, not with what a header announces.
type Frames struct {
	// Kept lists the types of messages whose bodies are of interest.
	Kept func(kind byte) bool

	header [headerSize]byte
	have   int    // bytes of header
	left   int    // bytes of the body still to come
	kept   bool   // the body
	body   []byte // what has come of it, if not all at once
}

// Take reads what has come next, and calls f for each message that is whole by then, with its
// body if that is kept. The body is good until f returns.
func (s *Frames) Take(b []byte, f func(kind byte, body []byte) error) error {
	for {
		if s.have < headerSize {
			n := copy(s.header[s.have:], b)
			s.have += n
			b = b[n:]
			if s.have < headerSize {
				return nil
			}
			if err := s.begin(); err != nil {
				return err
			}
		}
		n := min(s.left, len(b))
		piece := b[:n]
		b = b[n:]
		s.left -= n
		if s.kept && (s.left > 0 || len(s.body) > 0) {
			s.body = append(s.body, piece...)
			piece = s.body
		}
		if s.left > 0 {
			return nil
		}
		if !s.kept {
			piece = nil
		}
		s.have = 0
		if err := f(s.header[0], piece); err != nil {
			return err
		}
		if s.body = s.body[:0]; cap(s.body) > 64<<10 {
			s.body = nil
		}
	}
}

// begin takes the header of a message.
func (s *Frames) begin() error {
	s.left, s.kept = bodySize(s.header[:]), s.Kept(s.header[0])
	switch announced := binary.BigEndian.Uint32(s.header[1:]); {
	case announced < 4, announced > 1<<30:
		return fmt.Errorf("a message of type %q has a length of %d", s.header[0], announced)
	case s.kept && s.left > MaxBody:
		return fmt.Errorf("a message of type %q has %d bytes; at most %d can be read along", s.header[0], s.left, MaxBody)
	}
	return nil
}
