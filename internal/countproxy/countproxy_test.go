package countproxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// opened returns a proxy to a database, and its Recorder.
func opened(t *testing.T) (*Proxy, *tracer.Recorder) {
	t.Helper()
	r := &tracer.Recorder{}
	return openTo(t, r, pgtest.Pool(t, "").Config().ConnString()), r
}

func openTo(t *testing.T, r *tracer.Recorder, server string) *Proxy {
	t.Helper()
	p, err := Open(r, server)
	must.Succeed(t, err)
	t.Cleanup(p.Close)
	return p
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must.Succeed(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// connections returns the number of clients of p.
func (p *Proxy) connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open)
}

// measured returns what r counts of work.
func measured(t *testing.T, r *tracer.Recorder, work func()) tracer.Recording {
	t.Helper()
	_, scope := tracer.Start(t.Context(), t.Name())
	defer beside.Open(r, scope)()
	work()
	return scope.End()
}

func TestManyConnectionsAtOnce(t *testing.T) {
	p, r := opened(t)
	const clients, each = 50, 20
	recording := measured(t, r, func() {
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				conn, err := pgx.Connect(t.Context(), p.URL())
				if err != nil {
					t.Error(err)
					return
				}
				for i := range each {
					if err := conn.QueryRow(t.Context(), "SELECT $1::int", i).Scan(new(int)); err != nil {
						t.Error(err)
					}
				}
				_ = conn.Close(t.Context())
			})
		}
		all.Wait()
	})
	if got := recording.Counts(); got.SQL != clients*each || got.Prepare != clients || got.RoundTrips != clients*each || got.SQLUnique != each {
		t.Errorf("counts %+v", got)
	}
	await.Until(t, "the end of all connections", func() bool { return p.connections() == 0 })
	if err := r.Balance(); err != nil {
		t.Error(err)
	}
}

// Close ends all connections and goroutines.
func TestCloseEndsEverything(t *testing.T) {
	server := pgtest.Pool(t, "").Config().ConnString()
	before := runtime.NumGoroutine()
	r := &tracer.Recorder{}
	p, err := Open(r, server)
	must.Succeed(t, err)
	address := p.listener.Addr().String()
	var open []net.Conn
	for _, sent := range []string{"", "\x00", "\x00\x00\x00\x08", "\x00\x00\x00\x08\x04\xd2\x16\x2f", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00"} {
		conn, err := net.Dial("tcp", address)
		must.Succeed(t, err)
		if _, err := conn.Write([]byte(sent)); err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	idle, err := pgx.Connect(t.Context(), p.URL())
	must.Succeed(t, err)
	busy, err := pgconn.Connect(t.Context(), p.URL())
	must.Succeed(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := busy.Exec(context.Background(), "SELECT pg_sleep(60)").ReadAll()
		ended <- err
	}()
	await.Until(t, "the statement", func() bool { return len(r.Unattributed()) > 0 })
	p.Close()
	if err := <-ended; err == nil {
		t.Error("a statement that was under way has ended well")
	}
	if err := idle.Ping(t.Context()); err == nil {
		t.Error("an idle connection is still open")
	}
	for _, conn := range open {
		_ = conn.Close()
	}
	_ = idle.Close(t.Context())
	<-busy.CleanupDone()
	await.Until(t, "the end of all goroutines", func() bool { return runtime.NumGoroutine() <= before })
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("it still listens")
	}
	p.Close()
}

// Clients may disconnect at any time.
func TestClientsThatDisconnect(t *testing.T) {
	p, r := opened(t)
	whole, err := (&pgproto3.Parse{Name: "a", Query: "SELECT 1"}).Encode(nil)
	must.Succeed(t, err)
	for n := range len(whole) {
		conn, err := pgconn.Connect(t.Context(), p.URL())
		must.Succeed(t, err)
		client, err := conn.Hijack()
		must.Succeed(t, err)
		if _, err := client.Conn.Write(whole[:n]); err != nil {
			t.Error(err)
		}
		_ = client.Conn.Close()
	}
	await.Until(t, "the end of all connections", func() bool { return p.connections() == 0 })
	if err := r.Balance(); err != nil {
		t.Error(err)
	}
	if got := r.Unattributed(); len(got) > 0 {
		t.Errorf("unattributed %v", got)
	}
}

