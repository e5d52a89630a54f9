package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// progress updates one line on a terminal. It is silent elsewhere.
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

// tellMeasured prints at each tick how many scenarios have results in folder, if the number
// changed, until stop is called. It prints whole lines, because the running command prints too.
func tellMeasured(w io.Writer, folder string, ticks <-chan time.Time) (stop func()) {
	done := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		for before := 0; ; {
			select {
			case <-done:
				return
			case <-ticks:
			}
			files, _ := collect.FilesIn(folder, ".json")
			if len(files) > before {
				before = len(files)
				fmt.Fprintf(w, "%s measured so far.\n", term.Count(before, "scenario", "scenarios"))
			}
		}
	})
	return func() {
		close(done)
		telling.Wait()
	}
}

func (p progress) step(done, of int, next scenarios.Cell) {
	p.line(fmt.Sprintf("%d of %d measurements; %s", done, of, term.Printable(next.String(), 60)))
}
