//go:build linux || darwin

package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// answerLimit bounds the question whether a server runs in a folder.
const answerLimit = 2 * time.Second

// sweep removes the folders in base that killed processes left, of servers and others. What
// it cannot remove, and why, is the error: the next sweep may.
func sweep(ctx context.Context, base string) error {
	var errs []error
	for _, left := range tempfolder.Abandoned(base) {
		f := &folder{left}
		err := stopped(ctx, f)
		if err == nil {
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

// stopped stops what a killed process may have left running for f.
func stopped(ctx context.Context, f *folder) error {
	if !stopOrphan(ctx, f.data()) {
		return errors.New("its server does not stop")
	}
	return nil
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

// answers reports whether there is a server on a socket in data.
func answers(ctx context.Context, data string) bool {
	return slices.ContainsFunc(socketPorts(data), func(port uint16) bool { return answersOn(ctx, data, port) })
}

// answersOn reports whether there is a server on one socket, be it one that
// refuses the connection.
func answersOn(ctx context.Context, data string, port uint16) bool {
	config, err := socketConfig(data, port)
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

// postmaster returns the process that the pid file in data names.
func postmaster(data string) (int, error) {
	lines, err := pidFile(data)
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err == nil && pid <= 1 {
		err = errors.New("not the number of a server") // as an argument of kill it would mean many
	}
	return pid, err
}

// pidFile returns the lines of the pid file in data, which are not cut off. The folder is
// that of the server's user, who can have put anything there.
func pidFile(data string) ([]string, error) {
	f, err := os.OpenFile(filepath.Join(data, "postmaster.pid"), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 8<<10))
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(string(text), "\n")
	if lines = lines[:len(lines)-1]; len(lines) == 0 {
		return nil, errors.New("it has no line")
	}
	return lines, nil
}
