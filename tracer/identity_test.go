package tracer_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fanout-bench/fanout-bench/tracer"
)

type (
	number int16
	label  string
	pair   struct{ a, b int }
	other  struct{ a, b int }
	node   struct{ Next *node }
)

// text is a Valuer that is otherwise a struct.
type text struct{ s string }

func (v text) Value() (driver.Value, error) { return v.s, nil }

type refusing struct{}

func (refusing) Value() (driver.Value, error) { return nil, errors.New("no") }

type panicking struct{}

func (panicking) Value() (driver.Value, error) { panic("no") }

// endless returns values that contain themselves, and panics if it is asked too often.
type endless struct{ asked int }

func (v *endless) Value() (driver.Value, error) {
	if v.asked++; v.asked > 1000 {
		return nil, errors.New("asked too often")
	}
	return []any{v}, nil
}

// identity returns the identity of a statement with args.
func identity(t testing.TB, sql string, args ...any) uint64 {
	t.Helper()
	var r tracer.Recorder
	return record(t, func(ctx context.Context) { query(ctx, tracer.HooksOf(&r), sql, args...) }).Events[0].Identity
}

var (
	noon    = time.Date(2024, 1, 2, 12, 0, 0, 5000, time.UTC)
	tallinn = time.FixedZone("", 2*60*60)
)

