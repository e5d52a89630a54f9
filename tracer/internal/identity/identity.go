// Package identity hashes work, so that the same work can be told without its arguments.
package identity

import (
	"database/sql/driver"
	"hash/maphash"
	"math"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Identities compare within one process only, so the seed is random: nobody can
// choose arguments that collide.
var seed = maphash.MakeSeed()

// Arguments hashes those of a statement; 0 if any of them is of
// a kind whose equality cannot be told.
func Arguments(sql string, args []any) uint64 {
	args = withoutOptions(args)
	if len(args) > 0 {
		if named, ok := args[0].(pgx.NamedArgs); ok {
			args = append([]any{used(named, sql)}, args[1:]...)
		}
	}
	return identityOf(hasher{}, 'q', "", args...)
}

// used returns the arguments that sql names. pgx takes no notice of the others.
func used(named pgx.NamedArgs, sql string) pgx.NamedArgs {
	some := make(pgx.NamedArgs, len(named))
	for name, arg := range named {
		if strings.Contains(sql, "@"+name) {
			some[name] = arg
		}
	}
	return some
}

// Statement is that of a statement, by the hash of its text and that of its arguments.
func Statement(text, arguments uint64) uint64 { return max(mix(text, arguments), 1) }

// Check is that of a check. pgx reads the arguments of a statement as soon as it
// has told of them, so they hold still. What a check is about may lead to what others are
// changing, under a lock that only the application knows.
func Check(subject, action, object any) uint64 {
	return identityOf(hasher{shared: true}, 'c', "", subject, action, object)
}

// withoutOptions drops what pgx takes before the arguments proper. database/sql
// passes such an option with every query.
func withoutOptions(args []any) []any {
	for len(args) > 0 {
		switch args[0].(type) {
		case pgx.QueryExecMode, pgx.QueryResultFormats, pgx.QueryResultFormatsByOID:
			args = args[1:]
		default:
			return args
		}
	}
	return args
}

// Part returns the identity of a part of work, which is its i-th.
func Part(whole uint64, i int) uint64 { return mix(whole, uint64(i)+1) }

// Text hashes a text alone.
func Text(text string) uint64 { return maphash.String(seed, text) }

func identityOf(h hasher, kind byte, what string, values ...any) uint64 {
	h.text(kind, what)
	for _, v := range values {
		if !h.value(v, 0) {
			return 0
		}
	}
	return max(h.sum, 1)
}

// hasher takes values so that equal ones give equal sums whatever Go type carries
// them, and different ones different sums. Its methods report false for a value whose
// equality cannot be told. It sums up what maphash makes of texts, and is a third
// of the price of a maphash.Hash.
type hasher struct {
	sum    uint64
	deep   int  // values looked at below maxShallow
	shared bool // what a pointer, a map or a slice, but of bytes, leads to may be changing
}

// keys are no sums of texts: the text of which the sum is a key would make all equal.
var keys = [2]uint64{rand.Uint64(), rand.Uint64()}

// mix returns a number that depends on every bit of both.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^keys[0], b^keys[1])
	return high ^ low
}

func (h *hasher) tag(t byte) { h.sum = mix(h.sum, uint64(t)) }

func (h *hasher) word(t byte, n uint64) { h.sum = mix(mix(h.sum, uint64(t)), n) }

func (h *hasher) text(t byte, s string) { h.word(t, maphash.String(seed, s)) }

// value covers the common types without reflection.
func (h *hasher) value(v any, depth int) bool {
	switch v := v.(type) {
	case nil:
		h.tag('0')
	case string:
		h.text('s', v)
	case int:
		h.word('i', uint64(v))
	case int64:
		h.word('i', uint64(v))
	case int32:
		h.word('i', uint64(v))
	case bool:
		h.bool(v)
	case []byte:
		if v == nil {
			h.tag('0')
			return true
		}
		h.word('b', maphash.Bytes(seed, v)) // whoever changes them meanwhile has others hashed, no more
	case time.Time:
		h.word('t', uint64(v.Unix())) // UnixNano is only good for a few centuries
		h.word('t', uint64(v.Nanosecond()))
	default:
		return h.reflected(reflect.ValueOf(v), depth)
	}
	return true
}

func (h *hasher) bool(v bool) {
	if v {
		h.tag('y')
	} else {
		h.tag('n')
	}
}

// maxDepth ends a value that contains itself, and maxDeep one that leads everywhere in
// many ways: below lists of rows and their fields there is not much in an argument.
const (
	maxDepth   = 16
	maxShallow = 4
	maxDeep    = 10_000
)

func (h *hasher) reflected(v reflect.Value, depth int) bool {
	if depth > maxShallow {
		h.deep++
	}
	if depth > maxDepth || h.deep > maxDeep {
		return false
	}
	switch v.Kind() {
	case reflect.Invalid:
		h.tag('0')
		return true
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		if v.IsNil() {
			h.tag('0')
			return true
		}
	}
	if v.CanInterface() {
		switch x := v.Interface().(type) {
		case time.Time:
			return h.value(x, depth)
		case driver.Valuer:
			return h.valuer(x, depth)
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if h.shared {
			return false
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		h.bool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		h.word('i', uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n := v.Uint()
		if n > math.MaxInt64 { // no signed integer has this value
			h.tag('u')
		}
		h.word('i', n)
	case reflect.Float32, reflect.Float64:
		h.word('f', math.Float64bits(v.Float()))
	case reflect.String:
		h.text('s', v.String())
	case reflect.Pointer, reflect.Interface:
		return h.reflected(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		return h.list(v, depth)
	case reflect.Map:
		return h.unordered(v, depth)
	case reflect.Struct:
		if guarded(v) {
			return false
		}
		h.text('r', v.Type().String())
		for i := range v.NumField() {
			if !h.reflected(v.Field(i), depth+1) {
				return false
			}
		}
	default:
		return false // a channel, a function, a complex number
	}
	return true
}

// guarded reports whether a struct has a lock, or what is read like one: goroutines may be
// changing what else it has.
func guarded(v reflect.Value) bool {
	for i := range v.NumField() {
		t := v.Field(i).Type()
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.PkgPath() == "sync" || t.PkgPath() == "sync/atomic" {
			return true
		}
	}
	return false
}

// valuer hashes what the database would be given. A Valuer of the application
// may refuse or panic; that is its business when the value is really sent.
func (h *hasher) valuer(x driver.Valuer, depth int) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	v, err := x.Value()
	if err != nil {
		return false
	}
	if _, again := v.(driver.Valuer); again {
		return false
	}
	return h.value(v, depth+1)
}

func (h *hasher) list(v reflect.Value, depth int) bool {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		text := make([]byte, v.Len())
		for i := range text { // the element type may have a name of its own
			text[i] = byte(v.Index(i).Uint())
		}
		h.word('b', maphash.Bytes(seed, text))
		return true
	}
	h.word('l', uint64(v.Len()))
	for i := range v.Len() {
		if !h.reflected(v.Index(i), depth+1) {
			return false
		}
	}
	return true
}

// unordered adds the hashes of a map's entries up, as their order is random.
func (h *hasher) unordered(v reflect.Value, depth int) bool {
	var sum uint64
	for entries := v.MapRange(); entries.Next(); {
		e := hasher{deep: h.deep}
		if !e.reflected(entries.Key(), depth+1) || !e.reflected(entries.Value(), depth+1) {
			return false
		}
		sum += e.sum
		h.deep = e.deep
	}
	h.word('m', uint64(v.Len()))
	h.word('m', sum)
	return true
}
