package fanouttest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/fanout-bench/fanout-bench/report"
)

// outVariable names a folder to write results to.
const outVariable = "FANOUT_OUT"

// collect writes rows to the folder that FANOUT_OUT names, and reports whether it does.
// A test that runs more than once in a collection has to count the same each time.
func collect(rows report.Rows) (bool, error) {
	folder := os.Getenv(outVariable)
	if folder == "" {
		return false, nil
	}
	if !filepath.IsAbs(folder) {
		return false, errors.New(outVariable + " is not an absolute path; tests run in the folder of their package")
	}
	first := rows.Rows[0]
	name := filepath.Join(folder, fileName(first.Version+"-"+first.Scenario)+".json")
	if text, err := os.ReadFile(name); err == nil {
		before, err := report.Read(bytes.NewReader(text))
		if err != nil || !reflect.DeepEqual(before.Rows, rows.Rows) {
			return false, fmt.Errorf("scenario %q counted otherwise before, in the same collection; a name may be used once in a package", first.Scenario)
		}
	}
	if err := write(name, rows); err != nil {
		return false, errors.New("the folder in " + outVariable + " cannot be written to")
	}
	return true, nil
}
