//go:build linux || darwin

package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

const (
	// startLimit bounds initdb and the start of the server together. They take
	// about half a second; this is for a machine under heavy load.
	startLimit = 60 * time.Second

	// pollInterval is how often a starting server is asked whether it is ready.
	// It is after some 25 ms, and asking costs next to nothing.
	pollInterval = 3 * time.Millisecond
)

// A cluster is a temporary server and its folder.
type cluster struct {
	folder   *folder
	access   access
	settings []string        // of the server, as name=value
	socket   *pgxpool.Config // how to ask whether it is ready
	config   *pgxpool.Config // how to connect; the same without TCP
	redact   redactor
	server   *process // nil until started
}

// startCluster makes a cluster in base and returns when it accepts connections.
// On an error everything has been stopped and removed.
func startCluster(ctx context.Context, p programs, account account, base string, a access, settings []string) (_ *cluster, err error) {
	c, err := newCluster(account, base, a, settings)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = also(err, c.stop())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := c.initialize(ctx, p, account); err != nil {
		return nil, err
	}
	if err := c.start(ctx, p, account); err != nil {
		return nil, err
	}
	return c, nil
}

// newCluster makes the folder of a cluster in base, and nothing in it.
func newCluster(account account, base string, a access, settings []string) (_ *cluster, err error) {
	f, err := newFolder(base)
	if err != nil {
		return nil, err
	}
	c := &cluster{folder: f, access: a, settings: settings, redact: hiding(f.data(), a.listen, a.password)}
	defer func() {
		if err != nil {
			err = also(err, c.stop())
		}
	}()
	if err := f.admit(account); err != nil {
		return nil, fmt.Errorf("make a data folder%s: %w", account.as(), oserr.WithoutPath(err))
	}
	if len(socketPath(f.data(), a.longestPort())) > maxSocketPath {
		return nil, errors.New("the path of the temporary folder is too long for a socket")
	}
	if c.socket, err = socketConfig(f.data(), socketPort); err != nil {
		return nil, err
	}
	c.config = c.socket
	if a.tcp() {
		if c.config, err = tcpConfig(socketPort, a.password); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// initialize fills the data folder. On the socket it lets everybody in without
// a password: whoever can reach that could also read the files.
func (c *cluster) initialize(ctx context.Context, p programs, account account) error {
	if !c.access.tcp() {
		return c.initdb(ctx, p, account)
	}
	return c.folder.lend(c.access.password, account, func(path string) error {
		return c.initdb(ctx, p, account, "--auth-host="+passwordMethod, "--pwfile="+path)
	})
}

func (c *cluster) initdb(ctx context.Context, p programs, account account, more ...string) error {
	args := []string{"-D", c.folder.data(), "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}
	cmd := account.command(c.folder.data(), p.initdb, append(args, more...)...)
	// It gives up only after a step if this process is killed, and must not find its folder
	// swept by then: what it has started would leave shared memory.
	c.folder.HeldBy(cmd)
	initdb, err := c.run(cmd)
	if err != nil {
		return fmt.Errorf("initdb cannot be started%s: %w", account.as(), oserr.WithoutPath(err))
	}
	if err := initdb.wait(ctx); err != nil {
		return c.failed("initdb", err)
	}
	return nil
}

// start starts the server, on another port if somebody took the first.
func (c *cluster) start(ctx context.Context, p programs, account account) error {
	for range portTries {
		port, err := c.access.port()
		if err != nil {
			return err
		}
		c.socket.ConnConfig.Port, c.config.ConnConfig.Port = port, port
		if err := c.startOn(ctx, p, account, port); !errors.Is(err, errPortTaken) {
			return err
		}
		// It would be taken for what the next one says.
		if err := os.Truncate(c.folder.log(), 0); err != nil {
			return fmt.Errorf("empty the log of the server: %w", oserr.WithoutPath(err))
		}
	}
	return fmt.Errorf("%w, %d times in a row", errPortTaken, portTries)
}

// startOn starts the server itself, for pg_ctl would look for it ten times a
// second only.
func (c *cluster) startOn(ctx context.Context, p programs, account account, port uint16) error {
	args := []string{"-D", c.folder.data(), "-p", strconv.Itoa(int(port)), "-k", socketList(c.folder.data()),
		"-c", "listen_addresses=" + c.access.listen}
	for _, s := range c.settings {
		args = append(args, "-c", s)
	}
	server, err := c.run(account.command(c.folder.data(), p.postgres, args...))
	if err != nil {
		return fmt.Errorf("the server cannot be started%s: %w", account.as(), oserr.WithoutPath(err))
	}
	c.server = server
	return c.ready(ctx)
}

// run starts a program that writes to the log of the cluster.
func (c *cluster) run(cmd *exec.Cmd) (*process, error) {
	log, err := os.OpenFile(c.folder.log(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	return start(cmd)
}

// ready waits until the server accepts connections. It asks on the socket, where
// nobody else can answer; the server listens on its address before.
func (c *cluster) ready(ctx context.Context) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		conn, err := pgx.ConnectConfig(ctx, c.socket.ConnConfig)
		if err == nil {
			_ = conn.Close(ctx)
			return nil
		}
		if ctx.Err() == nil && !transient(err) {
			return fmt.Errorf("connect to the server just started: %s", reason(err))
		}
		select {
		case <-c.server.done:
			if portTaken(c.folder.log()) {
				return errPortTaken
			}
			return c.failed("the server", c.server.err)
		case <-ctx.Done():
			return c.failed("the server", ctx.Err())
		case <-tick.C:
		}
	}
}

// transient reports whether err may go away while a server starts.
func transient(err error) bool {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code == "57P03" // it is starting up
	}
	return !errors.Is(err, fs.ErrPermission)
}

// failed says how a program ended, and what it said last.
func (c *cluster) failed(program string, err error) error {
	how := "failed"
	if errors.Is(err, context.DeadlineExceeded) {
		how = "took longer than " + startLimit.String()
	}
	if last := lastLines(c.folder.log()); last != "" {
		how += ": " + c.redact.text(last)
	}
	return fmt.Errorf("%s %s", program, how)
}

// stop ends the server and removes the folder.
func (c *cluster) stop() error {
	if c.server != nil {
		if err := c.server.end(syscall.SIGQUIT, quitLimit); err != nil {
			c.folder.Release()
			return fmt.Errorf("stop the temporary server: %w", err)
		}
	}
	return c.folder.remove()
}
