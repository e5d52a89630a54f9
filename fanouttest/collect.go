package fanouttest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
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
	var text bytes.Buffer
	if err := rows.Write(&text); err != nil {
		return false, err
	}
	// Not in the place of another one: whose it is would be a matter of who comes last.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return true, sameAs(name, rows)
	}
	if err == nil {
		_, err = file.Write(text.Bytes())
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return false, fmt.Errorf("write to the folder in %s: %w", outVariable, oserr.WithoutPath(err))
	}
	return true, nil
}

// sameAs returns an error unless the file name has the counts of rows.
func sameAs(name string, rows report.Rows) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return oserr.WithoutPath(err)
	}
	before, err := report.Read(bytes.NewReader(text))
	if err != nil || !reflect.DeepEqual(before.Rows, rows.Rows) {
		return fmt.Errorf("scenario %q of %s counted otherwise in a result that is in the folder in %s already; "+
			"counts that vary are a finding, unless the folder is of an earlier collection", rows.Rows[0].Scenario, rows.Rows[0].Version, outVariable)
	}
	return nil
}
