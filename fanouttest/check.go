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
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/strays"
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

// A checking is one call of Check.
type checking struct {
	Scenario
	t       TB
	here    place
	path    string         // of the baseline
	folder  string         // to collect results in, or ""
	subject report.Subject // of the collected results

	before    map[beside.Stray]int // work without a scope; nil before the measurement
	told      bool                 // of work without a scope
	left      []string             // rows and goroutines that a run did not wait for
	collected bool                 // results were written to folder
	accepted  *report.File         // to be written as the baseline if the test succeeds
}

func check(t TB, s Scenario) error {
	t.Helper()
	c := &checking{Scenario: s.withDefaults(t), t: t, here: thisPackage()}
	var err error
	if c.folder, err = outFolder(); err != nil {
		return err
	}
	if err := takeName(t.Name(), c.Name); err != nil {
		return err // the collected file of that name belongs to the other test
	}
	t.Cleanup(c.finish)
	path, name := c.here.baseline(c.Name)
	scenario := report.Scenario{Name: c.Name, Version: c.here.pkg, Unit: c.Unit, Test: t.Name(), Label: c.Label, Folder: c.here.moduleName()}
	if c.Expect == nil {
		scenario.Baseline = name // without it, limits judge
	}
	c.path, c.subject = path, report.Subject{Name: c.here.module, Versions: []string{c.here.pkg}, Scenarios: []report.Scenario{scenario}}
	if err := c.check(); err != nil {
		return c.unmeasured(err)
	}
	if c.Expect == nil {
		if err := c.here.elsewhere(); err != nil {
			return c.unmeasured(err)
		}
	}
	results, probed, err := c.results()
	if err != nil {
		return c.unmeasured(err, results...)
	}
	measured := c.file(c.subject, results)
	c.note(results, measured)
	if t.Failed() {
		why := errors.New("the test has failed, so its counts are not judged")
		t.Logf("fanouttest: %v", why)
		return c.collectFailure(c.folder, c.subject, nil, why)
	}
	if c.folder != "" {
		c.collected, err = c.collect(c.folder, c.subject, results, probed)
	}
	if err == nil {
		err = c.judge(measured)
	}
	if err != nil {
		onlycounts.Note(t.Name())
		return err
	}
	t.Logf("fanouttest: %s: %s", term.Printable(c.Name, 0), findings.Grows(measured))
	return nil
}

// results returns the results for each N and, if requested, the runs with probes.
func (c *checking) results() ([]scenarios.Result, *probe.Runs, error) {
	c.t.Helper()
	c.before = beside.Strays(c.Recorder)
	ctx := beside.WithUnfinished(c.t.Context(), func(text string) {
		if !slices.Contains(c.left, text) {
			c.left = append(c.left, text)
		}
	})
	// With c.before, work between two N is noticed too.
	results, probed, err := c.measure(beside.WithSince(ctx, c.before), c.t, c.here.pkg)
	if errors.Is(err, context.DeadlineExceeded) && len(c.left) > 0 {
		err = fmt.Errorf("%w; open rows hold their connection; close these: %s", err, strings.Join(c.left, "; "))
	}
	c.told = errors.Is(err, beside.ErrUnattributed)
	return results, probed, err
}

// unmeasured returns why there is nothing to judge, after it wrote that to the folder of results.
func (c *checking) unmeasured(why error, results ...scenarios.Result) error {
	err := c.collectFailure(c.folder, c.subject, results, why)
	if update, _ := updating(); update && c.Expect == nil {
		why = fmt.Errorf("%w; its baseline is not written", why)
	}
	return errors.Join(why, err)
}

// note logs what is worth knowing of results beside their counts.
func (c *checking) note(results []scenarios.Result, measured report.File) {
	c.t.Helper()
	if len(c.Ignore) > 0 {
		c.t.Logf("fanouttest: ignored by field Ignore: %s", c.ignored(results, c.before))
	}
	if last := results[len(results)-1]; last.Prepares > 0 {
		c.t.Logf("fanouttest: each run prepares statements again, %d at N=%d: the SQL text varies, the statement cache is full, or the connection is new", last.Prepares, last.N)
	}
	for _, note := range findings.FirstRunNotes(measured) {
		c.t.Logf("fanouttest: %s: %s; the later runs are judged, see Scenario.Cold", term.Printable(c.Name, 0), note.Text)
	}
}

// judge compares measured with its limits or baseline. Collected results without limits are left
// to the collecting command.
func (c *checking) judge(measured report.File) error {
	c.t.Helper()
	update, err := updating()
	switch {
	case c.Expect != nil:
		return failure(judge(testbaseline.OfLimits(measured), measured, c.Expect.metrics()), "the limit in Expect", "raise the limit in Expect", "")
	case c.folder != "":
		return nil
	case err != nil:
		return err
	case !update:
		return judgeByFile(c.t, c.path, c.here.update(c.t.Name()), measured)
	case len(c.left) > 0:
		return fmt.Errorf("work that is unfinished when Run returns cannot have a baseline; close all rows and wait for all goroutines: %s", strings.Join(c.left, "; "))
	}
	c.accepted = &measured
	return nil
}

// finish runs when the outcome of the test is known.
func (c *checking) finish() {
	c.t.Helper()
	if err := c.late(); err != nil {
		c.t.Errorf("fanouttest: %v", err)
	}
	switch {
	case c.accepted == nil:
	case c.t.Failed():
		c.t.Logf("fanouttest: the test failed, so its baseline is not written")
	default:
		if err := writeBaseline(c.t, c.path, *c.accepted); err != nil {
			c.t.Errorf("fanouttest: %v", err)
		}
	}
	noteFinished(c.t, c.folder, c.here.pkg)
}

// late returns an error about work that a run left behind. Counts without it mean nothing.
func (c *checking) late() error {
	if c.Shared || c.told || c.before == nil {
		return nil
	}
	_, late := strays.Texts(beside.StraysSince(c.Recorder, c.before, c.Ignore))
	if len(late) == 0 {
		return nil
	}
	err := fmt.Errorf("work went on after Run returned, so it is not counted; make Run wait for it: %s; %s", strings.Join(late, "; "), beside.LivesOn)
	if c.collected {
		err = errors.Join(err, write(resultFile(c.folder, c.subject), unmeasuredFile(c.subject, err)))
	}
	return err
}
