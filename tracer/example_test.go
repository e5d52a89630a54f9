package tracer_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A check inside a loop repeats the same question.
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

func ExampleCountDecisions() {
	recorder := &tracer.Recorder{}
	may := tracer.CountDecisions(recorder,
		func(_ context.Context, subject, action string, _ int) (bool, error) {
			return subject == "owner" || action == "read", nil
		},
		func(action string, _ int) string { return action + " order" },
	)

	ctx, scope := tracer.Start(context.Background(), "cancel")
	for order := range 3 {
		if allowed, err := may(ctx, "member", "cancel", order); err != nil || !allowed {
			fmt.Println("not order", order)
		}
	}
	fmt.Println(scope.End().Counts().Checks)
	// Output:
	// not order 0
	// not order 1
	// not order 2
	// map[cancel order:3]
}

// An authorization layer with its own interface.
func ExampleRecorder_Check() {
	recorder := &tracer.Recorder{}
	enforce := func(_ context.Context, user string, order int) bool { return user == "alice" && order == 7 }

	read := func(ctx context.Context, user string, order int) bool {
		ctx, end := recorder.Check(ctx, "read order", user, "read", order)
		allowed := enforce(ctx, user, order)
		end(allowed)
		return allowed
	}

	ctx, scope := tracer.Start(context.Background(), "show")
	fmt.Println(read(ctx, "alice", 7), read(ctx, "alice", 8), read(ctx, "alice", 7))
	recording := scope.End()
	for i, repeat := range recording.Repeats() {
		fmt.Println(recording.Events[i].Name, recording.Events[i].Outcome, repeat == tracer.Repeated)
	}
	// Output:
	// true false true
	// read order done false
	// read order failed false
	// read order done true
}

// Totals alone cost little enough for every request.
func ExampleCount() {
	recorder := &tracer.Recorder{} // attached to the pool, in a program that has one

	ctx, counter := tracer.Count(context.Background())
	for order := range 3 {
		_, end := recorder.Check(ctx, "read order", "alice", "read", order)
		end(true)
	}
	fmt.Println(counter.Totals().SQL, "statements,", counter.Totals().RBAC, "checks")
	// Output: 0 statements, 3 checks
}

func ExampleStatementName() {
	fmt.Println(tracer.StatementName("-- name: GetOrder :one\nSELECT * FROM orders WHERE id = $1"))
	fmt.Println(tracer.StatementName("SELECT * FROM orders WHERE id IN (1, 2, 3) -- urgent"))
	// Output:
	// GetOrder
	// SELECT * FROM orders WHERE id = ?
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
