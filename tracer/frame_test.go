package tracer

import "testing"

func TestFrameName(t *testing.T) {
	for function, want := range map[string]string{
		"main.main":         "main",
		"myapp/orders.List": "List",
		"example.com/shop/orders.(*Service).List":           "Service.List",
		"example.com/shop/orders.Service.List":              "Service.List",
		"example.com/shop/orders.Map[...]":                  "Map",
		"example.com/shop/orders.(*Cache[...]).Get":         "Cache.Get",
		"example.com/shop/orders.Cache[...].Get":            "Cache.Get",
		"example.com/shop/orders.Map[example.com/a.B[c.D]]": "Map",
		"example.com/shop/orders_test.TestList":             "TestList",
		"gopkg.in/yaml%2ev3.Unmarshal":                      "Unmarshal",
		"gopkg.in/yaml%2ev3.(*Decoder).Decode":              "Decoder.Decode",
		"github.com/Some-Body/go.mod/v2.F":                  "F",
		"":                                                  "",
	} {
		if got := (Frame{Function: function}).Name(); got != want {
			t.Errorf("Name() of %s\n got %q\nwant %q", function, got, want)
		}
	}
}

// A method of another type named Queries may have the name of the statement.
func TestWithoutStore(t *testing.T) {
	stack := func(functions ...string) []Frame {
		var frames []Frame
		for _, f := range functions {
			frames = append(frames, Frame{Function: f})
		}
		return frames
	}
	const list, get, value = "a/shop.List", "a/db.(*Queries).GetItem", "a/db.Queries.GetItem"
	for _, c := range []struct {
		name  string
		kind  Kind
		stack []Frame
		want  int
	}{
		{"method", KindQuery, stack(list, get), 1},
		{"method of the value", KindQuery, stack(list, value), 1},
		{"prepare", KindPrepare, stack(list, get), 1},
		{"setup", KindSetup, stack(list, get), 1},
		{"further in", KindQuery, stack(list, get, "a/db.(*retry).QueryRow"), 1},
		{"nothing else", KindQuery, stack(get), 1},
		{"another method", KindQuery, stack(list, "a/db.(*Queries).GetItems"), 2},
		{"another type", KindQuery, stack(list, "a/db.(*MyQueries).GetItem"), 2},
		{"check", KindCheck, stack(list, get), 2},
		{"empty", KindQuery, nil, 0},
	} {
		if got := withoutStore(c.stack, c.kind, "GetItem"); len(got) != c.want {
			t.Errorf("%s: %d frames left, want %d", c.name, len(got), c.want)
		}
	}
}

// An internal test is not part of its package.
func TestStackOfInternalTest(t *testing.T) {
	r := &Recorder{Stacks: true}
	ctx, scope := Start(t.Context(), "internal")
	begin := start{text: "SELECT 1"}
	begin.locate(ctx, kindQuery)
	r.begin(nil, &begin, nil)
	func() { r.begin(nil, &begin, nil) }()
	for _, e := range scope.End().Events {
		if len(e.Stack) != 1 || e.Stack[0].Name() != "TestStackOfInternalTest" || e.Stack[0].File != "tracer/frame_test.go" {
			t.Errorf("stack %v, want this test", e.Stack)
		}
	}
}