// Messages that no server accepts are not passed on, because they would not be counted.
func TestHostileClients(t *testing.T) {
	p, _ := opened(t)
	for name, sent := range map[string]string{
		"unknown type":   "\x01\x00\x00\x00\x04",
		"short length":   "Q\x00\x00\x00\x03",
		"long statement": "Q\x3f\xff\xff\xff",
		"very long data": "d\xff\xff\xff\xff",
		"no end":         "Q\x00\x00\x00\x05x",
		"half a Bind":    "B\x00\x00\x00\x06\x00\x00",
		"no Describe":    "D\x00\x00\x00\x04",
	} {
		conn, err := pgconn.Connect(t.Context(), p.URL())
		must.Succeed(t, err)
		client, err := conn.Hijack()
		must.Succeed(t, err)
		if _, err := client.Conn.Write([]byte(sent)); err != nil {
			t.Error(err)
		}
		m, err := client.Frontend.Receive()
		if e, ok := m.(*pgproto3.ErrorResponse); err != nil || !ok || e.Severity != "FATAL" || !strings.Contains(e.Message, "counting URL") {
			t.Errorf("%s: answer %#v, %v; want the end", name, m, err)
		}
		if _, err := client.Frontend.Receive(); err == nil {
			t.Errorf("%s: the connection is still open", name)
		}
		_ = client.Conn.Close()
	}
	await.Until(t, "the end of all connections", func() bool { return p.connections() == 0 })
}

// The server trusts everybody, and each user of the machine can reach the proxy.
func TestPassword(t *testing.T) {
	p, _ := opened(t)
	for _, password := range []string{"", "x", strings.Repeat("x", 2<<20), p.password + "x"} {
		config := p.config.Copy()
		config.Password = password
		_, err := pgx.ConnectConfig(t.Context(), config)
		var refused *pgconn.PgError
		// The connection is closed before all of a long password has arrived, so the reason may be lost.
		if err == nil || len(password) < 1<<20 && (!errors.As(err, &refused) || refused.Code != "28P01") {
			t.Errorf("%.5s: error %v, want a refusal", password, err)
		}
	}
}

// A cancel request goes to the server of its connection and is not counted.
func TestCancel(t *testing.T) {
	p, r := opened(t)
	conn, err := pgconn.Connect(t.Context(), p.URL())
	must.Succeed(t, err)
	defer conn.Close(context.Background())
	recording := measured(t, r, func() {
		ended := make(chan error, 1)
		go func() {
			_, err := conn.Exec(t.Context(), "SELECT pg_sleep(60)").ReadAll()
			ended <- err
		}()
		beside := pgtest.Pool(t, "")
		await.Until(t, "the statement", func() (asleep bool) {
			const sql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep')"
			if err := beside.QueryRow(t.Context(), sql, int(conn.PID())).Scan(&asleep); err != nil {
				t.Error(err)
			}
			return asleep
		})
		if err := conn.CancelRequest(t.Context()); err != nil {
			t.Error(err)
		}
		var pgErr *pgconn.PgError
		if err := <-ended; !errors.As(err, &pgErr) || pgErr.Code != "57014" {
			t.Errorf("error %v, want that of a statement that was canceled", err)
		}
	})
	if got := recording.Counts(); got.SQL != 1 || got.RoundTrips != 1 {
		t.Errorf("counts %+v, want 1 statement, 1 round trip", got)
	}
	// A cancel request with an unknown key is dropped.
	client, err := net.Dial("tcp", p.listener.Addr().String())
	must.Succeed(t, err)
	defer client.Close()
	request, _ := (&pgproto3.CancelRequest{ProcessID: 1, SecretKey: []byte("none")}).Encode(nil)
	if _, err := client.Write(request); err != nil {
		t.Fatal(err)
	}
	if n, err := client.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes in answer to a wrong request to cancel", n)
	}
}

