package tracer

import (
	"database/sql/driver"
	"encoding/binary"
	"hash/maphash"
	"math"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
)

// Identities compare within one process only, so the seed is random: nobody can
// choose arguments that collide.
var seed = maphash.MakeSeed()

// statementIdentity hashes a statement with its arguments; 0 if any of them is of
// a kind whose equality cannot be told.
func statementIdentity(sql string, args []any) uint64 {
	return identityOf('q', sql, withoutOptions(args)...)
}

func checkIdentity(subject, action, object any) uint64 {
	return identityOf('c', "", subject, action, object)
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

func identityOf(kind byte, what string, values ...any) uint64 {
	h := hasher{}
	h.SetSeed(seed)
	h.text(kind, what)
	for _, v := range values {
		if !h.value(v, 0) {
			return 0
		}
	}
	return max(h.Sum64(), 1)
}

// hasher writes values so that equal ones give equal bytes whatever Go type
// carries them, and different ones different bytes. Its methods report false for
// a value whose equality cannot be told.
type hasher struct{ maphash.Hash }

func (h *hasher) tag(t byte) { _ = h.WriteByte(t) }

func (h *hasher) word(t byte, n uint64) {
	var b [9]byte
	b[0] = t
	binary.LittleEndian.PutUint64(b[1:], n)
	_, _ = h.Write(b[:])
}

func (h *hasher) text(t byte, s string) {
	h.word(t, uint64(len(s)))
	_, _ = h.WriteString(s)
}

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
		} else {
			h.text('b', string(v))
		}
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

// maxDepth ends a value that contains itself.
const maxDepth = 16

func (h *hasher) reflected(v reflect.Value, depth int) bool {
	if depth > maxDepth {
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
		h.word('b', uint64(v.Len()))
		for i := range v.Len() {
			h.tag(byte(v.Index(i).Uint()))
		}
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
		var e hasher
		e.SetSeed(seed)
		if !e.reflected(entries.Key(), depth+1) || !e.reflected(entries.Value(), depth+1) {
			return false
		}
		sum += e.Sum64()
	}
	h.word('m', uint64(v.Len()))
	h.word('m', sum)
	return true
}
