package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	isatty "golang.org/x/term"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// A choice is a flag with a fixed set of values.
type choice struct {
	value string
	valid []string
}

// newChoice returns a choice among valid. The first is the default.
func newChoice(valid ...string) choice { return choice{value: valid[0], valid: valid} }

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "word" }
func (c *choice) list() string   { return strings.Join(c.valid, ", ") }

func (c *choice) Set(value string) error {
	if !slices.Contains(c.valid, value) {
		return fmt.Errorf("valid: %s", c.list())
	}
	c.value = value
	return nil
}

const (
	formatTable       = "table"
	formatJSON        = "json"
	formatMarkdown    = "markdown"
	formatHTML        = "html"
	formatSVG         = "svg"
	formatBench       = "benchfmt"
	formatJUnit       = "junit"
	formatOpenMetrics = "openmetrics"
	formatGitHub      = "github"
)

// changed returns those of the flags that the user gave.
func changed(cmd *cobra.Command, flags ...string) []string {
	return slices.DeleteFunc(slices.Clone(flags), func(name string) bool { return !cmd.Flags().Changed(name) })
}

// namesOf returns the names of items.
func namesOf[T any](items []T, name func(T) string) []string {
	var names []string
	for _, item := range items {
		names = append(names, name(item))
	}
	return names
}

// takes says what flags take, by their type.
var takes = map[string]string{
	"int":      "a whole number",
	"intSlice": "whole numbers with commas between them, such as 1,2,3",
	"duration": "a duration with its unit, such as 5s or 500ms",
	"bool":     "true or false",
}

// inWords rewrites the parser's error for an invalid flag value.
func inWords(err error) error {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	flag := invalid.GetFlag()
	value, known := takes[flag.Value.Type()]
	if !known {
		return err // it names the valid ones
	}
	if errors.Is(err, strconv.ErrRange) {
		value += "; this one is too large"
	}
	return fmt.Errorf("--%s %q: it takes %s", flag.Name, invalid.GetValue(), value)
}

// An output is how a command writes its result.
type output struct {
	format  choice
	color   choice
	details bool // print all findings
}

// addFlags adds --format, with further formats beside table and JSON, and --color.
func (o *output) addFlags(cmd *cobra.Command, further ...string) {
	o.format = newChoice(append([]string{formatTable, formatJSON}, further...)...)
	o.color = newChoice("auto", "always", "never")
	cmd.Flags().Var(&o.format, "format", "what to print: "+o.format.list())
	cmd.Flags().Var(&o.color, "color", "color the table: "+o.color.list())
}

// style returns the style for w. Color auto means a terminal that supports it, without NO_COLOR.
func (o *output) style(w io.Writer) term.Style {
	fits := isTerminal(w) && os.Getenv("NO_COLOR") == "" && !dumb()
	return term.Style{Columns: columns(w), Color: o.color.value == "always" || o.color.value == "auto" && fits}
}

// columns returns the width of the terminal, or a default.
func columns(w io.Writer) int {
	if f, ok := interrupt.Destination(w).(*os.File); ok {
		if width, _, err := isatty.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 100
}

// write writes the result to w as text or as JSON.
func (o *output) write(w io.Writer, text func(term.Style) string, json func(io.Writer) error) error {
	render := json
	if o.format.value == formatTable {
		render = printed(text(o.style(w)))
	}
	return writeWhole(w, render)
}

// writeWhole writes the output of render to w in one call.
func writeWhole(w io.Writer, render func(io.Writer) error) error {
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return err
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// dumb reports whether the terminal lacks escape sequences.
func dumb() bool { return os.Getenv("TERM") == "dumb" }

func isTerminal(w io.Writer) bool {
	f, ok := interrupt.Destination(w).(*os.File)
	return ok && isatty.IsTerminal(int(f.Fd()))
}

// styled returns a function that renders value as text.
func styled[T any](render func(T, term.Style) string, value T) func(term.Style) string {
	return func(style term.Style) string { return render(value, style) }
}

// printed returns a function that writes text.
func printed(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// plain returns a function that writes value without colors.
func plain[T any](write func(io.Writer, T) error, value T) func(io.Writer) error {
	return func(w io.Writer) error { return write(w, value) }
}
