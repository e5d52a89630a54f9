package oserr_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

func TestWithoutPath(t *testing.T) {
	folder := t.TempDir()
	_, openErr := os.Open(folder + "/missing")
	for _, err := range []error{openErr, os.Rename(folder+"/missing", folder+"/new"), fmt.Errorf("wrapped: %w", openErr)} {
		got := oserr.WithoutPath(err)
		if !errors.Is(got, fs.ErrNotExist) || strings.Contains(got.Error(), folder) {
			t.Errorf("WithoutPath(%v) = %v", err, got)
		}
	}
	if got := oserr.WithoutPath(errors.ErrUnsupported); !errors.Is(got, errors.ErrUnsupported) {
		t.Errorf("WithoutPath(%v) = %v", errors.ErrUnsupported, got)
	}
}
