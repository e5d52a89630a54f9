package scenarios_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func measured(t *testing.T, runner *scenarios.Runner, p *scenarios.Path) (scenarios.Result, error) {
	t.Helper()
	for result, err := range runner.Run(t.Context(), p, []scenarios.Cell{{Scenario: "items", Version: "v1"}}) {
		return result, err
	}
	t.Fatal("no result")
	return scenarios.Result{}, nil
}

// A context that is not passed on is an error only under Strict.
func TestStrict(t *testing.T) {
	p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		tx, err := env.Pool.Begin(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "SELECT")
		return errors.Join(err, tx.Rollback(context.Background()))
	})})
	const leak = "rollback ×1 at scenarios/witness_test.go:"
	result, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t)}, p)
	must.Succeed(t, err)
	if counts := result.Recording.Counts(); counts.SQL != 1 || counts.Tx != 2 {
		t.Errorf("%d statements and %d of transaction control, want 1 and 2", counts.SQL, counts.Tx)
	}
	if got := strings.Join(result.Recording.Warnings(), "\n"); !strings.Contains(got, leak) {
		t.Errorf("warnings %q, want one of %s", got, leak)
	}
	if _, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t), Strict: true}, path(scenarios.Scenario{Setup: running(selectItems)})); err != nil {
		t.Errorf("strictly, without a leak: %v", err)
	}
	_, err = measured(t, &scenarios.Runner{Server: pgtest.Server(t), Strict: true}, p)
	if !errors.Is(err, scenarios.ErrLeakedContext) || !strings.Contains(err.Error(), leak) {
		t.Errorf("strictly: %v, want %s", err, leak)
	}
}
