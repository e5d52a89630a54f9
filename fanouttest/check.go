package fanouttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/onlycounts"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// NewRecorder returns a Recorder that notes which code leads to each statement, for
// the messages of Check. skip is what to leave out of that: see
// [tracer.Recorder.SkipFrames].
func NewRecorder(skip ...string) *tracer.Recorder {
	return &tracer.Recorder{Stacks: true, SkipFrames: skip}
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

func check(t TB, s Scenario) (err error) {
	t.Helper()
	s = s.withDefaults(t)
	folder, err := outFolder()
	if err != nil {
		return err
	}
	if err := takeName(t.Name(), s.Name); err != nil {
		return err // what is collected by that name is the other's
	}
	here := thisPackage()
	// What is registered first is called last: when it is known what else went on.
	t.Cleanup(func() { noteFinished(t, folder, here.pkg) })
	path, name := here.baseline(s.Name)
	scenario := report.Scenario{Name: s.Name, Version: here.pkg, Unit: s.Unit, Test: t.Name(), Label: s.Label, Folder: here.moduleName()}
	if s.Expect == nil {
		scenario.Baseline = name // else limits judge
	}
	subject := report.Subject{Name: here.module, Versions: []string{here.pkg}, Scenarios: []report.Scenario{scenario}}
	unmeasured := func(why error, results ...scenarios.Result) error {
		err := s.collectFailure(folder, subject, results, why)
		if update, _ := updating(); update && s.Expect == nil {
			why = fmt.Errorf("%w; its baseline stays as it was", why)
		}
		return errors.Join(why, err)
	}
	if err := s.check(); err != nil {
		return unmeasured(err)
	}
	if s.Expect == nil {
		if err := here.elsewhere(); err != nil {
			return unmeasured(err)
		}
	}
	var accept func() error
	t.Cleanup(func() {
		t.Helper()
		if accept == nil {
			return
		}
		if t.Failed() {
			t.Logf("fanouttest: the test has failed, so its baseline is not written")
		} else if err := accept(); err != nil {
			t.Errorf("fanouttest: %v", err)
		}
	})
	before, told, collected := beside.Strays(s.Recorder), false, false
	t.Cleanup(func() {
		t.Helper()
		late := s.lateSince(before)
		if s.Shared || told || len(late) == 0 {
			return
		}
		err := fmt.Errorf("work went on after Run had returned, and is in no count; have Run wait for it: %s; %s", strings.Join(late, "; "), beside.LivesOn)
		if collected {
			err = errors.Join(err, write(resultFile(folder, subject), unmeasuredFile(subject, err)))
		}
		t.Errorf("fanouttest: %v", err)
	})
	var left []string
	ctx := beside.WithUnfinished(t.Context(), func(text string) {
		if !slices.Contains(left, text) {
			left = append(left, text)
		}
	})
	results, probed, err := s.measure(beside.WithSince(ctx, before), t, here.pkg) // between two N as well
	if errors.Is(err, context.DeadlineExceeded) && len(left) > 0 {
		err = fmt.Errorf("%w; a connection is not given back before its rows are closed, and these were left open: %s", err, strings.Join(left, "; "))
	}
	if err != nil {
		told = errors.Is(err, scenarios.ErrUnattributed)
		return unmeasured(err, results...)
	}
	if len(s.Ignore) > 0 {
		t.Logf("fanouttest: left out by Ignore: %s", s.ignored(results, before))
	}
	if last := results[len(results)-1]; last.Prepares > 0 {
		t.Logf("fanouttest: each run prepares statements anew, %d at N=%d: SQL that is different each time, a full cache, or a new connection", last.Prepares, last.N)
	}
	measured := s.file(subject, results)
	for _, note := range findings.FirstRunNotes(measured) {
		t.Logf("fanouttest: %s: %s; the later ones are judged, see Scenario.Cold", term.Printable(s.Name, 0), note.Text)
	}
	if t.Failed() {
		why := errors.New("the test has failed, so its counts are not judged")
		t.Logf("fanouttest: %v", why)
		return s.collectFailure(folder, subject, nil, why)
	}
	defer func() {
		if err != nil {
			onlycounts.Note(t.Name())
		}
	}()
	if folder != "" {
		if collected, err = s.collect(folder, subject, results, probed); err != nil {
			return err
		}
	}
	update, updateErr := updating()
	switch {
	case s.Expect != nil:
		err = failure(judge(testbaseline.OfLimits(measured), measured, s.Expect.metrics()), "raise the limit in Expect", "")
	case folder != "": // who collects judges
	case updateErr != nil:
		err = updateErr
	case !update:
		err = judgeByFile(t, path, here.update(t.Name()), measured)
	default:
		if len(left) > 0 {
			return fmt.Errorf("there is no baseline of work that is not finished when Run returns, as rows that are not closed, or where the first answer wins: %s", strings.Join(left, "; "))
		}
		accept = func() error { t.Helper(); return writeBaseline(t, path, measured) }
	}
	if err == nil {
		t.Logf("fanouttest: %s: %s", term.Printable(s.Name, 0), findings.Grows(measured))
	}
	return err
}
