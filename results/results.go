// Package results holds committed figures, for programs that show them.
package results

import "embed"

// Claims holds the claims files in claims/: published figures, each as a Markdown
// table.
//
//go:embed claims/*.md
var Claims embed.FS
