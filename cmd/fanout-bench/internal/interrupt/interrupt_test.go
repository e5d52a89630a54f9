package interrupt

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
)

// TestPrinterGivesUp prints after an interrupt, first with a slow reader and then without one.
func TestPrinterGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	p := NewPrinter(ctx, write)
	p.patience = time.Hour
	cancel()
	for range 2 {
		ended := make(chan error)
		go func() {
			_, err := io.WriteString(p, "last words")
			ended <- err
		}()
		text := make([]byte, 10)
		if _, err := io.ReadFull(read, text); err != nil || string(text) != "last words" || <-ended != nil {
			t.Errorf("a reader has %q, %v", text, err)
		}
	}
	p = NewPrinter(ctx, write)
	p.patience = time.Millisecond
	for range 2 {
		if _, err := io.WriteString(p, "last words"); !errors.Is(err, exit.ErrInterrupted) {
			t.Errorf("without a reader: %v", err)
		}
	}
	read.Close()
}
