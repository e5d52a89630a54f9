package machine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/machine"
)

func TestBusy(t *testing.T) {
	const rtt = 4 * time.Millisecond
	for _, test := range []struct {
		check machine.Check
		says  string
	}{
		{machine.Check{Others: 0.25, Spread: 2}, ""},
		{machine.Check{Others: -1}, ""}, // nobody knows
		{machine.Check{Others: 0.26}, "others take 26 % of its CPUs"},
		{machine.Check{Others: -1, Spread: 2.1}, "one in ten queries takes 2.1 ms more"},
	} {
		got := test.check.Busy(rtt)
		if (got == "") != (test.says == "") || !strings.Contains(got, test.says) {
			t.Errorf("%+v: %q, want %q", test.check, got, test.says)
		}
	}
}

func TestLook(t *testing.T) {
	count := 0
	check, err := machine.Look(t.Context(), func(context.Context) error { count++; return nil })
	if err != nil || count == 0 || check.Others > 1 || check.Spread < 0 {
		t.Errorf("got %+v, %v after %d queries", check, err, count)
	}
	down := errors.New("down")
	if _, err := machine.Look(t.Context(), func(context.Context) error { return down }); !errors.Is(err, down) {
		t.Errorf("got %v, want %v", err, down)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(down)
	if _, err := machine.Look(ctx, func(context.Context) error { return nil }); !errors.Is(err, down) {
		t.Errorf("got %v, want %v", err, down)
	}
}

func TestLate(t *testing.T) {
	var late []time.Duration
	for i := range 200 {
		late = append(late, time.Duration(200-i))
	}
	if got := machine.Late(late); got != 198 {
		t.Errorf("got %d, want 198", got)
	}
	if got := machine.Late(nil); got != 0 {
		t.Errorf("of nothing: %d", got)
	}
}
