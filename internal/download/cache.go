//go:build linux || darwin

// Package download fetches PostgreSQL's server programs, for machines that have
// none, and keeps them for the next time.
//
// They are the archives that the project embedded-postgres-binaries
// (https://github.com/zonkyio/embedded-postgres-binaries) publishes on Maven
// Central, which are also what github.com/fergusstrange/embedded-postgres unpacks.
// That library cannot be used for it: it downloads only on its way to starting a
// server, which it does not do as root; it accepts an archive without a checksum,
// cannot be interrupted, and leaves a log file behind each time.
package download

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Version is that of the programs: the PostgreSQL version, and the third number is
// the publisher's.
const Version = "17.5.0"

// Central is Maven Central, from where the programs come by default.
const Central = "https://repo1.maven.org/maven2"

// A Cache keeps programs.
type Cache struct {
	// Folder is where; it is created if need be. What a download left that was killed is a
	// temporary folder in it.
	Folder string
	// Others says that somebody else than the user of this process runs the programs, and has
	// to be able to enter Folder.
	Others bool
	// Repository is the URL of a Maven repository that has the archives.
	Repository string
	// Checksum is the SHA-256 that the archive has to have, in hexadecimal digits. Empty
	// means the one that the repository publishes beside it, which then has to be reached
	// over https.
	Checksum string
	// Notify is called with a line before something is fetched, and may be nil.
	Notify func(line string)

	stall  time.Duration // for tests; 0 is stallLimit
	client *http.Client  // for tests; nil is httpClient
}

// DefaultCache keeps programs in the folder that FANOUT_CACHE_DIR names, else in that
// of the user's caches, or, as root, in that of the machine's, since the programs do
// not run as root and root's own folders are closed to others. It fetches them from
// the repository that FANOUT_MAVEN_URL names, else from Central, and requires the checksum
// that FANOUT_MAVEN_SHA256 gives, if it does.
func DefaultCache() (Cache, error) {
	c := Cache{
		Folder: os.Getenv("FANOUT_CACHE_DIR"), Repository: os.Getenv("FANOUT_MAVEN_URL"),
		Checksum: strings.ToLower(strings.TrimSpace(os.Getenv("FANOUT_MAVEN_SHA256"))),
	}
	if c.Repository == "" {
		c.Repository = Central
	}
	if c.Checksum != "" && !isChecksum(c.Checksum) {
		return Cache{}, fmt.Errorf("FANOUT_MAVEN_SHA256 is no checksum, which has %d hexadecimal digits", 2*sha256.Size)
	}
	switch {
	case c.Folder != "":
		if !filepath.IsAbs(c.Folder) {
			return Cache{}, errors.New("FANOUT_CACHE_DIR is not an absolute path")
		}
		return c, nil
	case os.Geteuid() == 0:
		c.Folder = "/var/cache/fanout-bench"
		return c, nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return Cache{}, errors.New("there is no folder to keep programs in; set HOME or FANOUT_CACHE_DIR")
	}
	c.Folder = filepath.Join(user, "fanout-bench")
	return c, nil
}

// make makes the folder, and returns an error if it cannot be entered as Others says.
func (c Cache) make() error {
	var made []string
	for dir := c.Folder; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil {
			if c.Others && info.Mode().Perm()&0o001 == 0 {
				return fmt.Errorf("the programs are not run as root, and others cannot enter %s or a folder it is in; "+
					"set FANOUT_CACHE_DIR to one that everybody can", c.Folder)
			}
			if dir == filepath.Dir(dir) {
				break
			}
			continue
		}
		made = append(made, dir)
	}
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return fmt.Errorf("make the cache folder: %w", err)
	}
	for _, dir := range made { // the umask may have closed it
		if err := os.Chmod(dir, 0o755); err != nil {
			return fmt.Errorf("open the cache folder: %w", err)
		}
	}
	return nil
}

func isChecksum(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size && text == strings.ToLower(text)
}
