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

// NewRecorder returns a Recorder that keeps stacks, so that the messages of Check can name the
// code behind each statement. skip lists functions to leave out of them: see
// [tracer.Recorder.SkipFrames].
func NewRecorder(skip ...string) *tracer.Recorder {
	return &tracer.Recorder{Stacks: true, SkipFrames: skip}
}

// Check measures s. It fails t if s cannot be measured, if a count exceeds its limit, or if s
// costs more than its baseline. If t has already failed, Check does not judge the counts, because
// counts of failed work mean nothing. Invalid fields and a name that another test uses fail t
// before anything is measured. Parallel tests may call Check, also with a shared pool and
// Recorder.
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
		return err // the collected file of that name belongs to the other test
	}
	here := thisPackage()
	// Cleanups run last in, first out: this one runs when the outcome is known.
	t.Cleanup(func() { noteFinished(t, folder, here.pkg) })
	path, name := here.baseline(s.Name)
	scenario := report.Scenario{Name: s.Name, Version: here.pkg, Unit: s.Unit, Test: t.Name(), Label: s.Label, Folder: here.moduleName()}
	if s.Expect == nil {
		scenario.Baseline = name // without it, limits judge
	}
	subject := report.Subject{Name: here.module, Versions: []string{here.pkg}, Scenarios: []report.Scenario{scenario}}
	unmeasured := func(why error, results ...scenarios.Result) error {
		err := s.collectFailure(folder, subject, results, why)
		if update, _ := updating(); update && s.Expect == nil {
			why = fmt.Errorf("%w; its baseline is not written", why)
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
			t.Logf("fanouttest: the test failed, so its baseline is not written")
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
		err := fmt.Errorf("work went on after Run returned, so it is not counted; make Run wait for it: %s; %s", strings.Join(late, "; "), beside.LivesOn)
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
	results, probed, err := s.measure(beside.WithSince(ctx, before), t, here.pkg) // also counts work between two N
	if errors.Is(err, context.DeadlineExceeded) && len(left) > 0 {
		err = fmt.Errorf("%w; open rows hold their connection; close these: %s", err, strings.Join(left, "; "))
	}
	if err != nil {
		told = errors.Is(err, beside.ErrUnattributed)
		return unmeasured(err, results...)
	}
	if len(s.Ignore) > 0 {
		t.Logf("fanouttest: ignored by field Ignore: %s", s.ignored(results, before))
	}
	if last := results[len(results)-1]; last.Prepares > 0 {
		t.Logf("fanouttest: each run prepares statements again, %d at N=%d: the SQL text varies, the statement cache is full, or the connection is new", last.Prepares, last.N)
	}
	measured := s.file(subject, results)
	for _, note := range findings.FirstRunNotes(measured) {
		t.Logf("fanouttest: %s: %s; the later runs are judged, see Scenario.Cold", term.Printable(s.Name, 0), note.Text)
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
		err = failure(judge(testbaseline.OfLimits(measured), measured, s.Expect.metrics()), "the limit in Expect", "raise the limit in Expect", "")
	case folder != "": // the collecting command judges
	case updateErr != nil:
		err = updateErr
	case !update:
		err = judgeByFile(t, path, here.update(t.Name()), measured)
	default:
		if len(left) > 0 {
			return fmt.Errorf("work that is unfinished when Run returns cannot have a baseline; close all rows and wait for all goroutines: %s", strings.Join(left, "; "))
		}
		accept = func() error { t.Helper(); return writeBaseline(t, path, measured) }
	}
	if err == nil {
		t.Logf("fanouttest: %s: %s", term.Printable(s.Name, 0), findings.Grows(measured))
	}
	return err
}