func TestSameIdentity(t *testing.T) {
	seven := 7
	pointer := &seven
	for _, c := range []struct {
		name string
		a, b []any
	}{
		{"int and int64", []any{7}, []any{int64(7)}},
		{"int and int32", []any{7}, []any{int32(7)}},
		{"int and int16", []any{7}, []any{int16(7)}},
		{"int and int8", []any{7}, []any{int8(7)}},
		{"int and uint", []any{7}, []any{uint(7)}},
		{"int and uint64", []any{7}, []any{uint64(7)}},
		{"int and uint8", []any{7}, []any{uint8(7)}},
		{"negative int", []any{-7}, []any{int8(-7)}},
		{"int and pointer", []any{7}, []any{&seven}},
		{"int and pointer to pointer", []any{7}, []any{&pointer}},
		{"int and named", []any{7}, []any{number(7)}},
		{"nil and nil pointer", []any{nil}, []any{(*int)(nil)}},
		{"nil and nil bytes", []any{nil}, []any{[]byte(nil)}},
		{"nil and nil slice", []any{nil}, []any{[]int(nil)}},
		{"nil and nil map", []any{nil}, []any{map[string]int(nil)}},
		{"nil and NULL", []any{nil}, []any{pgtype.Text{}}},
		{"nil and nil Valuer", []any{nil}, []any{(*pgtype.Text)(nil)}},
		{"string and named", []any{"a"}, []any{label("a")}},
		{"string and text", []any{"a"}, []any{pgtype.Text{String: "a", Valid: true}}},
		{"string and pointer to text", []any{"a"}, []any{&pgtype.Text{String: "a", Valid: true}}},
		{"string and Valuer", []any{"a"}, []any{text{"a"}}},
		{"int and int4", []any{7}, []any{pgtype.Int4{Int32: 7, Valid: true}}},
		{"bool and bool", []any{true}, []any{pgtype.Bool{Bool: true, Valid: true}}},
		{"float64", []any{0.5}, []any{float32(0.5)}},
		{"bytes and array", []any{[]byte{1, 2}}, []any{[2]byte{1, 2}}},
		{"time in zones", []any{noon}, []any{noon.In(tallinn)}},
		{"time and pointer", []any{noon}, []any{&noon}},
		{"time and timestamptz", []any{noon}, []any{pgtype.Timestamptz{Time: noon.In(tallinn), Valid: true}}},
		{"time with a monotonic clock", []any{time.Unix(0, 0)}, []any{time.Unix(0, 0).Round(0)}},
		{"slices", []any{[]int{1, 2}}, []any{[]int64{1, 2}}},
		{"slice of any", []any{[]int{1, 2}}, []any{[]any{int8(1), 2}}},
		{"slice of times", []any{[]time.Time{noon}}, []any{[]time.Time{noon.In(tallinn)}}},
		{"uuid", []any{[16]byte{1, 2}}, []any{[16]byte{1, 2}}},
		{"named arguments in any order", []any{pgx.NamedArgs{"a": 1, "b": "x", "c": nil}}, []any{pgx.NamedArgs{"c": nil, "b": "x", "a": int64(1)}}},
		{"struct", []any{pair{1, 2}}, []any{&pair{1, 2}}},
		{"network", []any{netip.MustParsePrefix("10.0.0.0/8")}, []any{netip.MustParsePrefix("10.0.0.0/8")}},
		{"text that writes itself", []any{level("a")}, []any{"a"}},
		{"address", []any{netip.MustParseAddr("::1")}, []any{netip.MustParseAddr("::1")}},
		{"mode", []any{pgx.QueryExecModeSimpleProtocol, 7}, []any{7}},
		{"result formats", []any{pgx.QueryResultFormats{1}, 7}, []any{7}},
		{"result formats by OID", []any{pgx.QueryResultFormatsByOID{23: 1}, 7}, []any{7}},
		{"several options", []any{pgx.QueryExecModeExec, pgx.QueryResultFormats{0}, pgx.QueryResultFormatsByOID{}, 7}, []any{7}},
		{"nothing but an option", []any{pgx.QueryExecModeExec}, nil},
		{"named arguments that are not named", []any{pgx.NamedArgs{"a": 1}}, []any{pgx.NamedArgs{"a": 1, "request": 2}}},
		{"named arguments after an option", []any{pgx.QueryExecModeExec, pgx.NamedArgs{"a": 1}}, []any{pgx.NamedArgs{"a": 1}}},
		{"rewriter", []any{rewriter{1}}, []any{&rewriter{1}}},
		{"no number", []any{math.NaN()}, []any{math.NaN()}},
		{"no pgtype number", []any{pgtype.Numeric{NaN: true, Valid: true}}, []any{pgtype.Numeric{NaN: true, Valid: true}}},
		{"a clock that goes on", []any{clock}, []any{clock.Round(0)}},
		{"pgtype array", []any{pgtype.FlatArray[int]{1, 2}}, []any{[]int{1, 2}}},
		{"map in any order", []any{map[string]any{"a": 1, "b": []any{"x"}}}, []any{map[string]any{"b": []any{"x"}, "a": 1}}},
		{"pointers in a slice", []any{[]*int{&seven}}, []any{[]int{7}}},
	} {
		a, b := identity(t, naming, c.a...), identity(t, naming, c.b...)
		if a == 0 || a != b {
			t.Errorf("%s: identities of %#v and %#v are %d and %d, want the same and not 0", c.name, c.a, c.b, a, b)
		}
	}
}

