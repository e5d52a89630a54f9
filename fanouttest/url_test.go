package fanouttest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// serviceEnv makes the test binary a service that only accepts a URL, its value.
const serviceEnv = "FANOUT_TEST_SERVICE"

// serveOrders answers each input line, "store 3" or "list 3", with one line.
func serveOrders(url string) int {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer pool.Close()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		what, number, _ := strings.Cut(in.Text(), " ")
		n, _ := strconv.Atoi(number)
		if what == "store" {
			_, err = pool.Exec(ctx, "INSERT INTO orders SELECT $1, generate_series(1, $1)", n)
		} else {
			err = listOrders(ctx, pool, n)
		}
		fmt.Println(err)
	}
	return 0
}

// listOrders reads n orders one by one.
func listOrders(ctx context.Context, pool *pgxpool.Pool, n int) error {
	for i := range n {
		if _, err := pool.Exec(ctx, "-- name: Order :one\nSELECT id FROM orders WHERE customer = $1 AND id = $2", n, i); err != nil {
			return err
		}
	}
	return nil
}

// orders returns the connection string of a database with orders.
func orders(t *testing.T) string {
	t.Helper()
	pool := db.Pool(t, nil)
	if _, err := pool.Exec(t.Context(), "CREATE TABLE orders (customer int, id int)"); err != nil {
		t.Fatal(err)
	}
	return pool.Config().ConnString()
}

// A service in another process counts like one in this process.
func TestCountingURLOfAnotherProcess(t *testing.T) {
	recorder := fanouttest.NewRecorder()
	program, err := os.Executable()
	must(t, err)
	service := exec.CommandContext(t.Context(), program)
	service.Env = append(os.Environ(), serviceEnv+"="+fanouttest.CountingURL(t, orders(t), recorder))
	in, err := service.StdinPipe()
	must(t, err)
	out, err := service.StdoutPipe()
	must(t, err)
	must(t, service.Start())
	answers := bufio.NewScanner(out)
	ask := func(what string) func(ctx context.Context, n int) error {
		return func(_ context.Context, n int) error {
			fmt.Fprintln(in, what, n)
			if !answers.Scan() {
				return errors.New("the service is gone")
			}
			if text := answers.Text(); text != "<nil>" {
				return errors.New(text)
			}
			return nil
		}
	}
	s := fanouttest.Scenario{
		Unit: "order", Recorder: recorder, Setup: ask("store"), Run: ask("list"),
		Expect: fanouttest.Limits{tracer.SQL: fanouttest.Linear(1).AtMost(8), tracer.RoundTrips: fanouttest.Linear(1).AtMost(8)},
	}
	expect(t, s, false, "SQL N", "counted over a URL, so call sites")
	s.Name, s.Expect = "constant", fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
	expect(t, s, true, "statement Order  1 → N")
	_ = in.Close()
	if err := service.Wait(); err != nil {
		t.Error(err)
	}
}

// A client in another language counts too, if it is installed.
func TestCountingURLOfPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Log("there is no psql, so that only clients in Go were tried")
		return
	}
	recorder := fanouttest.NewRecorder()
	url := fanouttest.CountingURL(t, orders(t), recorder)
	expect(t, fanouttest.Scenario{
		Recorder: recorder,
		Run: func(ctx context.Context, n int) error {
			client := exec.CommandContext(ctx, psql, "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", url)
			client.Stdin = strings.NewReader("BEGIN; SELECT 1; COMMIT;\n\\copy orders from pstdin\n" + strings.Repeat("1\t1\n", n) + "\\.\nTABLE orders;\n")
			output, err := client.CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, output)
			}
			return nil
		},
		Expect: fanouttest.Limits{tracer.SQL: fanouttest.Constant().AtMost(3), tracer.TxControl: fanouttest.Constant().AtMost(2)},
	}, false, "SQL 3")
}

