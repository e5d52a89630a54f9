package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTellMeasured(t *testing.T) {
	var told bytes.Buffer
	folder, ticks := t.TempDir(), make(chan time.Time)
	stop := tellMeasured(&told, folder, ticks)
	for _, name := range []string{"a.json", "b.json", "a.finished"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ticks <- time.Time{}
	ticks <- time.Time{} // without a new file
	stop()
	if got, want := told.String(), "2 scenarios measured so far.\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
