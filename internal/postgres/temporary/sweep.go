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

// answerLimit bounds the question whether a server runs in a folder.
const answerLimit = 2 * time.Second

// Abandoned returns the names of the temporary folders that killed processes left, of servers
// and others, also in the folder another.
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

// Sweep removes them, and stops what may still run in them. What it cannot remove, and why,
// is the error: the next sweep may.
func Sweep(ctx context.Context, another string) error {
	var errs []error
	for _, base := range allBases(another) {
		errs = append(errs, sweep(ctx, base))
	}
	return errors.Join(errs...)
}

// sweep is Sweep of one base.
func sweep(ctx context.Context, base string) error {
	var errs []error
	for _, left := range tempfolder.Abandoned(base) {
		f := &folder{left}
		err := errors.New("its server does not stop")
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

// stopOrphan stops the server that may still run in the data folder of a killed
// process, and reports whether there is none any more. Most systems cannot make
// a server die with the process that started it.
//
// A server that answers on the socket in that folder is the one of that
// folder, for nobody else can enter it, and its pid file is valid. Without an
// answer the number in the file may by now be that of any other process.
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

// answers reports whether there is a server on the socket in data, be it one that
// refuses the connection.
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
