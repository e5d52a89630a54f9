package callsite

import (
	"fmt"
	"slices"
	"testing"
)

func TestFunctionsOfClosures(t *testing.T) {
	const file = "/home/ann/shop/orders/list.go"
	for function, want := range map[string]string{
		"example.com/shop/orders.List":                      "example.com/shop/orders.List",
		"example.com/shop/orders.List.func1":                "example.com/shop/orders.List",
		"example.com/shop/orders.List.func1.2":              "example.com/shop/orders.List",
		"example.com/shop/orders.List.func1.2.3":            "example.com/shop/orders.List",
		"example.com/shop/orders.List-range1":               "example.com/shop/orders.List",
		"example.com/shop/orders.List.func2-range1":         "example.com/shop/orders.List",
		"example.com/shop/orders.List.gowrap1":              "example.com/shop/orders.List",
		"example.com/shop/orders.List.func1.deferwrap2":     "example.com/shop/orders.List",
		"example.com/shop/orders.Map[...].func1":            "example.com/shop/orders.Map[...]",
		"example.com/shop/orders.(*Box[...]).Open.func1":    "example.com/shop/orders.(*Box[...]).Open",
		"example.com/shop/orders.func1":                     "example.com/shop/orders.func1",
		"example.com/shop/orders.(*Box).func1":              "example.com/shop/orders.(*Box).func1",
		"example.com/shop/orders.init.0":                    "example.com/shop/orders.init.0",
		"example.com/shop/orders.init.0.func1":              "example.com/shop/orders.init.0",
		"example.com/shop/orders.init.func1":                "example.com/shop/orders.init",
		"example.com/shop/orders.List.(*Box).Open.func1":    "example.com/shop/orders.(*Box).Open",
		"example.com/shop/orders.List.func1.Box.Open.func2": "example.com/shop/orders.Box.Open",
		"example.com/shop/orders.List.func1.2.get.3":        "example.com/shop/orders.get",
		"example.com/shop/mw.Wrap.List.func1":               "example.com/shop/orders.List",
		"main.main.List.func1":                              "example.com/shop/orders.List",
		"main.main.(*Box).Open.func1":                       "example.com/shop/orders.(*Box).Open",
	} {
		frames := shop.Frames([]Site{{function: function, file: file}}, nil)
		if len(frames) != 1 || frames[0].Function != want {
			t.Errorf("%s\n got %v\nwant %s", function, frames, want)
		}
	}
}

// A method may have such a name too, so the file decides.
func TestClosureOfAnotherFile(t *testing.T) {
	frames := shop.Frames([]Site{
		{function: "main.List", file: "/home/ann/shop/cmd/server/list.go", line: 1},
		{function: "main.Orders.List.func1", file: "/home/ann/shop/cmd/server/orders.go", line: 2},
	}, nil)
	if len(frames) != 2 || frames[1].Function != "main.Orders.List" {
		t.Errorf("frames %v, want that of Orders.List as well", frames)
	}
}

// Two handlers written in one function that has returned are two frames: a middleware between
// them must not be lost.
func TestClosuresOfReturnedFunction(t *testing.T) {
	const file = "/home/ann/shop/routes.go"
	frames := shop.Frames([]Site{
		{function: "example.com/shop.Routes.func1", file: file, line: 1},
		{function: "example.com/shop.Limit", file: "/home/ann/shop/limit.go", line: 2},
		{function: "example.com/shop.Routes.func2", file: file, line: 3},
		{function: "github.com/jackc/pgx/v5.BeginFunc", file: "/home/ann/pgx/tx.go", line: 4},
		{function: "example.com/shop.Routes.func2.1", file: file, line: 5},
	}, nil)
	var got []string
	for _, f := range frames {
		got = append(got, fmt.Sprintf("%s %s:%d", Name(f.Function), f.File, f.Line))
	}
	if want := []string{"Routes routes.go:1", "Limit limit.go:2", "Routes routes.go:5"}; !slices.Equal(got, want) {
		t.Errorf("frames\n got %q\nwant %q", got, want)
	}
}
