// Package identity hashes work, so that equal work is detected without keeping its arguments.
package identity

import (
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"math"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// The seed is random, because identities are compared only within one process: nobody can choose
// colliding arguments.
var seed = maphash.MakeSeed()

// Arguments returns the hash of a statement's arguments, or 0 if the equality of any of them is
// unknown.
func Arguments(sql string, args []any) uint64 {
	args = withoutOptions(args)
	if len(args) > 0 {
		if named, ok := args[0].(pgx.NamedArgs); ok {
			args = append([]any{used(named, sql)}, args[1:]...)
		}
	}
	return identityOf(hasher{}, 'q', args...)
}

// used returns the arguments that sql names. pgx ignores the others.
func used(named pgx.NamedArgs, sql string) pgx.NamedArgs {
	some := make(pgx.NamedArgs, len(named))
	for name, arg := range named {
		if strings.Contains(sql, "@"+name) {
			some[name] = arg
		}
	}
	return some
}

// Statement returns the identity of a statement from the hashes of its text and arguments.
func Statement(text, arguments uint64) uint64 { return max(mix(text, arguments), 1) }

// Check returns the identity of a check. Unlike the arguments of a statement, which pgx reads
// right after the tracer, values of a check may lead to data that others change under a lock.
func Check(subject, action, object any) uint64 {
	return identityOf(hasher{shared: true}, 'c', subject, action, object)
}

// withoutOptions removes pgx's options before the arguments. database/sql passes one with every
// query.
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

// Part returns the identity of part i of a whole.
func Part(whole uint64, i int) uint64 { return mix(whole, uint64(i)+1) }

// Text returns the hash of a text.
func Text(text string) uint64 { return maphash.String(seed, text) }

func identityOf(h hasher, kind byte, values ...any) uint64 {
	h.tag(kind)
	for _, v := range values {
		if !h.value(v, 0) {
			return 0
		}
	}
	return max(h.sum, 1)
}

// hasher hashes values. Equal values have equal hashes regardless of their Go type. Its methods
// return false for values whose equality is unknown. It combines hashes of maphash, at a third of
// the cost of a maphash.Hash.
type hasher struct {
	sum    uint64
	deep   int  // values visited below maxShallow
	shared bool // the target of a pointer, map or slice, except of bytes, may change
}

// keys are random and not hashes of texts: a text with such a hash would make everything equal.
var keys = [2]uint64{rand.Uint64(), rand.Uint64()}

// mix returns a number that depends on every bit of a and b.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^keys[0], b^keys[1])
	return high ^ low
}

func (h *hasher) tag(t byte) { h.sum = mix(h.sum, uint64(t)) }

func (h *hasher) word(t byte, n uint64) { h.sum = mix(mix(h.sum, uint64(t)), n) }

func (h *hasher) text(t byte, s string) { h.word(t, maphash.String(seed, s)) }

// value handles the common types without reflection.
func (h *hasher) value(v any, depth int) bool {
	switch v := v.(type) {
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
		h.word('b', maphash.Bytes(seed, v)) // a concurrent change only changes the hash
	case time.Time:
		h.word('t', uint64(v.Unix())) // UnixNano is defined for a few centuries only
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

// maxDepth bounds values that contain themselves. maxDeep bounds values that lead to many others:
// arguments rarely contain more than lists of rows and their fields.
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
		case netip.Addr, netip.Prefix:
			h.text('a', fmt.Sprint(x))
			return true
		case driver.Valuer:
			return h.valuer(x, depth)
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		// pgx does not follow unexported fields, so others may be changing what they lead to.
		if h.shared || !v.CanInterface() {
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
		if n > math.MaxInt64 { // no signed integer equals it
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
		return !marshals(v.Type()) && h.unordered(v, depth)
	case reflect.Struct:
		if guarded(v) || marshals(v.Type()) {
			return false
		}
		h.text('r', v.Type().String())
		shared := h.shared
		for i := range v.NumField() {
			h.shared = shared || v.Type().Field(i).Tag.Get("json") == "-" // as behind an unexported one
			if !h.reflected(v.Field(i), depth+1) {
				return false
			}
		}
		h.shared = shared
	default:
		return false // a channel, a function, a complex number
	}
	return true
}

// guarded reports whether a struct has a lock or something like it, so that goroutines may change
// its other fields.
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

// marshals reports whether values of type t write themselves as JSON or text, and so may hold a
// lock that is elsewhere while they read their parts.
func marshals(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Marshaler]()) ||
		p.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// valuer hashes the value for the database. A Valuer of the application may return an error or
// panic; that matters only when the value is sent.
func (h *hasher) valuer(x driver.Valuer, depth int) bool {
	defer func() { _ = recover() }() // the result is false then
	v, err := x.Value()
	_, again := v.(driver.Valuer)
	return err == nil && !again && h.value(v, depth+1)
}

func (h *hasher) list(v reflect.Value, depth int) bool {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		text := make([]byte, v.Len())
		for i := range text { // the element type may be a named type
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

// unordered adds up the hashes of a map's entries, because their order is random.
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
