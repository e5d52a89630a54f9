package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// namedCells is how many measurements a note names.
const namedCells = 3

// notes writes each warning of the results once.
func notes(stderr io.Writer, results []scenarios.Result) {
	var texts []string
	cells := make(map[string][]string)
	for _, result := range results {
		for _, text := range result.Recording.Warnings() {
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
			cells[text] = append(cells[text], result.String())
		}
	}
	for _, text := range texts {
		named := cells[text]
		more := ""
		if n := len(named) - namedCells; n > 0 {
			named, more = named[:namedCells], fmt.Sprintf(" and %d more", n)
		}
		fmt.Fprintln(stderr, term.PrintableLines(fmt.Sprintf("NOTE %s%s: %s", strings.Join(named, ", "), more, text)))
	}
}

// firstRunNotes writes the costs of first runs that differ from later ones.
func firstRunNotes(stderr io.Writer, rows report.File) {
	for _, note := range findings.FirstRunNotes(rows) {
		fmt.Fprintln(stderr, term.PrintableLines(fmt.Sprintf("NOTE %s %s: %s", note.Version, note.Scenario, note.Text)))
	}
}

// unmeasuredNotes writes what could not be measured, and why.
func unmeasuredNotes(stderr io.Writer, rows report.File) {
	for _, u := range findings.NotMeasured(rows) {
		fmt.Fprintln(stderr, term.Printable(u.String(), 0))
	}
}
