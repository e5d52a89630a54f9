package main

import (
	"context"
	"errors"
	"io"
	"testing"
)

// TestPrinterGivesUp has an interrupt while nobody reads, while somebody does, and after
// the end of what nobody read.
func TestPrinterGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	p := newPrinter(ctx, write)
	ended := make(chan error)
	say := func() {
		_, err := io.WriteString(p, "last words")
		ended <- err
	}
	go say()
	cancel()
	text := make([]byte, 10)
	if _, err := io.ReadFull(read, text); err != nil || string(text) != "last words" || <-ended != nil {
		t.Errorf("a reader has %q, %v", text, err)
	}
	for range 2 {
		go say()
		if err := <-ended; !errors.Is(err, errInterrupted) {
			t.Errorf("without a reader: %v", err)
		}
	}
	read.Close()
}
