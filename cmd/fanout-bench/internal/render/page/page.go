// Package page renders a report as one HTML page, and its first chart as a drawing.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

//go:embed chart.svg.tmpl page.html.tmpl
var templates embed.FS

//go:embed chart.css
var chartStyle string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"width":  func() int { return chartWidth },
	"height": func() int { return chartHeight },
	"right":  func() int { return chartRight },
	"bottom": func() int { return chartBottom },
	"whole":  func(text string) string { return term.Printable(text, 0) },
	"name":   func(text string) string { return term.Printable(text, term.NameWidth) },
	"cell":   func(text string) string { return term.Printable(text, 2*term.NameWidth) },
}).ParseFS(templates, "*.tmpl"))

// A page is a Document as the template lays it out. Its own texts are printable; the template
// makes those of the document so, and escapes all.
type page struct {
	view.Document
	Word, Sentence string
	Pool           string // that requests a second are of
	FirstRuns      []findings.FirstRunNote
	Causes         []pageCause
	Tables         []pageTable
	Lead           []chart // of the first scenario that grows
	Scenarios      []pageScenario
	Saturation     *pageSaturation

	Style             template.CSS
	Script            template.JS
	StyleID, RunnerID string // as the policy of the page names them
}

// HTML writes the document as one page that needs nothing else: no network, no
// script but for comfort. load is what the versions did under load, if they were put
// under any.
func HTML(w io.Writer, d view.Document, load *saturation.Results) error {
	word, sentence := d.Heading()
	p := page{
		Document: d, Word: word, Sentence: term.Printable(sentence, 0), Pool: capacity.Default().String(), FirstRuns: findings.FirstRunNotes(d.Measured),
		Style: template.CSS(chartStyle + pageStyle), Script: template.JS(pageScript), // #nosec G203 -- files of this package
		StyleID: policyHash(chartStyle + pageStyle), RunnerID: policyHash(pageScript),
	}
	x := newContents(d)
	for i, c := range d.Causes {
		p.Causes = append(p.Causes, x.cause(c, i < findings.MaxShown))
	}
	for i, growth := range d.Overview.Growth {
		s := x.scenario(growth)
		s.ID = fmt.Sprintf("scenario-%d", i+1)
		x.anchors[growth.Scenario] = s.ID
		if len(p.Lead) == 0 && len(p.Causes) == 0 {
			p.Lead, s.Charts = s.Charts, nil
		}
		p.Scenarios = append(p.Scenarios, s)
	}
	p.Tables = x.tables()
	if load != nil {
		p.Saturation = newSaturation(*load)
	}
	return pages.ExecuteTemplate(w, "page.html.tmpl", p)
}

// SVG writes how SQL grows with N in the first scenario that has an N, as a drawing.
func SVG(w io.Writer, d view.Document) error {
	x := newContents(d)
	for _, growth := range d.Overview.Growth {
		if charts := x.charts(growth); len(charts) > 0 {
			return pages.ExecuteTemplate(w, "drawing", struct {
				Style template.CSS
				Chart chart
			}{template.CSS(chartStyle), charts[0]}) // #nosec G203 -- a file of this package
		}
	}
	return errors.New("there is no scenario with more than one N to draw")
}

// policyHash is how a Content-Security-Policy names the one text it allows.
func policyHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
