package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const scratchPrefix = "fanout_bench_"

// scratchComment tells whoever finds a database what made it: a run that was
// killed can leave one on a server that is not ours.
const scratchComment = "Scratch database of fanout-bench. If its run was killed, fanout-bench doctor --clean drops it."

// scratchName returns a name that says whose the database is, and that nobody can
// guess, and so nobody can have taken before us to be given what we write.
func scratchName(of *lease) string {
	random := make([]byte, 16)
	rand.Read(random) // never fails
	return scratchPrefix + of.String() + "_" + hex.EncodeToString(random)
}

// make runs the statement that create returns for a new name, and returns the
// configuration of the database it made.
func (s *Server) make(ctx context.Context, create func(name string) string) (*pgxpool.Config, error) {
	if ctx.Err() != nil {
		return nil, s.failure(ctx, "create a scratch database", ctx.Err())
	}
	name := scratchName(&s.lease)
	s.mu.Lock()
	s.made[name] = struct{}{} // first, so that Close also finds it if the answer is lost
	s.mu.Unlock()

	// Canceling the statement half way would leave open whether the database
	// comes to exist, and Close could look for it before it does.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementLimit)
	defer cancel()
	if _, err := s.admin.Exec(limited, create(name)); err != nil {
		err = s.failure(limited, "create a scratch database", err)
		return nil, also(err, s.discard(ctx, name))
	}
	if _, err := s.admin.Exec(limited, commentOn(name)); err != nil {
		err = s.failure(limited, "comment on a scratch database", err)
		return nil, also(err, s.discard(ctx, name))
	}
	return s.named(name), nil
}

// apply runs the statements of schema on the database of config.
func (s *Server) apply(ctx context.Context, config *pgxpool.Config, schema string) error {
	if strings.TrimSpace(schema) == "" {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig.Copy())
	if err != nil {
		return s.failure(ctx, "connect to a scratch database", err)
	}
	_, err = conn.PgConn().Exec(ctx, schema).ReadAll()
	if closeErr := conn.Close(context.WithoutCancel(ctx)); err == nil {
		err = closeErr
	}
	if err != nil {
		return s.failure(ctx, "apply the schema"+place(schema, err), err)
	}
	return nil
}

// place returns where in schema the server saw err, if it said so.
func place(schema string, err error) string {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Position < 1 {
		return ""
	}
	before := []rune(schema) // the server counts characters, from 1
	before = before[:min(int(pgErr.Position)-1, len(before))]
	return fmt.Sprintf(", line %d", 1+strings.Count(string(before), "\n"))
}

// remove drops the database name, which s made.
func (s *Server) remove(ctx context.Context, name string) error {
	_ = s.vacated(ctx, name, lookAgain) // dropping ends who is connected still
	if _, err := s.admin.Exec(ctx, drop(name)); err != nil {
		return s.failure(ctx, "drop scratch database "+name, err)
	}
	s.mu.Lock()
	delete(s.made, name)
	s.mu.Unlock()
	return nil
}

// discard removes a database that turned out to be of no use, even if that is
// because ctx ended.
func (s *Server) discard(ctx context.Context, name string) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementLimit)
	defer cancel()
	return s.remove(limited, name)
}

// failure says that step failed because of err, or because ctx ended first.
func (s *Server) failure(ctx context.Context, step string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", step, context.Cause(ctx))
	}
	return fmt.Errorf("%s: %w", step, s.redact.error(err))
}