// The server does not exist, or disappears.
func TestServersThatDisconnect(t *testing.T) {
	p := openTo(t, &tracer.Recorder{}, "postgres://somebody:secret-word@127.0.0.1:1/db?sslmode=disable")
	_, err := pgx.Connect(t.Context(), p.URL())
	if err == nil || !strings.Contains(err.Error(), "cannot reach its server") || strings.Contains(err.Error(), "secret-word") {
		t.Errorf("no server: %v", err)
	}
	for _, c := range []struct {
		name string
		says []byte // before it goes
		sql  int
	}{
		{"between two statements", encoded(t, &pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P01"}), 0},
		{"without a word", nil, 1}, // it may have done it
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &tracer.Recorder{}
			address := serve(t, func(conn net.Conn, server *pgproto3.Backend) {
				if _, err := server.Receive(); err != nil {
					t.Error(err)
				}
				_, _ = conn.Write(c.says)
			})
			conn := connect(t, openTo(t, r, "postgres://somebody@"+address+"/db?sslmode=disable").URL())
			recording := measured(t, r, func() {
				if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
					t.Error("no error")
				}
				await.Until(t, "the end of the connection", func() bool { return r.Balance() == nil && conn.IsClosed() })
			})
			if got := recording.Counts().SQL; got != c.sql {
				t.Errorf("%d statements, want %d", got, c.sql)
			}
		})
	}
}

type encoder interface{ Encode([]byte) ([]byte, error) }

func encoded(t testing.TB, messages ...encoder) (b []byte) {
	t.Helper()
	for _, m := range messages {
		var err error
		if b, err = m.Encode(b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// listen is a server that calls one with each client, one after the other.
func listen(t *testing.T, one func(conn net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must.Succeed(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			one(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	return listener.Addr().String()
}

// serve is a server that accepts a client and then calls then.
func serve(t *testing.T, then func(conn net.Conn, server *pgproto3.Backend)) (address string) {
	t.Helper()
	return listen(t, func(conn net.Conn) {
		server := pgproto3.NewBackend(conn, conn)
		if _, err := server.ReceiveStartupMessage(); err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Write(encoded(t, &pgproto3.AuthenticationOk{}, &pgproto3.ReadyForQuery{TxStatus: 'I'}))
		then(conn, server)
	})
}

// Large answers and copies pass through without being kept.
func TestLargeData(t *testing.T) {
	p, r := opened(t)
	conn := connect(t, p.URL())
	var before, after runtime.MemStats
	recording := measured(t, r, func() {
		runtime.ReadMemStats(&before)
		n, err := conn.PgConn().CopyTo(t.Context(), io.Discard, "COPY (SELECT repeat('x', 100000) FROM generate_series(1, 1000)) TO STDOUT")
		if err != nil || n.RowsAffected() != 1000 {
			t.Errorf("%v, %v", n, err)
		}
		if _, err := conn.Exec(t.Context(), "CREATE TEMP TABLE blob (b text)"); err != nil {
			t.Error(err)
		}
		rows := strings.NewReader(strings.Repeat(strings.Repeat("y", 100_000)+"\n", 200))
		if _, err := conn.PgConn().CopyFrom(t.Context(), rows, "COPY blob FROM STDIN"); err != nil {
			t.Error(err)
		}
		runtime.ReadMemStats(&after)
	})
	if got := recording.Counts().SQL; got != 3 {
		t.Errorf("%d statements, want 3", got)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 100<<20 {
		t.Errorf("%d bytes allocated for 120 MB that pass through", grown)
	}
	var text string
	if err := conn.QueryRow(t.Context(), "SELECT $1::text || ''", strings.Repeat("z", 5<<20)).Scan(&text); err != nil || len(text) != 5<<20 {
		t.Errorf("a large argument: %d bytes back, %v", len(text), err)
	}
}

// BenchmarkStatement measures the cost of the two hops.
func BenchmarkStatement(b *testing.B) {
	server := pgtest.Pool(b, "").Config().ConnString()
	p, err := Open(&tracer.Recorder{}, server)
	must.Succeed(b, err)
	defer p.Close()
	for name, url := range map[string]string{"direct": server, "proxy": p.URL()} {
		for rows := 1; rows <= 1000; rows *= 1000 {
			b.Run(fmt.Sprintf("%s/rows=%d", name, rows), func(b *testing.B) {
				conn, err := pgx.Connect(b.Context(), url)
				must.Succeed(b, err)
				defer conn.Close(context.Background())
				for b.Loop() {
					if _, err := conn.Exec(b.Context(), "SELECT generate_series(1, $1::int)", rows); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
