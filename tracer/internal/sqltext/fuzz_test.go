package sqltext_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// Name accepts any text, and no quoting reveals a value.
func FuzzName(f *testing.F) {
	for _, seed := range []string{"", "a", "it's", `\`, `\'`, "''", "$$", "$q$", "--", "/*", "*/", "?", "$1", "\x00", "\xff", "é", "\n", ";", "-- name: A :one\n", "(1), (2)"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		sqltext.Name(before + after)
		if strings.ContainsRune(before+after, 0) {
			return // the server takes no text with a zero byte
		}
		const secret = "5ecr3t"
		value := before + secret + after
		if strings.Contains(before+after, secret) {
			return
		}
		doubled := strings.NewReplacer("'", "''")
		for _, sql := range []string{
			"SELECT '" + doubled.Replace(value) + "'",
			"SELECT E'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(value) + "'",
			"SELECT E'" + strings.NewReplacer(`\`, `\\`, "'", `''`).Replace(value) + "'",
			"SELECT a, 'b' FROM item WHERE name IN ('x', '" + doubled.Replace(value) + "') AND id = $1",
			"INSERT INTO item VALUES (1, '" + doubled.Replace(value) + "'), (2, '" + doubled.Replace(value) + "')",
		} {
			if got := sqltext.Name(sql); strings.Contains(got, secret) {
				t.Errorf("StatementName(%q) = %q, want the value left out", sql, got)
			}
		}
		if strings.Contains(value+"$", "$q$") {
			return
		}
		sql := "SELECT $q$" + value + "$q$"
		if got := sqltext.Name(sql); strings.Contains(got, secret) {
			t.Errorf("StatementName(%q) = %q, want the value left out", sql, got)
		}
	})
}

// Different statements have different names, and a name is its own name.
func FuzzDifferentNames(f *testing.F) {
	for _, seed := range []string{"", "SELECT a FROM b", "a - 1", "a IN (1, 2)", `"a"`, `"a`, "((a))", "VALUES (1), (a), (1)", "[1, 2]", "…", "a #b", "?|", "!??", "@??", "NULL"} {
		f.Add(seed, seed+" ", strings.Repeat("a", 10))
		f.Add(seed, strings.ToUpper(seed), strings.Repeat("a, ", 100))
	}
	f.Fuzz(func(t *testing.T, a, b, more string) {
		for _, more := range []string{"", " FROM " + more} {
			one, other := "SELECT "+a+more, "SELECT "+b+more
			for _, sql := range []string{one, other} {
				tokens := sqltext.Normal(sql)
				if again := sqltext.Normal(tokens); again != tokens {
					t.Errorf("%q is %q, and that is %q", sql, tokens, again)
				}
			}
			same := sqltext.Normal(one) == sqltext.Normal(other)
			if x, y := sqltext.Name(one), sqltext.Name(other); (x == y) != same {
				t.Errorf("%q and %q are %q and %q, want the same: %t", one, other, x, y, same)
			}
		}
	})
}

// vocabulary has the parts of statements in FuzzSameName. "?" is a value.
var vocabulary = strings.Fields(`? ? ? ? , , , , ( ( ( ) ) ) [ ] ; . :: = <> - + * ->> select from where in not values returning insert into
	set on by order distinct or and null true a b "a" "B" is end join`)

// Space, comments and the notation of values do not change the name; everything else does.
func FuzzSameName(f *testing.F) {
	for _, seed := range []string{"", "\x00\x01\x02", "abc", strings.Repeat("\x00\x04", 60), "\x1b\x08\x00\x04\x00\x0b\x04\x08\x00\x04\x00\x0b", "\x1a\x08\x00\x04\x00\x0b"} {
		f.Add([]byte(seed), []byte(seed+"x"), uint64(1))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		write := func(script []byte) string {
			values := []string{"$1", "@id", "'it''s'", "E'\\''", "$$a$$", "$q$?$q$", "x'1f'", "1", "0.5", ".5e+3", "0x1f"}
			spaces := []string{" ", "\n", "\t ", " /* a /* b */ */ ", " -- '\n", "/**/ "}
			text, last := "", ""
			for _, c := range script[:min(len(script), 200)] {
				w := vocabulary[int(c)%len(vocabulary)]
				switch signed := last == "-" || last == "+"; {
				case w == "?" && last == "?": // two strings may be one
					continue
				case w == "?" && signed: // "- 1" is a value, and "- $1" is not
					w = values[random.IntN(7)]
				case w == "?":
					w = values[random.IntN(len(values))]
				}
				text += w + spaces[random.IntN(len(spaces))]
				last = vocabulary[int(c)%len(vocabulary)]
			}
			return text
		}
		one, again, other := write(a), write(a), write(b)
		name := sqltext.Name(one)
		if got := sqltext.Name(again); got != name {
			t.Errorf("%q is %q\n%q is %q", one, name, again, got)
		}
		if got := sqltext.Name(other); (got == name) != (sqltext.Normal(one) == sqltext.Normal(other)) {
			t.Errorf("%q is %q\n%q is %q", one, name, other, got)
		}
		if normal := sqltext.Normal(one); sqltext.Normal(normal) != normal {
			t.Errorf("%q is %q, and that is %q", one, normal, sqltext.Normal(normal))
		}
		if n := utf8.RuneCountInString(name); n > 84 {
			t.Errorf("the name of %q has %d columns: %q", one, n, name)
		}
	})
}
