package fanouttest

import "testing"

// TestUpdateCommand uses names of package testing, testify and Ginkgo.
func TestUpdateCommand(t *testing.T) {
	here := place{module: "example.com/shop", pkg: "example.com/shop/orders"}
	for _, c := range []struct{ test, tags, want string }{
		{"TestList", "", "go test example.com/shop/orders -run '^TestList$' -fanout.update"},
		{"TestList", "integration,pg", "go test -tags integration,pg example.com/shop/orders -run '^TestList$' -fanout.update"},
		{"TestSuite/TestList", "", "go test example.com/shop/orders -run '^TestSuite$/^TestList$' -fanout.update"},
		{"TestTable/a_(b)/c#01", "", `go test example.com/shop/orders -run '^TestTable$/^a_\(b\)$/^c#01$' -fanout.update`},
		{"Orders lists each order once", "", "FANOUT_UPDATE=1 go test example.com/shop/orders"},
		{"Test orders", "x", "FANOUT_UPDATE=1 go test -tags x example.com/shop/orders"},
	} {
		here.tags = c.tags
		if got := here.update(c.test); len(got) < len(c.want) || got[:len(c.want)] != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.test, got, c.want)
		}
	}
}
