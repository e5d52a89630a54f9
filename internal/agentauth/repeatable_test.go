package agentauth_test

import (
	"bytes"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func TestSameCodeSameBytes(t *testing.T) {
	first, second := results(t), results(t)
	if !bytes.Equal(first, second) {
		t.Errorf("two runs wrote different files:\n%s\n%s", first, second)
	}
	if lines := bytes.Count(first, []byte("\n{\"scenario\"")); lines != 4*8 {
		t.Errorf("the file holds %d rows, want %d:\n%s", lines, 4*8, first)
	}
}

// results measures a few scenarios and returns the result file.
func results(t *testing.T) []byte {
	t.Helper()
	path := agentauth.Path()
	cells, err := selection.Selection{
		Scenarios: []string{"agents", "rebuilds", "template-agents", "auditor-job-read"},
		N:         []int{2},
	}.Cells(path)
	must.Succeed(t, err)
	var measured []scenarios.Result
	runner := scenarios.Runner{Server: pgtest.Server(t)}
	for result, err := range runner.Run(t.Context(), path, cells) {
		must.Succeed(t, err)
		measured = append(measured, result)
	}
	var file bytes.Buffer
	must.Succeed(t, report.NewFile(report.Subject{Name: path.Name}, measured).Write(&file))
	return file.Bytes()
}
