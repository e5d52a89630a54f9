//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"fmt"
	"io"
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

	shownLines = 5       // of the end of a log; initdb adds four to the cause of a crash
	readBytes  = 4 << 10 // more than shownLines of them
)

// A cluster is a temporary server and its folder.
type cluster struct {
	programs programs
	folder   *folder
	settings []string        // of the server, as name=value
	config   *pgxpool.Config // how to connect, on its socket
	server   *process        // nil until started
}

// startCluster makes a cluster in base and returns when it accepts connections.
// On error it leaves nothing behind.
func startCluster(ctx context.Context, p programs, base string, settings []string) (_ *cluster, err error) {
	c, err := newCluster(p, base, settings)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = redact.Also(err, c.stop())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := c.initialize(ctx); err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// newCluster makes the empty folder of a cluster in base.
func newCluster(p programs, base string, settings []string) (*cluster, error) {
	made, err := tempfolder.New(base, "pg")
	if err != nil {
		return nil, err
	}
	f := &folder{made}
	c := &cluster{programs: p, folder: f, settings: settings}
	if err = f.admit(p.account); err != nil {
		err = fmt.Errorf("make a data folder%s: %w", p.account.as(), err)
	} else if len(socketPath(f.data())) > maxSocketPath {
		err = errors.New("the path of the temporary folder is too long for a socket; set TMPDIR to a shorter one")
	} else {
		c.config, err = socketConfig(f.data())
	}
	if err != nil {
		return nil, redact.Also(err, c.stop())
	}
	return c, nil
}

// initialize fills the data folder. The socket needs no password, because whoever can reach
// it could also read the files.
func (c *cluster) initialize(ctx context.Context) error {
	initdb, err := c.initdb()
	if err != nil {
		return fmt.Errorf("cannot start initdb%s: %w", c.programs.account.as(), err)
	}
	if err := initdb.wait(ctx); err != nil {
		return c.failed("initdb", err)
	}
	return nil
}

func (c *cluster) initdb() (*process, error) {
	cmd := c.programs.account.command(c.folder.data(), c.programs.initdb,
		"-D", c.folder.data(), "-U", Superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-clean")
	// If this process is killed, initdb stops only after its current step. Nobody must remove
	// the folder before, or the shared memory of the step would remain. initdb itself would remove
	// it after a crash: --no-clean leaves that to stop.
	c.folder.HeldBy(cmd)
	return c.run(cmd)
}

// start starts the server without pg_ctl, which polls only ten times a second.
func (c *cluster) start(ctx context.Context) error {
	args := []string{"-D", c.folder.data(), "-p", strconv.Itoa(socketPort), "-k", socketList(c.folder.data()),
		"-c", "listen_addresses="}
	for _, s := range c.settings {
		args = append(args, "-c", s)
	}
	server, err := c.run(c.programs.account.command(c.folder.data(), c.programs.postgres, args...))
	if err != nil {
		return fmt.Errorf("cannot start the server%s: %w", c.programs.account.as(), err)
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

// ready waits until the server accepts connections.
func (c *cluster) ready(ctx context.Context) error {
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
		case <-c.server.done:
			return c.failed("the server", c.server.err)
		case <-ctx.Done():
			return c.failed("the server", ctx.Err())
		case <-tick.C:
		}
	}
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
func (c *cluster) failed(program string, err error) error {
	how := "failed"
	if errors.Is(err, context.DeadlineExceeded) {
		how = "took longer than " + startLimit.String()
	}
	if last := lastLines(c.folder.log()); last != "" {
		how += ": " + last
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

// lastLines returns the last lines of a log in one line, or "" if there is no log.
func lastLines(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > readBytes {
		_, _ = f.Seek(-readBytes, io.SeekEnd)
	}
	text, _ := io.ReadAll(io.LimitReader(f, readBytes))
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(redact.Printable(line)); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-shownLines):], " | ")
}
