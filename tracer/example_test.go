package tracer_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A check inside a loop asks the same question again and again.
func ExampleCountChecks() {
	recorder := &tracer.Recorder{}
	authorize := tracer.CountChecks(recorder,
		func(_ context.Context, subject, action, _ string) error {
			if subject != "owner" && action == "delete" {
				return errors.New("not authorized")
			}
			return nil
		},
		func(action, _ string) string { return action + " workspace" },
	)

	ctx, scope := tracer.Start(context.Background(), "clean up")
	for range 3 {
		_ = authorize(ctx, "member", "read", "workspace 1")
	}
	_ = authorize(ctx, "member", "delete", "workspace 1")

	counts := scope.End().Counts()
	fmt.Println(counts.RBAC, "checks,", counts.RBACUnique, "different")
	fmt.Println(counts.Checks)
	// Output:
	// 4 checks, 2 different
	// map[delete workspace:1 read workspace:3]
}

func ExampleStatementName() {
	fmt.Println(tracer.StatementName("-- name: GetOrder :one\nSELECT * FROM orders WHERE id = $1"))
	fmt.Println(tracer.StatementName("SELECT * FROM orders WHERE id IN (1, 2, 3) -- urgent"))
	// Output:
	// GetOrder
	// SELECT * FROM orders WHERE id IN (?)
}

func ExampleRecorder_Attach() {
	ctx := context.Background()
	config, err := pgxpool.ParseConfig("postgres://localhost/orders")
	if err != nil {
		fmt.Println(err)
		return
	}
	recorder := &tracer.Recorder{}
	recorder.Attach(config.ConnConfig)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()

	ctx, scope := tracer.Start(ctx, "rename")
	if _, err := pool.Exec(ctx, "UPDATE orders SET name = $1 WHERE id = $2", "new", 1); err != nil {
		fmt.Println(err)
	}
	fmt.Println(scope.End().Counts().SQL, "statement")
	for _, work := range recorder.Unattributed() {
		fmt.Println("without a scope:", work.Count, work.Name)
	}
}
