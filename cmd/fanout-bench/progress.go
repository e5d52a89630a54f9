package main

import (
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// progress keeps one line on a terminal up to date. Anywhere else it is silent.
type progress struct{ w io.Writer }

func newProgress(w io.Writer) progress {
	if !isTerminal(w) || dumb() {
		w = io.Discard
	}
	return progress{w: w}
}

// eraseLine returns to the first column and clears the line.
const eraseLine = "\r\x1b[K"

func (p progress) line(text string) { fmt.Fprint(p.w, eraseLine, text, " …") }
func (p progress) clear()           { fmt.Fprint(p.w, eraseLine) }

func (p progress) step(done, of int, next scenarios.Cell) {
	p.line(fmt.Sprintf("%d of %d cells; %s", done, of, term.Printable(next.String(), 60)))
}
