//go:build linux || darwin

package download

import (
	"archive/tar"
	"archive/zip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ulikunitz/xz"
)

// A limits bounds what an archive unpacks to: a small one can hold far more than there is
// room for.
type limits struct {
	entries     int
	file, total int64 // bytes
}

// usual is several times what the largest archive has.
var usual = limits{entries: 20_000, file: 256 << 20, total: 1 << 30}

var errTooMuch = errors.New("the archive has far more in it than any there is")

// A bounded is a reader that fails where it has more than left bytes.
type bounded struct {
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooMuch
	}
	return n, err
}

// unpack unpacks the programs in a jar, which is a zip file with a compressed tar
// file in it, to a new folder. Everybody may read and run them.
func (l limits) unpack(ctx context.Context, jar *os.File, folder string) error {
	info, err := jar.Stat()
	if err != nil {
		return err
	}
	files, err := zip.NewReader(jar, info.Size())
	if err != nil {
		return errors.New("the archive is no jar")
	}
	for _, f := range files.File {
		if !strings.HasSuffix(f.Name, ".txz") {
			continue
		}
		packed, err := f.Open()
		if err != nil {
			return err
		}
		defer func() { _ = packed.Close() }()
		plain, err := xz.NewReader(packed)
		if err != nil {
			return err
		}
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		return l.unpackTar(ctx, plain, folder)
	}
	return errors.New("the jar has no programs in it")
}

func (l limits) unpackTar(ctx context.Context, plain io.Reader, folder string) error {
	root, err := os.OpenRoot(folder) // no name in the archive leads out of it
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	// With what is skipped, and what is said of each entry.
	archive := tar.NewReader(&bounded{plain, l.total})
	left := l.total // of files, which may have more than the archive says
	for n := 0; ctx.Err() == nil; n++ {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return readable(folder)
		}
		if err != nil {
			return err
		}
		if left -= header.Size; left < 0 || header.Size > l.file || n >= l.entries {
			return errTooMuch
		}
		name := filepath.Clean(header.Name)
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		switch header.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(name, 0o755)
		case tar.TypeSymlink:
			err = root.Symlink(header.Linkname, name)
		case tar.TypeReg:
			err = unpackFile(root, name, header, archive)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func unpackFile(root *os.Root, name string, header *tar.Header, content io.Reader) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyN(file, content, header.Size)
	if err == nil {
		err = file.Chmod(header.FileInfo().Mode().Perm() | 0o444)
	}
	return errors.Join(err, file.Close())
}

// readable undoes what the umask took from the folders.
func readable(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	})
}
