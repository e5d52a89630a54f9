package render_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
)

// A browser shows one page, and keeps whatever it complains of and asks the network
// for.
type browser struct {
	t        *testing.T
	ctx      context.Context
	problems problems
}

type problems struct {
	sync.Mutex
	list []string
}

func (p *problems) add(format string, args ...any) {
	p.Lock()
	defer p.Unlock()
	p.list = append(p.list, fmt.Sprintf(format, args...))
}

// start returns a browser, which is gone when the test ends.
func start(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(tool(t, "chromium", "chromium-browser", "google-chrome")),
		// A container for CI has neither the privileges of a sandbox nor much shared
		// memory, and the page is ours.
		chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true))
	// A browser that hangs must not hang the tests.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return &browser{t: t, ctx: ctx}
}

// open shows d, with what versions did under load.
func open(t *testing.T, d view.Document, load *saturation.Results, before ...chromedp.Action) *browser {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	var text strings.Builder
	if err := page.HTML(&text, d, load); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
	b := start(t)
	chromedp.ListenTarget(b.ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.problems.add("exception: %v", e.ExceptionDetails)
		case *runtime.EventConsoleAPICalled:
			b.problems.add("console: %v", e.Args)
		case *log.EventEntryAdded:
			b.problems.add("log: %s", e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != address {
				b.problems.add("request: %s", e.Request.URL)
			}
		case *cdppage.EventJavascriptDialogOpening:
			b.problems.add("dialog: %s", e.Message)
		}
	})
	b.do(network.Enable(), log.Enable(), runtime.Enable())
	b.do(before...)
	b.do(chromedp.Navigate(address))
	return b
}

