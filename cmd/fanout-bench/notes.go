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
		fmt.Fprintln(stderr, term.PrintableLines(fmt.Sprintf("NOTE %s: %s", few(cells[text]), text)))
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

// namesNote writes what is to say about names, if there are any.
func namesNote(stderr io.Writer, what string, names []string, singular, plural string) {
	if len(names) > 0 {
		fmt.Fprintf(stderr, "%s: %s, %s\n", what, term.Count(len(names), singular, plural), few(names))
	}
}

// few lists the first of names.
func few(names []string) string {
	const shown = 3
	text := term.Printable(strings.Join(names[:min(shown, len(names))], ", "), 0)
	if len(names) > shown {
		text += fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return text
}