// Work outside of Run is an error, and so is work whose test is unknown.
func TestCountingURLOutsideOfRun(t *testing.T) {
	recorder := fanouttest.NewRecorder()
	pool, err := pgxpool.New(t.Context(), fanouttest.CountingURL(t, orders(t), recorder))
	must(t, err)
	defer pool.Close()
	s := fanouttest.Scenario{
		Recorder: recorder, Expect: fanouttest.Limits{tracer.SQL: fanouttest.Linear(1)},
		// This context could be that of another process.
		Run: func(_ context.Context, n int) error { return listOrders(context.Background(), pool, n) },
	}
	expect(t, s, false)

	t.Run("afterwards", func(t *testing.T) {
		f := &fake{T: t, ends: true}
		s := s
		s.Name = "afterwards"
		fanouttest.Check(f, s)
		if err := listOrders(context.Background(), pool, 1); err != nil {
			t.Error(err)
		}
		f.end()
		if said := f.said.String(); !f.failed || !strings.Contains(said, "work went on after Run returned") || !strings.Contains(said, "Order ×1") {
			t.Errorf("failed: %v; it says %s", f.failed, said)
		}
	})
	t.Run("two at once", func(t *testing.T) {
		var (
			started sync.WaitGroup
			all     sync.WaitGroup
			once    [2]sync.Once
			fakes   [2]*fake
		)
		started.Add(2)
		for i := range fakes {
			fakes[i] = &fake{T: t, ends: true}
			s := s
			s.Name, s.Shared = fmt.Sprint("at once ", i), true
			s.Run = func(_ context.Context, n int) error {
				once[i].Do(started.Done)
				started.Wait() // until both are measured
				return listOrders(context.Background(), pool, n)
			}
			all.Go(func() { fanouttest.Check(fakes[i], s) })
		}
		all.Wait()
		for _, f := range fakes {
			f.end()
			if said := f.said.String(); !f.failed || !strings.Contains(said, "while several tests were measured") {
				t.Errorf("failed: %v; it says %s", f.failed, said)
			}
		}
	})
}

// The gate can be proved, because probes use the same URL.
func TestCountingURLWithProbes(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("FANOUT_OUT", folder)
	t.Setenv("FANOUT_PROVE", "1")
	recorder := fanouttest.NewRecorder()
	pool, err := pgxpool.New(t.Context(), fanouttest.CountingURL(t, orders(t), recorder))
	must(t, err)
	defer pool.Close()
	expect(t, fanouttest.Scenario{
		Recorder: recorder,
		Run:      func(_ context.Context, n int) error { return listOrders(context.Background(), pool, n) },
	}, false)
	for _, p := range probe.All() {
		text, err := os.ReadFile(only(t, filepath.Join(folder, p.Key())))
		if err != nil || !strings.Contains(string(text), probe.Name) {
			t.Errorf("with %v: %s, %v", p, text, err)
		}
	}
}

func TestInvalidCountingURL(t *testing.T) {
	for name, of := range map[string]func(f *fake){
		"no Recorder": func(f *fake) { fanouttest.CountingURL(f, "postgres://u@h/d", nil) },
		"no URL":      func(f *fake) { fanouttest.CountingURL(f, "postgres://u:sca/tiger@h/d", fanouttest.NewRecorder()) },
	} {
		f := &fake{T: t}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			of(f)
		}()
		<-ended
		if said := f.said.String(); !f.failed || !strings.Contains(said, "CountingURL") || strings.Contains(said, "tiger") {
			t.Errorf("%s: failed: %v; it says %s", name, f.failed, said)
		}
	}
}

// TestUncountedConnectionsBesideCountingURL checks that connections over the URL are counted ones, and
// that a pool beside it is not.
func TestUncountedConnectionsBesideCountingURL(t *testing.T) {
	pool := db.Pool(t, nil)
	recorder := fanouttest.NewRecorder()
	url, err := pgxpool.ParseConfig(fanouttest.CountingURL(t, pool.Config().ConnString(), recorder))
	must(t, err)
	replica := poolBy(t, byURL(t, pool))
	for _, forgets := range []bool{false, true} {
		s := fanouttest.Scenario{
			Name: fmt.Sprintf("%s forgets %t", t.Name(), forgets), Unit: "item", Recorder: recorder,
			Setup:  func(context.Context, int) error { return nil },
			Expect: fanouttest.Limits{tracer.SQL: fanouttest.Linear(1)},
			Run: func(ctx context.Context, n int) error {
				if forgets {
					return errors.Join(once(ctx, url.ConnConfig, n), ask(ctx, replica, 1))
				}
				return once(ctx, url.ConnConfig, n)
			},
		}
		if forgets {
			expect(t, s, true, "work that no Recorder counts", `application_name "replica"`)
		} else {
			expect(t, s, false)
		}
	}
}
