//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// answerLimit bounds the connection attempt to a server in a folder.
const answerLimit = 2 * time.Second

// abandoned returns the temporary folders that killed processes left in the usual places and in
// the folder another. The caller removes or releases them.
func abandoned(another string) []*tempfolder.Folder {
	var found []*tempfolder.Folder
	for _, base := range append(memoryFolders(), os.TempDir(), "/tmp", another) {
		found = append(found, tempfolder.Abandoned(base)...) // a folder that is found is not found again
	}
	return found
}

// Abandoned returns their names.
func Abandoned(another string) []string {
	var names []string
	for _, f := range abandoned(another) {
		names = append(names, f.Name())
		f.Release()
	}
	return names
}

// Sweep removes them and stops the servers in them. Its error says what remains and why; a
// later call may succeed.
func Sweep(ctx context.Context, another string) error { return sweep(ctx, abandoned(another)) }

func sweep(ctx context.Context, folders []*tempfolder.Folder) error {
	var errs []error
	for _, f := range folders {
		err := errors.New("the server in it does not stop")
		if stopOrphan(ctx, data(f)) {
			err = remove(f)
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
		return ctx.Err() == nil
	}
	pid, err := postmaster(data)
	if err != nil || syscall.Kill(pid, syscall.SIGQUIT) != nil {
		return false
	}
	for deadline := time.Now().Add(quitLimit); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(pollInterval) {
		if !answers(ctx, data) {
			return ctx.Err() == nil
		}
	}
	return false
}

// answers reports whether a server answers on the socket in data, even with an error.
func answers(ctx context.Context, data string) bool {
	config, err := Config(data, socketPort, "")
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return errors.As(err, new(*pgconn.PgError))
	}
	_ = conn.Close(ctx)
	return true
}
