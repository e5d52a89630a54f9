//go:build linux || darwin

package download

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// Cached returns the folder of the programs, and whether it exists. Without a required
// checksum any archive for this machine will do: its checksum was verified when it was
// downloaded.
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

// Programs returns the folder of the programs and fetches them if necessary. If several
// processes fetch at once, one downloads and the others wait.
func (c Cache) Programs(ctx context.Context) (bin string, err error) {
	if err := c.make(); err != nil { // first: programs in a closed folder are of no use
		return "", err
	}
	if bin, ok := c.Cached(); ok {
		return bin, nil
	}
	archive, err := archiveName()
	if err != nil {
		return "", err
	}
	lock, err := c.lock(ctx)
	if err != nil {
		return "", err
	}
	defer lock.Close()
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

// keptPrefix returns the folder name for an archive up to its checksum. A folder gets its name
// when it is complete.
func keptPrefix(archive string) string {
	return "postgresql-" + Version + "-" + strings.TrimPrefix(archive, archivePrefix) + "-"
}

// lock waits until no other process fetches. The kernel releases the lock when the process
// ends.
func (c Cache) lock(ctx context.Context) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(c.Folder, "lock"), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the cache folder: %w", err)
	}
	for waiting := false; ; waiting = true {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || ctx.Err() != nil {
			_ = file.Close()
			return nil, fmt.Errorf("lock the cache folder %s: %w", c.Folder, cmp.Or(ctx.Err(), err))
		}
		if !waiting {
			c.notify("Waiting for another download of PostgreSQL to " + c.Folder + ".")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// fetch fetches and unpacks the archive.
func (c Cache) fetch(ctx context.Context, archive string) (err error) {
	part, err := tempfolder.New(c.Folder, "download")
	if err != nil {
		return err
	}
	defer func() {
		if removal := part.Remove(); err == nil && removal != nil {
			err = removal
		}
	}()
	jar, err := os.Create(part.File("archive"))
	if err != nil {
		return err
	}
	defer func() { _ = jar.Close() }()
	sum, err := c.get(ctx, archive, jar)
	if err != nil {
		return err
	}
	programs := part.File("programs")
	if err := usual.unpack(ctx, jar, programs); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	if _, err := os.Stat(filepath.Join(programs, "bin", "postgres")); err != nil {
		return errors.New("the archive contains no server programs")
	}
	kept := filepath.Join(c.Folder, keptPrefix(archive)+sum)
	// An existing folder has no programs; Cached would have returned it otherwise.
	if err := os.RemoveAll(kept); err != nil {
		return err
	}
	return os.Rename(programs, kept)
}
