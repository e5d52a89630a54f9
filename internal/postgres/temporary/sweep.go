//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// answerLimit bounds the connection attempt to a server in a folder.
const answerLimit = 2 * time.Second

// Abandoned returns the names of the temporary folders that killed processes left in the
// usual places and in the folder another.
func Abandoned(another string) []string {
	var names []string
	for _, base := range allBases(another) {
		for _, f := range tempfolder.Abandoned(base) {
			names = append(names, f.Name())
			f.Release()
		}
	}
	return names
}

// Sweep removes these folders and stops the servers in them. Its error says what remains and
// why; a later call may succeed.
func Sweep(ctx context.Context, another string) error {
	var errs []error
	for _, base := range allBases(another) {
		errs = append(errs, sweep(ctx, base))
	}
	return errors.Join(errs...)
}

func sweep(ctx context.Context, base string) error {
	var errs []error
	for _, left := range tempfolder.Abandoned(base) {
		f := &folder{left}
		err := errors.New("the server in it does not stop")
		if stopOrphan(ctx, f.data()) {
			err = f.remove()
		} else {
			f.Release()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.Name(), err))
		}
	}
	return errors.Join(errs...)
}

// stopOrphan stops the server of a killed process in the folder data, and reports whether none
// runs any more. Most systems cannot make a server die with the process that started it.
//
// Only the server of this folder can answer on the socket in it, and then the pid file is
// valid. Without an answer the process ID may belong to any other process.
func stopOrphan(ctx context.Context, data string) bool {
	if !answers(ctx, data) {
		return true
	}
	pid, err := postmaster(data)
	if err != nil || syscall.Kill(pid, syscall.SIGQUIT) != nil {
		return false
	}
	deadline := time.Now().Add(quitLimit)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || !answers(ctx, data) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// answers reports whether a server answers on the socket in data, even with an error.
func answers(ctx context.Context, data string) bool {
	config, err := socketConfig(data)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		var pgErr *pgconn.PgError
		return errors.As(err, &pgErr)
	}
	_ = conn.Close(ctx)
	return true
}
