package agentauth

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A spy stands between a Layer and what it works with, and notes each statement
// and check. It can make the next one fail.
type spy struct {
	pool   *pgxpool.Pool
	engine *Engine

	statements, checks []string

	failStatement, failCheck error

	// Each is called with the number of the statement or check, from 1 on since noted
	// was called, and can make it fail: before it, or while the answer is read.
	before, during, beforeCheck func(k int) error
}

func spyOn(t *testing.T, pool *pgxpool.Pool, rule JobRule) (*spy, *Layer) {
	t.Helper()
	s := &spy{pool: pool, engine: testEngine(t)}
	return s, NewLayer(Queries{s}, s, rule)
}

func (s *spy) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	s.statements = append(s.statements, tracer.StatementName(sql))
	if err := s.failStatement; err != nil {
		s.failStatement = nil
		return nil, err
	}
	if err := call(s.before, len(s.statements)); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return endedRows{rows, call(s.during, len(s.statements))}, nil
}

func (s *spy) Authorize(ctx context.Context, subject Subject, action string, object Object) error {
	s.checks = append(s.checks, CheckLabel(action, object))
	if err := s.failCheck; err != nil {
		s.failCheck = nil
		return err
	}
	if err := call(s.beforeCheck, len(s.checks)); err != nil {
		return err
	}
	return s.engine.Authorize(ctx, subject, action, object)
}

// noted returns what was noted since the last call.
func (s *spy) noted() (statements, checks []string) {
	statements, checks = s.statements, s.checks
	s.statements, s.checks = nil, nil
	return statements, checks
}

func call(hook func(int) error, k int) error {
	if hook == nil {
		return nil
	}
	return hook(k)
}

// at returns a hook that does do for number k only.
func at(k int, do func() error) func(int) error {
	return func(i int) error {
		if i != k {
			return nil
		}
		return do()
	}
}

// endedRows all arrive, and then the error if there is one, as if the connection were
// lost.
type endedRows struct {
	pgx.Rows
	err error
}

func (r endedRows) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.Rows.Err()
}