func TestDifferentIdentity(t *testing.T) {
	century := noon.Add(math.MaxInt64).Add(math.MaxInt64).Add(2) // 2⁶⁴ ns after noon
	for _, c := range []struct {
		name string
		a, b []any
	}{
		{"numbers", []any{7}, []any{8}},
		{"sign", []any{7}, []any{-7}},
		{"uint64 beyond int64", []any{int64(-1)}, []any{uint64(math.MaxUint64)}},
		{"zero and nil", []any{0}, []any{nil}},
		{"empty and nil", []any{""}, []any{nil}},
		{"number and its text", []any{7}, []any{"7"}},
		{"int and float", []any{7}, []any{7.0}},
		{"int and bool", []any{1}, []any{true}},
		{"bools", []any{true}, []any{false}},
		{"string and bytes", []any{"a"}, []any{[]byte("a")}},
		{"no bytes and nil", []any{[]byte{}}, []any{[]byte(nil)}},
		{"where strings are cut", []any{"a", "bc"}, []any{"ab", "c"}},
		{"where bytes are cut", []any{[]byte("a"), []byte("bc")}, []any{[]byte("ab"), []byte("c")}},
		{"where slices are cut", []any{[]int{1}, []int{2, 3}}, []any{[]int{1, 2}, []int{3}}},
		{"a string that looks like two", []any{"a\x00s\x01b"}, []any{"a", "b"}},
		{"order", []any{1, 2}, []any{2, 1}},
		{"number of arguments", []any{1}, []any{1, 1}},
		{"slice and its element", []any{[]int{1}}, []any{1}},
		{"no elements and nil", []any{[]int{}}, []any{[]int(nil)}},
		{"no elements and one nil", []any{[]any{}}, []any{[]any{nil}}},
		{"order in a slice", []any{[]int{1, 2}}, []any{[]int{2, 1}}},
		{"times", []any{noon}, []any{noon.Add(time.Nanosecond)}},
		{"times far apart", []any{noon}, []any{century}},
		{"no time and 2⁶⁴ ns later", []any{time.Time{}}, []any{time.Time{}.Add(math.MaxInt64).Add(math.MaxInt64).Add(2)}},
		{"uuids", []any{[16]byte{1, 2}}, []any{[16]byte{2, 1}}},
		{"named arguments", []any{pgx.NamedArgs{"a": 1, "b": 2}}, []any{pgx.NamedArgs{"a": 2, "b": 1}}},
		{"names of arguments", []any{pgx.NamedArgs{"a": 1}}, []any{pgx.NamedArgs{"b": 1}}},
		{"structs", []any{pair{1, 2}}, []any{pair{2, 1}}},
		{"types of struct", []any{pair{1, 2}}, []any{other{1, 2}}},
		{"Valuers", []any{text{"a"}}, []any{text{"b"}}},
		{"addresses", []any{netip.MustParseAddr("::1")}, []any{netip.MustParseAddr("::2")}},
		{"rewriters", []any{rewriter{1}}, []any{rewriter{2}}},
		{"zeros", []any{0.0}, []any{math.Copysign(0, -1)}},
	} {
		a, b := identity(t, naming, c.a...), identity(t, naming, c.b...)
		if a == 0 || a == b {
			t.Errorf("%s: identities of %#v and %#v are %d and %d, want two and not 0", c.name, c.a, c.b, a, b)
		}
	}
}

// naming names the arguments, if there are any.
const naming = "SELECT $1, @a, @b, @c"

// clock has a monotonic part, unlike arguments.
var clock = time.Now()

// A document, tags and a level write themselves as JSON or text.
type (
	document struct{ Title string }
	tags     map[string]string
	level    string
)

func (*document) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }
func (tags) MarshalJSON() ([]byte, error)      { return []byte("{}"), nil }
func (l level) MarshalText() ([]byte, error)   { return []byte(l), nil }

// A rewriter changes SQL and arguments after the tracer was called.
type rewriter struct{ id int }

func (r rewriter) RewriteQuery(context.Context, *pgx.Conn, string, []any) (string, []any, error) {
	return "SELECT $1", []any{r.id}, nil
}

// Constants are arguments too. Comments and space are ignored, because comments of tracing differ
// each time.
func TestIdentityOfSQL(t *testing.T) {
	const sql = "SELECT name FROM item WHERE id = $1 AND kind = 'a b'"
	one := identity(t, sql, 7)
	for _, same := range []string{
		"SELECT name\n\tFROM item WHERE id=$1 AND kind='a b'", sql + " /*traceparent='00-1'*/", sql + " -- of 12:00:01", "/* x */ " + sql, sql + "\n",
	} {
		if got := identity(t, same, 7); got != one {
			t.Errorf("%q has another identity than %q", same, sql)
		}
	}
	for _, other := range []string{
		"SELECT name FROM item WHERE id = $1 AND kind = 'a  b'", "SELECT name FROM item WHERE id = $1 AND kind = 'a /**/b'", "SELECT name FROM item WHERE id = $2 AND kind = 'a b'",
		"-- name: GetItem :one\n" + sql,
	} {
		if got := identity(t, other, 7); got == one {
			t.Errorf("%q has the identity of %q", other, sql)
		}
	}
	a, b := identity(t, "-- name: A :one\n"+sql, 7), identity(t, "-- name: B :one\n"+sql, 7)
	if a == b {
		t.Error("two named statements have one identity")
	}
}

