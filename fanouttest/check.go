package fanouttest

import (
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// NewRecorder returns a Recorder that notes which code leads to each statement, for
// the messages of Check. plumbing is what to leave out of that: see
// [tracer.Recorder.Plumbing].
func NewRecorder(plumbing ...string) *tracer.Recorder {
	return &tracer.Recorder{Stacks: true, Plumbing: plumbing}
}

// Check measures s and fails t if it cannot be measured, if a count is over its limit,
// or if it costs more than the baseline. If t has failed by then, nothing is judged:
// counts of work that went wrong mean nothing. It may be called by parallel tests,
// also if they share a pool and a Recorder. What a field of s cannot be, and a name
// that another test has, fail t before anything is measured.
func Check(t TB, s Scenario) {
	t.Helper()
	if err := check(t, s); err != nil {
		t.Fatalf("fanouttest: %v", err)
	}
}

func check(t TB, s Scenario) error {
	t.Helper()
	s = s.withDefaults(t)
	if err := s.check(); err != nil {
		return err
	}
	if err := takeName(t.Name(), s.Name); err != nil {
		return err
	}
	here := thisPackage()
	path := &scenarios.Path{
		Name:      here.module,
		Versions:  []scenarios.Version{{Name: here.folder}},
		Scenarios: []scenarios.Scenario{s.measured()},
	}
	results, err := s.measure(t, path)
	if err != nil {
		return err
	}
	measured := s.rows(path, results)
	if t.Failed() {
		t.Logf("fanouttest: the test has failed, so its counts are not judged")
		return nil
	}
	folder, err := outFolder()
	if err != nil {
		return err
	}
	if folder != "" {
		if err := s.collect(folder, path, results); err != nil {
			return err
		}
	}
	if s.Expect != nil {
		return failure(s.Expect.judge(path, measured), "raise the limit in Expect", "")
	}
	if folder != "" {
		return nil
	}
	return judgeByFile(t, here, path, s.Name, measured)
}
