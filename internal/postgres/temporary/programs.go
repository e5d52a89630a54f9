//go:build linux || darwin

package temporary

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// versionLimit bounds 'postgres --version'.
const versionLimit = 10 * time.Second

// usualFolders are where packages install PostgreSQL's programs outside of PATH.
var usualFolders = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/lib/postgresql*/bin",  // SUSE
	"/usr/libexec/postgresql*",  // Alpine
	"/usr/pgsql-*/bin",          // Red Hat, from postgresql.org
	"/usr/local/pgsql/bin",      // built from source
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin", // Homebrew on Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// InstalledBins returns the folders to search for programs: those of PATH, then the usual ones.
func InstalledBins() []string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range usualFolders {
		found, _ := filepath.Glob(pattern) // fails for a malformed pattern only
		folders = append(folders, found...)
	}
	return folders
}

// programs are the two programs of one installation that a server needs.
type programs struct {
	account          account // whom they are run as
	initdb, postgres string
	version          string // "15.18"
	major, minor     int
}

// findPrograms returns the usable installations in folders, newest first.
func findPrograms(ctx context.Context, folders []string) ([]programs, error) {
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	var found []programs
	seen := map[string]bool{}
	err = errors.New("no folder on PATH or of a package has both initdb and postgres")
	for _, folder := range folders {
		p := programs{account: account, initdb: filepath.Join(folder, "initdb"), postgres: filepath.Join(folder, "postgres")}
		_, initdbErr := exec.LookPath(p.initdb)
		_, postgresErr := exec.LookPath(p.postgres)
		if !filepath.IsAbs(folder) || initdbErr != nil || postgresErr != nil {
			continue
		}
		// Links in PATH often point to one of the usual folders.
		real, linkErr := filepath.EvalSymlinks(p.postgres)
		if linkErr != nil || seen[real] {
			continue
		}
		seen[real] = true
		if unusable := p.ask(ctx); unusable != nil {
			err = unusable
		} else {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b programs) int {
		return cmp.Or(cmp.Compare(b.major, a.major), cmp.Compare(b.minor, a.minor))
	})
	return found, nil
}

// versionText matches the output of "postgres --version", also of a beta.
var versionText = regexp.MustCompile(`\(PostgreSQL\) ((\d+)(?:\.(\d+))?\w*)`)

// ask runs postgres to learn its version, as the user of the server, who may have fewer
// rights than this process.
func (p *programs) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, versionLimit)
	defer cancel()
	var output bytes.Buffer
	cmd := p.account.command(ctx, "/", p.postgres, "--version")
	cmd.Stdout = &output
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Kill() }, time.Second
	ended, err := start(cmd)
	if err == nil {
		if err = (<-ended).err; ctx.Err() != nil {
			err = ctx.Err()
		}
	}
	if err != nil {
		return fmt.Errorf("cannot run postgres --version%s: %w", p.account.as, err)
	}
	m := versionText.FindStringSubmatch(output.String())
	if m == nil {
		return errors.New("postgres --version prints no version")
	}
	p.version = m[1]
	p.major, _ = strconv.Atoi(m[2])
	p.minor, _ = strconv.Atoi(m[3])
	return scratch.Supported(p.version, p.major)
}