// Sending a statement again is the same work in every mode.
func TestIdentityInEachQueryMode(t *testing.T) {
	const sql = "SELECT $1::int"
	pool, _ := recordedPool(t, nil)
	conn, err := pool.Acquire(t.Context())
	must(t, err)
	defer conn.Release()
	std := stdlib.OpenDBFromPool(pool)
	defer std.Close()
	_, err = conn.Conn().Prepare(t.Context(), "by name", sql)
	must(t, err)
	prepared, err := std.PrepareContext(t.Context(), sql)
	must(t, err)
	defer prepared.Close()
	recording := record(t, func(ctx context.Context) {
		for range 2 {
			for _, args := range [][]any{{1}, {pgx.QueryExecModeExec, 1}, {pgx.QueryResultFormats{1}, 1}} {
				must(t, readAll(conn.Query(ctx, sql, args...)))
			}
			run(t, ctx, conn, "by name", 1)
			_, err = std.ExecContext(ctx, sql, 1)
			must(t, err)
			_, err = prepared.ExecContext(ctx, 1)
			must(t, err)
			var batch pgx.Batch
			batch.Queue(sql, 1)
			must(t, conn.SendBatch(ctx, &batch).Close())
		}
	})
	if counts := recording.Counts(); counts.SQL != 14 || counts.SQLUnique != 1 {
		t.Errorf("%d statements, %d of them different, want 14 of the same", counts.SQL, counts.SQLUnique)
	}
}

// crossroads leads to 8^16 values.
type crossroads struct{ Ways [8]*crossroads }

// Values that others may change under a lock are not read. The lock may be outside of the subject,
// in its store.
func TestSubjectGuardedByItsStore(t *testing.T) {
	type user struct {
		Name   string
		Logins int
		Roles  map[string]int
		Groups []string
		Next   *user
	}
	var (
		r     tracer.Recorder
		store sync.Mutex
		ann   = &user{Roles: map[string]int{}, Groups: []string{"", ""}}
	)
	authorize := tracer.CountDecisions(&r, func(context.Context, any, string, any) (bool, error) {
		store.Lock()
		defer store.Unlock()
		ann.Logins++
		ann.Name = fmt.Sprint("ann", ann.Logins)
		ann.Roles[ann.Name] = ann.Logins
		ann.Groups[ann.Logins%2] = ann.Name
		ann.Next = &user{}
		return true, nil
	}, func(string, any) string { return "read" })
	store.Lock()
	subjects := []any{ann, &ann, *ann, ann.Roles, ann.Groups, user{Groups: ann.Groups}, []*user{ann}, struct{ of any }{ann}}
	store.Unlock()
	recording := record(t, func(ctx context.Context) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for n := range 500 {
					subject := subjects[n%len(subjects)]
					_, err := authorize(ctx, subject, "read", "item")
					_, also := authorize(ctx, "ann", "read", subject)
					must(t, errors.Join(err, also))
				}
			})
		}
		all.Wait()
	})
	if counts := recording.Counts(); counts.RBAC != 4000 || counts.RBACUnique != 4000 {
		t.Errorf("%d of %d checks are unique, want all 4000", counts.RBACUnique, counts.RBAC)
	}
}

