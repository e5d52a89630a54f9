package render_test

import (
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// tool returns the path of the first of names that is installed. It skips the test without one,
// because parsers check the reports too, except with FANOUT_BENCH_TOOLS=required, which CI sets.
func tool(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("FANOUT_BENCH_TOOLS") == "required" {
		t.Fatalf("none of %q is installed", names)
	}
	t.Skipf("none of %q is installed", names)
	return ""
}

// styled returns a function that renders value as text.
func styled[T any](render func(T, term.Style) string, value T) func(term.Style) string {
	return func(style term.Style) string { return render(value, style) }
}

// plain returns a function that writes value without colors.
func plain[T any](write func(io.Writer, T) error, value T) func(io.Writer) error {
	return func(w io.Writer) error { return write(w, value) }
}
