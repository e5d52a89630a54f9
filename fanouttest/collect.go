package fanouttest

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/fanout-bench/fanout-bench/report"
)

// outVariable names a folder to write results to.
const outVariable = "FANOUT_OUT"

// collect writes rows to the folder that FANOUT_OUT names, and reports whether it does.
func collect(rows report.Rows) (bool, error) {
	folder := os.Getenv(outVariable)
	if folder == "" {
		return false, nil
	}
	if !filepath.IsAbs(folder) {
		return false, errors.New(outVariable + " is not an absolute path; tests run in the folder of their package")
	}
	first := rows.Rows[0]
	if err := write(filepath.Join(folder, fileName(first.Version+"-"+first.Scenario)+".json"), rows); err != nil {
		return false, errors.New("write to the folder in " + outVariable + ": it cannot be written to")
	}
	return true, nil
}
