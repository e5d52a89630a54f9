package fanouttest

import (
	"regexp"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// secrets matches connection strings and other secrets in errors of other packages. The test's
// log has the complete error.
var secrets = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(://[^/\s:@]*):[^\s]*@`), "$1:***@"},
	{regexp.MustCompile(`(?i)((?:password|passwd|pwd|passphrase|secret|token|api_?key|authorization)["']?\s*[=:]\s*)(?:(?:bearer|basic)\s+\S+|'[^']*'|"[^"]*"|[^\s,;]+)`), "$1***"},
	{regexp.MustCompile(`(?i)\b((?:host|hostaddr|user|database|dbname)=)[^\s\x60,;]+`), "$1***"},
	{regexp.MustCompile(`\S+ \([^()\s]+\): (dial|server|tls|hostname|failed)`), "***: $1"}, // of pgconn
	{regexp.MustCompile(`\b(dial (?:tcp|udp|unix)[46]?|lookup) [^\s]+?(:?(?:\s|$))`), "$1 ***$2"},
	{regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[[0-9a-fA-F:]+\]:\d+`), "***"},
	// Keep only the name of a file.
	{regexp.MustCompile(`(?:/(?:home|root|Users|tmp|var|private|opt|builds|workspace|mnt)|\b[A-Za-z]:)[/\\](?:[^/\\\s:"'\x60]+[/\\])*`), ""},
}

// shown returns the text of err for a file that others read: one short line without anything that
// looks like a secret.
func shown(err error) string {
	text := strings.ToValidUTF8(err.Error(), "�")
	for _, s := range secrets {
		text = s.pattern.ReplaceAllString(text, s.instead)
	}
	return term.Printable(text, 600)
}
