package agentauth

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A spy sits between a Layer and its queries and authorizer, and records each statement
// and check.
type spy struct {
	pool       *pgxpool.Pool
	authorizer Authorizer

	statements, checks []string
}

func spyOn(t *testing.T, pool *pgxpool.Pool, rule JobRule) (*spy, *Layer) {
	t.Helper()
	s := &spy{pool: pool, authorizer: testAuthorizer(t)}
	return s, &Layer{store: Queries{s}, authorize: s.authorize, jobRule: rule}
}

func (s *spy) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	s.statements = append(s.statements, tracer.StatementName(sql))
	return s.pool.Query(ctx, sql, args...)
}

func (s *spy) authorize(ctx context.Context, subject Subject, action string, object Object) error {
	s.checks = append(s.checks, CheckLabel(action, object))
	return s.authorizer(ctx, subject, action, object)
}
