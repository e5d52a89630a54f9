//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

const (
	// startLimit bounds initdb and the start of the server. They take about half a second, more
	// under heavy load.
	startLimit = 60 * time.Second

	// pollInterval is how often a starting server is asked whether it is ready. A start
	// takes about 25 ms.
	pollInterval = 3 * time.Millisecond

	// removeLimit bounds the removal of a folder in which a killed process may still be ending.
	removeLimit = 5 * time.Second

	// socketPort is part of the name of a socket.
	socketPort = 5432

	shownLines = 5 // of the end of a log; initdb adds four to the cause of a crash
)

// A cluster is a temporary server and its folder:
//
//	log     output of the server and initdb
//	data    the data folder with the socket; only the server's user can enter it
//
// Folder and log belong to the user of this process even if the server runs as another user.
type cluster struct {
	programs programs
	folder   *tempfolder.Folder
	config   *pgxpool.Config // how to connect, on its socket
	server   <-chan ending   // has its end; nil until started
	quit     func()          // makes the server quit
}

func data(folder *tempfolder.Folder) string { return folder.File("data") }

// startCluster makes a cluster in base and returns when it accepts connections.
// On error it leaves nothing behind.
func startCluster(ctx context.Context, p programs, base string, settings []string) (*cluster, error) {
	c, err := newCluster(p, base)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err = c.initialize(ctx); err == nil {
		err = c.start(ctx, settings)
	}
	if err != nil {
		return nil, redact.Also(err, c.stop())
	}
	return c, nil
}

// newCluster makes the empty folder of a cluster in base.
func newCluster(p programs, base string) (*cluster, error) {
	folder, err := tempfolder.New(base, "pg")
	if err != nil {
		return nil, fmt.Errorf("%w; set TMPDIR to another folder", err)
	}
	c := &cluster{programs: p, folder: folder}
	_, socket := pgconn.NetworkAddress(data(folder), socketPort)
	if err = admit(p.account, folder); err != nil {
		err = fmt.Errorf("make a data folder%s: %w", p.account.as, err)
	} else if len(socket) >= len(syscall.RawSockaddrUnix{}.Path) {
		err = errors.New("the path of the temporary folder is too long for a socket; set TMPDIR to a shorter one")
	} else {
		c.config, err = Config(data(folder), socketPort, "")
	}
	if err != nil {
		return nil, redact.Also(err, c.stop())
	}
	return c, nil
}

// admit makes the data folder and lets account enter it.
func admit(account account, folder *tempfolder.Folder) error {
	if err := os.Mkdir(data(folder), 0o700); err != nil || account.credential == nil {
		return err
	}
	if err := os.Chmod(folder.Path, 0o711); err != nil {
		return err
	}
	if err := os.Chown(data(folder), int(account.credential.Uid), int(account.credential.Gid)); err != nil {
		return err
	}
	// Without CAP_DAC_OVERRIDE root can neither connect nor later remove the files.
	_, err := os.ReadDir(data(folder))
	return err
}

// initialize fills the data folder. The socket needs no password, because whoever can reach
// it could also read the files.
func (c *cluster) initialize(ctx context.Context) error {
	initdb, err := c.initdb(ctx)
	if err == nil && (<-initdb).err != nil {
		err = c.failed(ctx, "initdb")
	}
	return err
}

func (c *cluster) initdb(ctx context.Context) (<-chan ending, error) {
	cmd := c.programs.account.command(ctx, data(c.folder), c.programs.initdb,
		"-D", data(c.folder), "-U", Superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-clean")
	// If this process is killed, initdb stops only after its current step. Nobody must remove
	// the folder before, or the shared memory of the step would remain. initdb itself would remove
	// it after a crash: --no-clean leaves that to stop.
	c.folder.HeldBy(cmd)
	return c.run(cmd)
}

// start starts the server without pg_ctl, which polls only ten times a second, and waits until it
// accepts connections.
func (c *cluster) start(ctx context.Context, settings []string) error {
	sockets := `"` + strings.ReplaceAll(data(c.folder), `"`, `""`) + `"` // a list
	args := []string{"-D", data(c.folder), "-p", strconv.Itoa(socketPort), "-k", sockets, "-c", "listen_addresses=",
		"-c", "log_line_prefix=%q[%p] "} // only sessions: a start that fails twice says the same twice
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	running, quit := context.WithCancel(context.Background())
	server, err := c.run(c.programs.account.command(running, data(c.folder), c.programs.postgres, args...))
	if err != nil {
		quit()
		return err
	}
	c.server, c.quit = server, quit
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		conn, err := pgx.ConnectConfig(ctx, c.config.ConnConfig)
		if err == nil {
			_ = conn.Close(ctx)
			return nil
		}
		if ctx.Err() == nil && !transient(err) {
			return fmt.Errorf("connect to the server just started: %w", redact.Redactor(nil).Error(err))
		}
		select {
		case <-c.server:
			return c.failed(ctx, "the server")
		case <-ctx.Done():
			return c.failed(ctx, "the server")
		case <-tick.C:
		}
	}
}

// run starts a program that writes to the log of the cluster. It begins the log again, so that an
// error quotes only the program that failed.
func (c *cluster) run(cmd *exec.Cmd) (<-chan ending, error) {
	log, err := os.OpenFile(c.folder.File("log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	ended, err := start(cmd)
	if err != nil {
		return nil, fmt.Errorf("cannot start PostgreSQL%s: %w", c.programs.account.as, err)
	}
	return ended, nil
}

// transient reports whether err may disappear while a server starts.
func transient(err error) bool {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code == "57P03" // it is starting up
	}
	return !errors.Is(err, fs.ErrPermission)
}

// failed returns an error with the reason and the last lines of the log.
func (c *cluster) failed(ctx context.Context, program string) error {
	how := "failed"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		how = "took longer than " + startLimit.String()
	}
	text, _ := os.ReadFile(c.folder.File("log"))
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(redact.Printable(line)); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) > 0 {
		how += ": " + strings.Join(lines[max(0, len(lines)-shownLines):], " | ")
	}
	return fmt.Errorf("%s %s", program, how)
}

// stop ends the server and removes the folder.
func (c *cluster) stop() error {
	if c.server != nil {
		c.quit()
		select {
		case <-c.server:
		case <-time.After(2 * quitLimit): // it waits for a disk
			return errors.New("the server is still running after SIGKILL")
		}
	}
	return remove(c.folder)
}

// remove removes a folder and, first, the shared memory of a killed server, which only
// files in the folder identify. The children of a killed server end a little later, and may
// still be writing a file.
func remove(folder *tempfolder.Folder) error {
	for deadline := time.Now().Add(removeLimit); ; time.Sleep(25 * time.Millisecond) {
		err := removeMemory(data(folder))
		if err == nil {
			err = folder.Remove()
		}
		if err == nil {
			return nil
		}
		if errors.Is(err, fs.ErrPermission) || time.Now().After(deadline) {
			folder.Release()
			return err
		}
	}
}
