package ci

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// JUnit writes the judgment as JUnit XML, which GitLab and others show with a merge
// request: a test case for each series and judged metric.
func JUnit(w io.Writer, j findings.Judgment, advice findings.Advice) error {
	suite := junitSuite{Name: "fanout-bench"}
	for _, d := range j.Series {
		suite.add(j, d, advice)
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
			Class: term.Printable(j.Path, 0), Name: "the gate can fail", Error: &junitProblem{Type: "blind", Message: term.Printable(j.ProofFailure, 0)},
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

// add adds the test cases of d.
func (s *junitSuite) add(j findings.Judgment, d report.SeriesDiff, advice findings.Advice) {
	f := j.Finding(d)
	class := term.Printable(j.Path+"."+d.Version, 0)
	name := term.Printable(d.Scenario+" N="+term.Span(d.N), 0)
	switch d.Verdict {
	case report.NotCompared:
		s.Failures++
		s.Cases = append(s.Cases, junitCase{Class: class, Name: name, Failure: problem(f, advice, f.Headline())})
	case report.Added, report.Missing:
		s.Errors++
		s.Cases = append(s.Cases, junitCase{Class: class, Name: name, Error: problem(f, advice, f.Headline())})
	default:
		for _, m := range j.Judged {
			c := junitCase{Class: class, Name: name + " " + string(m)}
			if slices.Contains(d.Worse, m) {
				s.Failures++
				c.Failure = problem(f, advice, f.MetricHeadline(m))
			}
			s.Cases = append(s.Cases, c)
		}
	}
}

func problem(f *findings.Finding, advice findings.Advice, message string) *junitProblem {
	var b strings.Builder
	findings.WriteOne(&b, *f, advice, term.Style{})
	return &junitProblem{Type: string(f.Verdict), Message: term.Printable(message, 0), Text: b.String()}
}
