//go:build linux || darwin

// Package download fetches PostgreSQL's server programs and keeps them for later runs.
//
// They are the archives that the project embedded-postgres-binaries
// (https://github.com/zonkyio/embedded-postgres-binaries) publishes on Maven Central. The
// library github.com/fergusstrange/embedded-postgres unpacks them too, but does not fit: it
// downloads only when it starts a server, which it refuses as root, accepts archives without
// a checksum, cannot be interrupted, and leaves log files behind.
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

// Version is the PostgreSQL version; the third number is the publisher's.
const Version = "17.5.0"

// Central is Maven Central, the default repository.
const Central = "https://repo1.maven.org/maven2"

// A Cache keeps downloaded programs.
type Cache struct {
	// Folder is created if it does not exist. A killed download leaves a temporary folder in
	// it.
	Folder string
	// Others says that another user runs the programs and must be able to enter Folder.
	Others bool
	// Repository is the URL of a Maven repository with the archives.
	Repository string
	// Checksum is the required SHA-256 of the archive in hexadecimal digits. If it is empty,
	// the repository's own checksum is used, which requires https.
	Checksum string
	// Notify, if not nil, is called with a line of text before a download.
	Notify func(line string)

	stall  time.Duration // for tests; 0 is stallLimit
	client *http.Client  // for tests; nil is httpClient
}

// DefaultCache returns the cache that FANOUT_CACHE_DIR, FANOUT_MAVEN_URL and
// FANOUT_MAVEN_SHA256 set. By default the folder is the user's cache and the repository is
// Central. For root it is the machine's cache: the programs do not run as root, and others
// cannot enter root's own folders.
func DefaultCache() (Cache, error) {
	c := Cache{
		Folder: os.Getenv("FANOUT_CACHE_DIR"), Repository: os.Getenv("FANOUT_MAVEN_URL"),
		Checksum: strings.ToLower(strings.TrimSpace(os.Getenv("FANOUT_MAVEN_SHA256"))),
	}
	if c.Repository == "" {
		c.Repository = Central
	}
	if c.Checksum != "" && !isChecksum(c.Checksum) {
		return Cache{}, fmt.Errorf("FANOUT_MAVEN_SHA256 is not a checksum; set %d hexadecimal digits", 2*sha256.Size)
	}
	switch {
	case c.Folder != "":
		if !filepath.IsAbs(c.Folder) {
			return Cache{}, errors.New("FANOUT_CACHE_DIR must be an absolute path")
		}
		return c, nil
	case os.Geteuid() == 0:
		c.Folder = "/var/cache/fanout-bench"
		return c, nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return Cache{}, errors.New("no folder for downloaded programs; set HOME or FANOUT_CACHE_DIR")
	}
	c.Folder = filepath.Join(user, "fanout-bench")
	return c, nil
}

// make makes the folder. It returns an error if other users must enter it and cannot.
func (c Cache) make() error {
	var made []string
	for dir := c.Folder; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil {
			if c.Others && info.Mode().Perm()&0o001 == 0 {
				return fmt.Errorf("the programs run as another user than root, who cannot enter %s or a parent of it; "+
					"set FANOUT_CACHE_DIR to a folder that everybody can enter", c.Folder)
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
	for _, dir := range made { // despite the umask
		if err := os.Chmod(dir, 0o755); err != nil {
			return fmt.Errorf("open the cache folder: %w", err)
		}
	}
	return nil
}

func (c Cache) notify(line string) {
	if c.Notify != nil {
		c.Notify(line)
	}
}

func isChecksum(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size && text == strings.ToLower(text)
}
