package scratch

import "testing"

func TestDialect(t *testing.T) {
	const empty = `CREATE DATABASE "n" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`
	for _, c := range []struct {
		d             dialect
		create, clone string
	}{
		{dialect{13, true}, empty, `CREATE DATABASE "n" TEMPLATE "m"`},
		{dialect{14, false}, empty, `CREATE DATABASE "n" TEMPLATE "m"`},
		{dialect{15, false}, empty + ` LOCALE_PROVIDER libc`, `CREATE DATABASE "n" TEMPLATE "m"`},
		{dialect{15, true}, empty + ` LOCALE_PROVIDER libc STRATEGY FILE_COPY`, `CREATE DATABASE "n" TEMPLATE "m" STRATEGY FILE_COPY`},
	} {
		if got := c.d.createEmpty("n"); got != c.create {
			t.Errorf("%+v creates with %s, want %s", c.d, got, c.create)
		}
		if got := c.d.createClone("n", "m"); got != c.clone {
			t.Errorf("%+v clones with %s, want %s", c.d, got, c.clone)
		}
	}
}
