package fanouttest

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
)

// A place is a package: its module, and its folder there.
type place struct{ module, folder string }

// placeOf returns the package of the code at pc, for its tests too.
func placeOf(pc uintptr) place {
	name := runtime.FuncForPC(pc).Name()
	slash := strings.LastIndexByte(name, '/') + 1
	local, _, _ := strings.Cut(name[slash:], ".")
	pkg := strings.TrimSuffix(name[:slash]+local, "_test")
	module := pkg
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path != "" {
		module = info.Main.Path
	}
	folder := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
	return place{module, cmp.Or(folder, module[strings.LastIndexByte(module, '/')+1:])}
}
