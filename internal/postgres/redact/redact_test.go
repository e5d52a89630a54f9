package redact

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

func TestRedactor(t *testing.T) {
	const path = `postgres://u:p%40ss%2Fw%27rd%20x@h/d`
	for _, c := range []struct{ given, text, want string }{
		{"postgres://bob:hunter22@db.example.com/d", `role "bob" of db.example.com: xhunter22x`, `role "bob" of db.example.com: x***x`},
		{"postgres://a:p@h/d", "a path has a hash p", "a path has a hash ***"},
		{"postgres://u:%24%5E.@h/d", "got $^. from h", "got *** from h"},
		{path, "cannot use " + path, "cannot use ***"},
		{path, "as it is: p@ss/w'rd x", "as it is: ***"},
		{path, "in a URL: postgres://u:p%40ss%2Fw%27rd%20x@other", "in a URL: postgres://u:***@other"},
		{path, "in a URL: ?password=p%40ss%2Fw%27rd+x", "in a URL: ?password=***"},
		{path, `in keywords: password='p@ss/w\'rd x'`, "in keywords: password='***'"},
		{"postgres://h/d?password=hunter22", "hunter22", "***"},
		{`user=u password='hunt\'er\\22'`, `hunt'er\22 hunt\'er\\22`, "*** ***"},
		{"host=h1,h2 user=u", "h1, then h2", "h1, then h2"},
	} {
		config, err := pgx.ParseConfig(c.given)
		must.Succeed(t, err)
		if got := Password(c.given, config.Password).text(c.text); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.given, c.text, got, c.want)
		}
	}
}
