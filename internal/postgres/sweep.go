//go:build linux || darwin

package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// answerLimit bounds the question whether a server runs in a folder.
const answerLimit = 2 * time.Second

// sweep removes the folders in base that killed processes left. What it cannot
// remove, and why, is the error: the next sweep may.
func sweep(ctx context.Context, base string) error {
	var errs []error
	for _, f := range abandoned(base) {
		err := stopped(ctx, f)
		if err == nil {
			err = f.remove()
		} else {
			f.release()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.owner(), err))
		}
	}
	return errors.Join(errs...)
}

// abandoned returns the folders in base that killed processes left. The caller
// removes or releases them.
func abandoned(base string) []*folder {
	var found []*folder
	paths, _ := filepath.Glob(filepath.Join(escapeGlob(base), folderPrefix+"*"))
	for _, path := range paths {
		if f, ok := adopt(path); ok {
			found = append(found, f)
		}
	}
	return found
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
	f, err := os.Open(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	line, err := bufio.NewReader(f).ReadString('\n')
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err == nil && pid <= 1 {
		err = errors.New("not the number of a server") // as an argument of kill it would mean many
	}
	return pid, err
}
