package temporary

import "testing"

// wantNoProcess checks nothing: the system has no /proc to look into.
func wantNoProcess(*testing.T, string) {}
