// Package must ends tests that cannot go on.
package must

// A T is the part of *testing.T that this package needs.
type T interface {
	Fatal(args ...any)
	Helper()
}

// Succeed ends the test if err is not nil.
func Succeed(t T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
