package wire

import (
	"encoding/binary"
	"fmt"
)

// MaxBody is the largest message whose body is kept.
const MaxBody = 64 << 20

// Frames splits the bytes of one side into messages. Its memory grows with the received bytes,
// not with the announced length.
type Frames struct {
	// Kept reports which types of messages keep their body.
	Kept func(kind byte) bool

	header [headerSize]byte
	have   int    // bytes of the header
	left   int    // remaining bytes of the body
	kept   bool   // keep the body
	body   []byte // received so far, if not all at once
}

// Take reads the next bytes, and calls f for each complete message, with its body if it is kept.
// The body is valid until f returns.
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

// begin handles the header of a message.
func (s *Frames) begin() error {
	s.left, s.kept = bodySize(s.header[:]), s.Kept(s.header[0])
	switch announced := binary.BigEndian.Uint32(s.header[1:]); {
	case announced < 4, announced > 1<<30:
		return fmt.Errorf("a message of type %q has a length of %d", s.header[0], announced)
	case s.kept && s.left > MaxBody:
		return fmt.Errorf("a message of type %q has %d bytes; at most %d are supported", s.header[0], s.left, MaxBody)
	}
	return nil
}

func bodySize(header []byte) int {
	return max(int(binary.BigEndian.Uint32(header[1:headerSize]))-4, 0)
}

const headerSize = 5
