package markdown

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// code returns s, which may come from the program under test, for a cell of a
// Markdown table or a line of text: as code, so that nothing in it is a link, a
// mention, an image or HTML. It can also be read as it is, where s allows it.
func code(s string) string {
	text := term.Truncate(term.Printable(s, 0), term.LongWidth)
	if text == "" || strings.ContainsAny(text, "`|@<") {
		return tagged(s)
	}
	return "`" + text + "`"
}

// tagged is code where Markdown is HTML.
func tagged(s string) string {
	return "<code>" + entities(term.Truncate(term.Printable(s, 0), term.LongWidth)) + "</code>"
}

// entities escapes what Markdown, GitHub and GitLab read meaning into. The blank
// after an @, which has no width, keeps e-mail from making it a mention.
func entities(s string) string {
	s = meaning.ReplaceAllStringFunc(s, func(c string) string {
		if c == ": " {
			return c
		}
		return fmt.Sprintf("&#%d;", c[0])
	})
	// The one kind of link that needs none of these.
	return bareLink.ReplaceAllString(strings.ReplaceAll(s, "@", "@\u200b"), "$1&#46;")
}

var (
	meaning  = regexp.MustCompile("[&<>|`*_~\\[\\]\\\\$#]|: ?")
	bareLink = regexp.MustCompile(`(?i)(www)\.`)
)

// prose returns s, a sentence of ours with names from the program under test in it,
// as a line of Markdown, which is not an item of a list.
func prose(s string) string {
	text := entities(term.Truncate(term.Printable(s, 0), 3*term.LongWidth))
	marker := blockMarker.FindString(text)
	if marker == "" {
		return text
	}
	last := len(marker) - 1
	return fmt.Sprintf("%s&#%d;%s", marker[:last], marker[last], text[len(marker):])
}

// blockMarker matches what makes a line an item of a list or underlines a heading, apart from
// what entities escapes.
var blockMarker = regexp.MustCompile(`^([-+=]|[0-9]+[.)])`)

// fenced returns body, of printable lines, as a code block that it cannot end.
func fenced(language, body string) string {
	fence := "```"
	for strings.Contains(body, fence) {
		fence += "`"
	}
	return fence + language + "\n" + strings.TrimRight(body, "\n") + "\n" + fence + "\n"
}

// details returns a block that is folded. Without the blank lines what is in it
// would not be Markdown.
func details(summary, body string) string {
	return "<details>\n<summary>" + summary + "</summary>\n\n" + strings.TrimRight(body, "\n") + "\n\n</details>\n"
}

// row returns a row of a table, of cells that are Markdown.
func row(cells ...string) string {
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// header returns the head of a table. Columns whose title ends with a colon
// are aligned right.
func header(titles ...string) string {
	var rule []string
	for i, title := range titles {
		if name, right := strings.CutSuffix(title, ":"); right {
			titles[i] = name
			rule = append(rule, "--:")
		} else {
			rule = append(rule, "---")
		}
	}
	return row(titles...) + "|" + strings.Join(rule, "|") + "|\n"
}
