package collect

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

// FilesIn returns the files in folder, if it exists, whose names end with suffix. Unlike filepath.Glob,
// it takes a folder such as "a[1]" literally.
func FilesIn(folder, suffix string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, oserr.WithoutPath(err)
	}
	var names []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), suffix) {
			names = append(names, filepath.Join(folder, entry.Name()))
		}
	}
	return names, nil
}
