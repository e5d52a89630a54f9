package callsite

import (
	"runtime"
	"runtime/debug"
	"testing"
)

var shop = Program{
	module:   "example.com/shop",
	main:     "example.com/shop/cmd/server",
	standard: "/usr/local/go/src",
	home:     "/home/ann/shop",
	roots: []root{
		{"/home/ann/fanout", module},
		{"/home/ann/pgx", pgxModule},
	},
}

func TestProgramOf(t *testing.T) {
	info := func(main, path string) *debug.BuildInfo {
		return &debug.BuildInfo{Path: path, Main: debug.Module{Path: main}}
	}
	with := func(info *debug.BuildInfo, deps ...string) *debug.BuildInfo {
		for _, path := range deps {
			info.Deps = append(info.Deps, &debug.Module{Path: path})
		}
		return info
	}
	for _, c := range []struct {
		name string
		info *debug.BuildInfo
		want string // the file of main.main in main.go
	}{
		{"program", info("example.com/shop", "example.com/shop/cmd/server"), "cmd/server/main.go"},
		{"program at the root", info("example.com/shop", "example.com/shop"), "main.go"},
		{"program of another module", info("example.com/shop", "example.com/tool"), "example.com/tool/main.go"},
		{"test", info("example.com/shop", "example.com/shop/orders.test"), "orders/main.go"},
		{"module in a folder of another", with(info("example.com/shop/cmd/server", "example.com/shop/cmd/server"), "example.com/lib2", "example.com/shop"), "cmd/server/main.go"},
		{"beside another", with(info("example.com/shop", "example.com/shop/cmd/server"), "example.com/sho", "example.com/shop/orders"), "cmd/server/main.go"},
		{"version of another", with(info("example.com/shop/v2", "example.com/shop/v2/cmd/server"), "example.com/shop"), "cmd/server/main.go"},
		{"file", info("", "command-line-arguments"), "command-line-arguments/main.go"},
		{"empty", info("", ""), "main/main.go"},
		{"none", nil, "main/main.go"},
	} {
		p := programOf(c.info, c.info != nil)
		frames := p.Frames([]Site{
			{function: "main.main", file: "/home/ann/shop/main.go"},
			{function: "example.com/lib.F", file: "/home/ann/lib/f.go"},
		}, nil)
		if len(frames) != 2 || frames[0].File != c.want || frames[1].File != "example.com/lib/f.go" {
			t.Errorf("%s: frames %v, want %s and example.com/lib/f.go", c.name, frames, c.want)
		}
	}
}

// In a program of another module, only this package shows where its module is.
func TestFolderOfThisModule(t *testing.T) {
	_, file, _, _ := runtime.Caller(0)
	if got, want := ThisProgram().folderOf(file), module+"/tracer/internal/callsite"; got != want {
		t.Errorf("%s is in %q, want %q", file, got, want)
	}
}

func TestLearnHome(t *testing.T) {
	for _, c := range []struct{ function, file, want string }{
		{"example.com/shop/orders.List", "/src/orders/list.go", "/src"},
		{"example.com/shop.List", "/src/list.go", "/src"},
		{"main.main", "/src/cmd/server/main.go", "/src"},
		{"example.com/shop/orders_test.TestList", "/src/orders/list_test.go", "/src"},
		{"example.com/lib.F", "/src/f.go", ""},
		{"example.com/shop/orders.List.Map.func1", "/lib/map.go", ""},
		{"example.com/shop/orders.List", "example.com/shop/orders/list.go", ""},
	} {
		p := shop
		p.home = ""
		p.learn([]Site{{function: c.function, file: c.file}})
		if p.home != c.want {
			t.Errorf("%s in %s: the main module is in %q, want %q", c.function, c.file, p.home, c.want)
		}
	}
}