// Values that are not comparable are never equal, not even to themselves.
func TestNoIdentity(t *testing.T) {
	cycle := &node{}
	cycle.Next = cycle
	list := make([]any, 1)
	list[0] = list
	table := map[string]any{}
	table["a"] = table
	again := &endless{}
	web := &crossroads{}
	for i := range web.Ways {
		web.Ways[i] = web
	}
	for _, c := range []struct {
		name string
		arg  any
	}{
		{"channel", make(chan int)},
		{"function", func() {}},
		{"complex number", complex(1, 2)},
		{"pointer to itself", cycle},
		{"pointer that leads back in many ways", web},
		{"struct with a lock", &struct{ sync.RWMutex }{}},
		{"struct with somebody's lock", struct{ mu *sync.Mutex }{&sync.Mutex{}}},
		{"struct with an atomic", struct{ n atomic.Int64 }{}},
		{"map that a lock elsewhere guards", struct{ m map[string]int }{map[string]int{"a": 1}}},
		{"pointer that a lock elsewhere guards", &struct{ p *int }{new(int)}},
		{"map that is no part of the JSON", struct {
			M map[string]int `json:"-"`
		}{map[string]int{"a": 1}}},
		{"struct that writes itself", document{Title: "a"}},
		{"pointer to a struct that writes itself", &document{Title: "a"}},
		{"map that writes itself", tags{"a": "b"}},
		{"slice of itself", list},
		{"map of itself", table},
		{"channel in a slice", []any{1, make(chan int)}},
		{"channel in a map", map[string]any{"a": make(chan int)}},
		{"channel in a struct", struct{ c chan int }{make(chan int)}},
		{"Valuer that refuses", refusing{}},
		{"Valuer that panics", panicking{}},
		{"Valuer that never ends", again},
	} {
		var r tracer.Recorder
		counts := record(t, func(ctx context.Context) {
			for range 2 {
				query(ctx, tracer.HooksOf(&r), "SELECT $1", c.arg)
			}
		}).Counts()
		if got, want := describeCounts(counts), "sql=2 sql_unique=2 round_trips=2"; got != want {
			t.Errorf("%s twice: counts\n got %s\nwant %s", c.name, got, want)
		}
		if got := identity(t, "SELECT $1", 1, c.arg); got != 0 {
			t.Errorf("%s: identity %d, want 0", c.name, got)
		}
	}
	if again.asked > 100 {
		t.Errorf("a Valuer that contains itself was asked %d times for its value", again.asked)
	}
}

// pgx encodes the arguments later, and the application may reuse them.
func TestIdentityIsComputedAtStart(t *testing.T) {
	var r tracer.Recorder
	arg := []byte("a")
	recording := record(t, func(ctx context.Context) {
		call := tracer.HooksOf(&r).TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: "SELECT $1", Args: []any{arg}})
		arg[0] = 'b'
		tracer.HooksOf(&r).TraceQueryEnd(call, nil, pgx.TraceQueryEndData{})
	})
	if got, want := recording.Events[0].Identity, identity(t, "SELECT $1", []byte("a")); got != want {
		t.Errorf("identity %d after the argument changed, want %d", got, want)
	}
}

func TestIdentityOfCheckIsNotOfStatement(t *testing.T) {
	var r tracer.Recorder
	recording := record(t, func(ctx context.Context) {
		query(ctx, tracer.HooksOf(&r), "check", "a", "b", "c")
		must(t, checked(&r, nil)(ctx, "a", "b", "c"))
	})
	if a, b := recording.Events[0].Identity, recording.Events[1].Identity; a == b {
		t.Errorf("a statement named check and a check have one identity, %d", a)
	}
}

type locked struct {
	known map[string]bool
	mu    sync.RWMutex
}

// Values guarded by a lock are not read, because they may change.
func TestGuardedSubject(t *testing.T) {
	var r tracer.Recorder
	subject := &locked{known: map[string]bool{}}
	recording := record(t, func(ctx context.Context) {
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for n := range 500 {
					_, end := r.Check(ctx, "read", subject, "read", n)
					subject.mu.Lock()
					subject.known[fmt.Sprint(i, n)] = true
					subject.mu.Unlock()
					end(true)
				}
			})
		}
		all.Wait()
	})
	if got := recording.Counts().RBACUnique; got != 2000 {
		t.Errorf("%d checks are unique, want all 2000", got)
	}
}
