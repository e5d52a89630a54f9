package ci

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// JUnit writes the judgment as JUnit XML, which GitLab and others show with a merge request: a
// failed test case for each cause, with all its series, and one for each other finding and series.
func JUnit(w io.Writer, j findings.Judgment, advice findings.Advice) error {
	suite := junitSuite{Name: "fanout-bench"}
	path := term.Printable(j.Path, 0)
	accept := ""
	if commands := advice.Commands(j); len(commands) > 0 {
		accept = "If it is meant:\n" + strings.Join(commands, "\n") + "\n"
	}
	for _, c := range j.Causes {
		suite.Failures++
		suite.Cases = append(suite.Cases, junitCase{
			Class: path, Name: term.Printable(c.Site()+" "+c.Way()+" "+c.Asks[0].Name, 0),
			Failure: &junitProblem{Type: "cause", Message: term.Printable(c.Sentence(func(s string) string { return s }), 0), Text: c.Text() + accept},
		})
	}
	finding := j.BySeries()
	for _, d := range j.Series {
		f := finding(d)
		if f != nil && f.Placed() {
			continue
		}
		c := junitCase{Class: term.Printable(j.Path+"."+d.Version, 0), Name: term.Printable(d.Scenario+" N="+term.Span(d.N), 0)}
		switch {
		case f == nil:
		case f.Fails():
			suite.Failures++
			c.Failure = problem(f, accept)
		case f.Verdict == report.Added || f.Verdict == report.Missing:
			suite.Errors++
			c.Error = problem(f, "")
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, u := range j.Unmeasured {
		suite.Errors++
		suite.Cases = append(suite.Cases, junitCase{
			Class: term.Printable(j.Path+"."+u.Version, 0), Name: term.Printable(u.Scenario, 0),
			Error: &junitProblem{Type: "unmeasured", Message: term.Printable("not measured: "+u.Reason, 0)},
		})
	}
	if j.ProofFailure != "" {
		suite.Errors++
		suite.Cases = append(suite.Cases, junitCase{
			Class: path, Name: "the gate can fail", Error: &junitProblem{Type: "blind", Message: term.Printable(j.ProofFailure, 0)},
		})
	}
	suite.Tests = len(suite.Cases)
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
}

type junitProblem struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func problem(f *findings.Finding, accept string) *junitProblem {
	return &junitProblem{Type: string(f.Verdict), Message: term.Printable(f.Headline(), 0), Text: f.Text() + accept}
}
