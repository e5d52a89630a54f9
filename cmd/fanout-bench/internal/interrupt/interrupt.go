// Package interrupt makes reads and writes that block end with an interrupt.
package interrupt

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/bounded"
)

// Unless calls f, which may block forever, as opening a pipe without a writer does. An
// interrupt ends the wait and abandons f, because the process is about to end.
func Unless[T any](ctx context.Context, f func() (T, error)) (T, error) {
	var (
		value, none T
		err         error
	)
	if ctx.Err() != nil || bounded.Wait(ctx, 0, func() { value, err = f() }) != nil {
		return none, exit.ErrInterrupted
	}
	return value, err
}

// lastWords is how long a reader may take for output after an interrupt.
const lastWords = 2 * time.Second

// A printer prints to a file that may be a pipe without a reader.
type printer struct {
	to       io.Writer
	ctx      context.Context
	patience time.Duration // with each write after an interrupt
}

// NewPrinter returns a writer that gives up on a slow reader some time after ctx has ended.
func NewPrinter(ctx context.Context, to io.Writer) *printer { return &printer{to, ctx, lastWords} }

func (p *printer) Write(text []byte) (int, error) {
	text = bytes.Clone(text) // the caller may change text after an abandoned write
	var (
		n   int
		err error
	)
	if bounded.Wait(p.ctx, p.patience, func() { n, err = p.to.Write(text) }) != nil {
		return 0, exit.ErrInterrupted
	}
	return n, err
}

// Destination returns the file that is finally printed to, which may be a terminal.
func Destination(w io.Writer) io.Writer {
	if p, ok := w.(*printer); ok {
		return p.to
	}
	return w
}
