// Package results holds committed figures, for programs that show them.
package results

import (
	"embed"
	"io/fs"
)

//go:embed claims/*.md
var files embed.FS

// Claims returns the folder with the claims files: published figures, each as a Markdown
// table, under names like "claims/pr-24973.md".
func Claims() fs.FS { return files }
