package main

import "testing"

func TestOtherLibrary(t *testing.T) {
	const older = "NOTE go.mod requires fanout-bench v0.1.0, and this command is v0.2.0; use one release: go get github.com/fanout-bench/fanout-bench@v0.2.0"
	for _, c := range []struct{ goMod, command, want string }{
		{"require github.com/fanout-bench/fanout-bench v0.1.0", "v0.2.0", older},
		{"go 1.25\nrequire (\n\tgithub.com/fanout-bench/fanout-bench v0.1.0 // indirect\n)", "v0.2.0", older},
		{"require github.com/fanout-bench/fanout-bench v0.2.0", "v0.2.0", ""},
		{"require github.com/fanout-bench/fanout-bench v0.1.1-0.20260101000000-abcdefabcdef", "v0.2.0", ""},
		{"require github.com/fanout-bench/fanout-bench v0.1.0", "", ""}, // built from a working tree
		{"require github.com/fanout-bench/fanout-bench v0.1.0\nreplace github.com/fanout-bench/fanout-bench => ../fork", "v0.2.0", ""},
		{"require example.com/other v0.1.0", "v0.2.0", ""},
		{"", "v0.2.0", ""},
		{"require (", "v0.2.0", ""},
	} {
		if got := otherLibrary([]byte(c.goMod), c.command); got != c.want {
			t.Errorf("%q: %q, want %q", c.goMod, got, c.want)
		}
	}
}
