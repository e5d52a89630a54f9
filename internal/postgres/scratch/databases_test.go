package scratch

import "testing"

func TestCreateStatement(t *testing.T) {
	const empty = `CREATE DATABASE "n" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`
	for _, c := range []struct {
		major        int
		ours         bool
		empty, clone string
	}{
		{13, true, empty, `CREATE DATABASE "n" TEMPLATE "m"`},
		{14, false, empty, `CREATE DATABASE "n" TEMPLATE "m"`},
		{15, false, empty + ` LOCALE_PROVIDER libc`, `CREATE DATABASE "n" TEMPLATE "m"`},
		{15, true, empty + ` LOCALE_PROVIDER libc STRATEGY FILE_COPY`, `CREATE DATABASE "n" TEMPLATE "m" STRATEGY FILE_COPY`},
	} {
		for template, want := range map[string]string{"": c.empty, "m": c.clone} {
			if got := create("n", template, c.major, c.ours); got != want {
				t.Errorf("version %d, ours: %v: %s, want %s", c.major, c.ours, got, want)
			}
		}
	}
}
