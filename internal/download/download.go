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
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Version is that of the programs: the PostgreSQL version, and the third number is
// the publisher's.
const Version = "17.5.0"

// Central is Maven Central, from where the programs come by default.
const Central = "https://repo1.maven.org/maven2"

// A Cache keeps programs.
type Cache struct {
	// Folder is where; it is created if need be. Whoever runs the programs has to
	// be able to enter it.
	Folder string
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

// Make makes the folder. With others, somebody else than the user of this process
// has to be able to enter it, and Make returns an error if that is not so.
func (c Cache) Make(others bool) error {
	var made []string
	for dir := c.Folder; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil {
			if others && info.Mode().Perm()&0o001 == 0 {
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

// Cached returns the folder of the programs, and whether they are there: those of the
// archive with the checksum that was asked for, or of any for this machine, all of which had
// the one that was asked for, or published, at the time.
func (c Cache) Cached() (bin string, ok bool) {
	archive, err := archiveName()
	if err != nil {
		return "", false
	}
	entries, _ := os.ReadDir(c.Folder)
	for _, e := range entries {
		sum, found := strings.CutPrefix(e.Name(), keptPrefix(archive))
		if !found || !isChecksum(sum) || c.Checksum != "" && sum != c.Checksum {
			continue
		}
		bin := filepath.Join(c.Folder, e.Name(), "bin")
		if _, err := os.Stat(filepath.Join(bin, "postgres")); err == nil {
			return bin, true
		}
	}
	return "", false
}

// Programs returns the folder of the programs, fetching them first unless they are
// there. Of several that fetch at once one does, and the others wait for it.
func (c Cache) Programs(ctx context.Context) (bin string, err error) {
	if bin, ok := c.Cached(); ok {
		return bin, nil
	}
	archive, err := archiveName()
	if err != nil {
		return "", err
	}
	if err := c.Make(false); err != nil {
		return "", err
	}
	unlock, err := c.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	if bin, ok := c.Cached(); ok {
		return bin, nil
	}
	if err := c.fetch(ctx, archive); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", fmt.Errorf("download PostgreSQL %s: %w", Version, err)
	}
	bin, _ = c.Cached()
	return bin, nil
}

// keptPrefix is what the name of the folder begins with that an archive is unpacked to. The
// checksum of the archive follows. The folder gets its name when it is complete.
func keptPrefix(archive string) string {
	return "postgresql-" + Version + "-" + strings.TrimPrefix(archive, archivePrefix) + "-"
}

func isChecksum(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size && text == strings.ToLower(text)
}

// partName is that of a folder for what is being downloaded.
const partName = "part"

// Abandoned returns the folder that a download left that was killed, or "".
func (c Cache) Abandoned() string {
	release, ok := c.abandoned()
	defer release()
	if !ok {
		return ""
	}
	return filepath.Join(c.Folder, partName)
}

// Sweep removes what a download left that was killed.
func (c Cache) Sweep() error {
	release, ok := c.abandoned()
	defer release()
	if !ok {
		return nil
	}
	return os.RemoveAll(filepath.Join(c.Folder, partName))
}

// abandoned reports whether a download was killed and has left something, and keeps others
// from downloading until released.
func (c Cache) abandoned() (release func(), ok bool) {
	if _, err := os.Lstat(filepath.Join(c.Folder, partName)); err != nil {
		return func() {}, false
	}
	file, err := os.OpenFile(filepath.Join(c.Folder, "lock"), os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return func() {}, false
	}
	locked := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
	return func() { _ = file.Close() }, locked
}

// lock waits until nobody else fetches. The kernel lets go of the lock whichever way
// the process ends.
func (c Cache) lock(ctx context.Context) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(c.Folder, "lock"), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the cache folder: %w", err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for waiting := false; ; {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			_ = file.Close()
			return nil, fmt.Errorf("lock the cache folder %s: %w", c.Folder, err)
		}
		if !waiting && c.Notify != nil {
			c.Notify("Waiting for another download of PostgreSQL to " + c.Folder + ".")
		}
		waiting = true
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, fmt.Errorf("wait for another download of PostgreSQL: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// fetch fetches and unpacks the archive.
func (c Cache) fetch(ctx context.Context, archive string) (err error) {
	// Whoever held the lock before and was killed has left it.
	part := filepath.Join(c.Folder, partName)
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	defer func() {
		if removal := os.RemoveAll(part); err == nil && removal != nil {
			err = removal
		}
	}()
	if err := os.Mkdir(part, 0o755); err != nil {
		return err
	}
	jar, sum, err := c.get(ctx, archive, part)
	if err != nil {
		return err
	}
	defer func() { _ = jar.Close() }()
	programs := filepath.Join(part, "programs")
	if err := usual.unpack(ctx, jar, programs); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	if _, err := os.Stat(filepath.Join(programs, "bin", "postgres")); err != nil {
		return errors.New("the archive has no server programs")
	}
	kept := filepath.Join(c.Folder, keptPrefix(archive)+sum)
	// What there is has no programs, or it would have been taken.
	if err := os.RemoveAll(kept); err != nil {
		return err
	}
	return os.Rename(programs, kept)
}