func (b *browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// expect requires what a JavaScript expression is, as text.
func (b *browser) expect(expression, want string) {
	b.t.Helper()
	var got string
	b.do(chromedp.Evaluate("String("+expression+")", &got))
	if got != want {
		b.t.Errorf("%s\n got %s\nwant %s", expression, got, want)
	}
}

func (b *browser) check() {
	b.t.Helper()
	b.problems.Lock()
	defer b.problems.Unlock()
	for _, problem := range b.problems.list {
		b.t.Errorf("%.500s", problem)
	}
}

func TestLongBrowser(t *testing.T) {
	long.Test(t)
	b := open(t, versions(t), underLoad(t))
	b.expect(`document.querySelector("h1").textContent`, "comparison 2 versions of auth in 2 scenarios, compared with v1.")

	// A click on a title sorts, another one the other way round.
	const first = `document.querySelector("#changes tbody tr").cells[0].textContent`
	const title = `#changes th:nth-child(1) button`
	b.expect(first, "agents")
	b.do(chromedp.Click(title), chromedp.Click(title))
	b.expect(`document.querySelector("#changes th").getAttribute("aria-sort")`, "descending")
	b.expect(`document.querySelector("#changes tbody tr").textContent`, "agents3 RBAC 11 + 2·N RBAC N WORSE")
	// Tab and Enter do it as well.
	b.do(chromedp.Focus(title), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	b.expect(`document.querySelector("#changes th:nth-child(2)").getAttribute("aria-sort")`, "ascending")

	// The filter shows the rows that have all words, and of one verdict, by mouse and by keyboard.
	const shown = `[...document.querySelectorAll("#changes tbody tr")].filter((r) => r.checkVisibility()).map((r) => r.cells[0].textContent).join(" ") + ": " + document.querySelector("#changes output").textContent`
	b.expect(shown, "agents: 2 of 2")
	b.do(chromedp.SendKeys("#changes input", "UNK"))
	b.expect(shown, "unknown: 1 of 2")
	b.do(chromedp.SendKeys("#changes input", " agents"))
	b.expect(shown, ": 0 of 2")
	b.do(chromedp.Evaluate(`document.querySelector("#changes input").value = ""`, nil), chromedp.Focus("#changes input"), chromedp.KeyEvent("a"), chromedp.KeyEvent("\b"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("W"))
	b.expect(shown, "agents: 1 of 2")

	// A link opens the call tree that it leads to, which folds.
	const tree = `document.querySelector("#changes td:last-child a").getAttribute("href")`
	var id string
	b.do(chromedp.Evaluate(tree, &id), chromedp.Click(`#changes td:last-child a`, chromedp.ByQuery))
	b.do(chromedp.WaitVisible(id+" .tools", chromedp.ByQuery))
	open := fmt.Sprintf(`document.querySelectorAll("%s li details[open]").length`, id)
	b.expect(open, "3")
	b.expect(fmt.Sprintf(`document.querySelectorAll("%s li.new").length > 0 && document.querySelectorAll("%s li.gone").length > 0`, id, id), "true")
	b.do(chromedp.Click(id + " .tools button:last-of-type"))
	b.expect(open, "0")
	b.do(chromedp.Click(id + " li summary"))
	b.expect(open, "1")
	b.do(chromedp.Click(id + " .tools button"))
	b.expect(open, "3")

	b.expect(`document.querySelectorAll("svg.chart").length`, "11")
	b.expect(`[...document.querySelectorAll("svg.chart circle title")].some((t) => t.textContent === "v2, N=16: 33")`, "true")
	b.check()
}

// TestLongBrowserColorsAndWidths requires that the page fits, and that text can be read.
func TestLongBrowserColorsAndWidths(t *testing.T) {
	long.Test(t)
	for name, d := range map[string]view.Document{"versions": versions(t), "baseline": documented(), "measured": view.NewMeasuredDocument(reporttest.Of(reporttest.Saved(), "v2"), nil)} {
		t.Run(name, func(t *testing.T) { checkWidths(t, d) })
	}
}

func checkWidths(t *testing.T, d view.Document) {
	b := open(t, d, underLoad(t))
	for _, width := range []int64{1280, 400} {
		for scheme, back := range map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 28)"} {
			b.do(chromedp.EmulateViewport(width, 900),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
				chromedp.Evaluate(`document.querySelectorAll("details").forEach((part) => { part.removeAttribute("name"); part.open = true; })`, nil))
			b.expect(`getComputedStyle(document.body).backgroundColor`, back)
			b.expect(fmt.Sprintf(`document.documentElement.scrollWidth <= %d`, width), "true")
			b.expect(`[...document.querySelectorAll(".node .label")].every((label) => label.offsetWidth === 0 || label.offsetWidth >= 200)`, "true")
			b.expect(`Math.min(...[...document.querySelectorAll("svg text")].filter((t) => t.checkVisibility()).map((t) => parseFloat(getComputedStyle(t).fontSize) * t.closest("svg").getBoundingClientRect().width / 560)) >= 12`, "true")
			b.expect(tooFaint, "")
		}
	}
	b.check()
}

// tooFaint lists texts whose contrast is below 4.5, which WCAG calls the least.
const tooFaint = `(() => {
	const light = (color) => {
		const [r, g, b] = color.match(/[0-9.]+/g).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const back = (e) => {
		for (; e; e = e.parentElement) {
			const color = getComputedStyle(e).backgroundColor;
			if (color !== "rgba(0, 0, 0, 0)") return color;
		}
	};
	const faint = new Set();
	for (const e of document.querySelectorAll("body *")) {
		if (e.closest("script, title") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
		const style = getComputedStyle(e);
		const [a, b] = [light(e.closest("svg") ? style.fill : style.color), light(back(e))];
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) faint.add(e.tagName + "." + (e.className.baseVal ?? e.className) + " " + e.textContent.slice(0, 20) + " " + contrast.toFixed(1));
	}
	return [...faint].join("; ");
})()`

func TestLongBrowserWithoutScript(t *testing.T) {
	long.Test(t)
	b := open(t, versions(t), underLoad(t), emulation.SetScriptExecutionDisabled(true))
	var text string
	b.do(chromedp.Text("#changes tbody", &text), chromedp.Click("details.scenario summary"), chromedp.Click("details.tree summary"), chromedp.WaitVisible("details.tree li"))
	if !strings.Contains(text, "1 + 2·N") {
		t.Errorf("the table is %q", text)
	}
	b.check()
}

// TestLongBrowserHostile shows a page of names that would do something if anything let
// them.
func TestLongBrowserHostile(t *testing.T) {
	long.Test(t)
	for _, name := range []string{
		`<img src=x onerror=alert(1)>`, `</script><script>alert(1)</script>`, `</style><script>alert(1)</script>`, `"><svg onload=alert(1)>`,
		`javascript:alert(1)`, `{{.}}`, `</title><script>alert(1)</script>`, `<!-- `, `]]>`, `<link rel=stylesheet href=http://127.0.0.1:1/x>`,
		`' onmouseover='alert(1)`, strings.Repeat("x", 10_000),
	} {
		t.Run(name[:min(len(name), 20)], func(t *testing.T) {
			b := open(t, strangeDocument(name), nil)
			b.expect(`document.querySelectorAll("img, link, iframe, object").length + document.scripts.length`, "1")
			b.expect(`document.querySelector("#changes tbody").textContent.includes("<U+")`, "false")
			b.do(chromedp.EmulateViewport(400, 900))
			b.expect(`document.documentElement.scrollWidth <= 400`, "true")
			b.check()
		})
	}
}

// underLoad is what versions did under load.
func underLoad(t *testing.T) *saturation.Results {
	t.Helper()
	var text strings.Builder
	if err := outcomes().JSON(&text); err != nil {
		t.Fatal(err)
	}
	saved, err := saturation.Read(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return &saved
}
