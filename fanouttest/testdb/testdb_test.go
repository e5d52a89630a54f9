package testdb_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// withoutMain makes the binary run without calling Main.
const withoutMain = "FANOUT_TEST_WITHOUT_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(withoutMain) != "" {
		os.Exit(m.Run())
	}
	os.Exit(testdb.Main(m))
}

var migrations atomic.Int32

var db = testdb.Template{Migrate: func(ctx context.Context, pool *pgxpool.Pool) error {
	migrations.Add(1)
	_, err := pool.Exec(ctx, "CREATE TABLE item (id int); INSERT INTO item VALUES (1)")
	return err
}}

// Each test has its own copy of the migrated database.
func TestPool(t *testing.T) {
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			pool := db.Pool(t, func(config *pgxpool.Config) { config.MaxConns = 1 })
			var n, size int
			if err := pool.QueryRow(t.Context(), "INSERT INTO item VALUES (2) RETURNING (SELECT count(*) FROM item)").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d items, %v; want the one of the template", n, err)
			}
			if size = int(pool.Config().MaxConns); size != 1 {
				t.Errorf("the pool has %d connections, want 1", size)
			}
		})
	}
	t.Run("once", func(t *testing.T) {
		db.Pool(t, nil)
		if n := migrations.Load(); n != 1 {
			t.Errorf("migrated %d times", n)
		}
	})
}

func TestEmptyTemplate(t *testing.T) {
	var empty testdb.Template
	if err := empty.Pool(t, nil).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// fatal is a test that may be ended.
type fatal struct {
	*testing.T
	said string
}

func (f *fatal) Fatalf(format string, args ...any) {
	f.said = format
	if len(args) > 0 {
		f.said += args[0].(error).Error()
	}
	panic(f)
}

func TestFailingMigration(t *testing.T) {
	broken := testdb.Template{Migrate: func(context.Context, *pgxpool.Pool) error { return errors.New("no such table") }}
	for range 2 {
		f := &fatal{T: t}
		func() {
			defer func() { _ = recover() }()
			broken.Pool(f, nil)
		}()
		if !strings.Contains(f.said, "make the template: %vno such table") {
			t.Errorf("it says %q", f.said)
		}
	}
}

// Other environments need their own process.
func TestEnvironment(t *testing.T) {
	nowhere := []string{"FANOUT_DB=embedded", "FANOUT_DATABASE_URL=", "FANOUT_MAVEN_URL=https://127.0.0.1:1", "FANOUT_CACHE_DIR=" + t.TempDir()}
	for name, c := range map[string]struct {
		environ []string
		says    string
		fails   bool
	}{
		"the one named is not there": {append(nowhere, "FANOUT_REQUIRE_DB="), "  - embedded: ", true},
		"a server in Docker":         {[]string{"FANOUT_DB=docker", "FANOUT_DATABASE_URL="}, "run the tests with 'fanout-bench run -- go test ./...' (or gate, or accept), which starts PostgreSQL in Docker, or set FANOUT_DATABASE_URL\n", true},
		"no server, and not needed":  {append(nowhere, "FANOUT_REQUIRE_DB=0"), "SKIP: TestEmptyTemplate", false},
		"no server, but required":    {append(nowhere, "FANOUT_REQUIRE_DB=1"), "use FANOUT_DB=embedded, which downloads", true},
		"baselines to write":         {append(nowhere, "FANOUT_REQUIRE_DB=0", "FANOUT_UPDATE=1"), "A baseline cannot be written without a server", true},
		"-fanout.update":             {append(nowhere, "FANOUT_REQUIRE_DB=0"), "A baseline cannot be written without a server", true},
		"to write or not":            {append(nowhere, "FANOUT_REQUIRE_DB=0", "FANOUT_UPDATE=maybe"), `FANOUT_UPDATE is "maybe"`, true},
		"neither 1 nor 0":            {append(nowhere, "FANOUT_REQUIRE_DB=maybe"), `FANOUT_REQUIRE_DB is "maybe"`, true},
		"nothing named":              {[]string{"FANOUT_DB=url", "FANOUT_DATABASE_URL="}, "needs a connection string: set FANOUT_DATABASE_URL\n", true},
		"no such kind of server":     {[]string{"FANOUT_DB=oracle", "FANOUT_DATABASE_URL="}, `unknown database mode "oracle", want one of auto, url`, true},
		"no Main":                    {[]string{withoutMain + "=1"}, "func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }", true},
	} {
		args := []string{"-test.run=^TestEmptyTemplate$", "-test.v"}
		if strings.HasPrefix(name, "-") {
			args = append(args, name)
		}
		command := exec.CommandContext(t.Context(), os.Args[0], args...)
		command.Env = append(os.Environ(), c.environ...)
		output, err := command.CombinedOutput()
		if (err != nil) != c.fails || !strings.Contains(string(output), c.says) {
			t.Errorf("%s: %v, it says %s", name, err, output)
		}
	}
}

// failsFor makes TestThatFails fail in its own process.
const failsFor = "FANOUT_TEST_FAILS_FOR"

func TestThatFails(t *testing.T) {
	why := os.Getenv(failsFor)
	if why == "" {
		t.Skip("it runs only in the process that TestDatabaseIsKept starts, where it must fail")
	}
	recorder := fanouttest.NewRecorder()
	pool := db.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig) })
	fanouttest.Check(t, fanouttest.Scenario{
		Recorder: recorder, Expect: fanouttest.Limits{tracer.SQL: fanouttest.AtMost(0)},
		Run: func(ctx context.Context, _ int) error {
			if why == "run" {
				return errors.New("no such item")
			}
			_, err := pool.Exec(ctx, "SELECT")
			return err
		},
	})
}

// On a given server the database of a failed test is kept, unless only counts failed.
func TestDatabaseIsKept(t *testing.T) {
	pool := db.Pool(t, nil)
	for _, why := range []string{"run", "counts"} {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestThatFails$", "-test.v")
		command.Env = append(os.Environ(), failsFor+"="+why, "FANOUT_DATABASE_URL="+pool.Config().ConnString())
		output, err := command.CombinedOutput()
		kept := regexp.MustCompile(`testdb: the database (\S+) is kept`).FindSubmatch(output)
		if err == nil || (kept != nil) != (why == "run") {
			t.Errorf("%s: %v, it says %s", why, err, output)
		}
		if kept != nil {
			if _, err := pool.Exec(t.Context(), "DROP DATABASE "+pgx.Identifier{string(kept[1])}.Sanitize()); err != nil {
				t.Error(err)
			}
		}
	}
}
