package main

import (
	"cmp"
	"regexp"
	"runtime/debug"
	"strings"
)

// version returns the versions of the main module and of Go.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	return cmp.Or(info.Main.Version, "(devel)") + " " + info.GoVersion
}

// release is the version of the command if it is a release. Of other versions the same code
// writes the same bytes, whatever it was built from.
func release() string {
	if name, _, _ := strings.Cut(version(), " "); releaseName.MatchString(name) {
		return name
	}
	return ""
}

// releaseName matches no pseudo-version, and none of a changed working tree.
var releaseName = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+(-(alpha|beta|rc)[.0-9]*)?$`)
