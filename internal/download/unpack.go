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
	"slices"
	"strings"

	"github.com/ulikunitz/xz"
)

// A limits bounds the unpacked size, because a small archive can hold more than fits.
type limits struct {
	entries int
	total   int64 // bytes
}

// usual is several times what the largest archive needs.
var usual = limits{entries: 20_000, total: 1 << 30}

var errTooMuch = errors.New("the archive unpacks to too much; do not trust the repository")

// A bounded is a reader that fails after left bytes.
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

// unpack unpacks the programs in a jar, a zip file with a compressed tar file, to a new folder
// that everybody may read.
func (l limits) unpack(ctx context.Context, jar *os.File, folder string) error {
	info, err := jar.Stat()
	if err != nil {
		return err
	}
	files, err := zip.NewReader(jar, info.Size())
	if err != nil {
		return errors.New("the archive is not a jar")
	}
	i := slices.IndexFunc(files.File, func(f *zip.File) bool { return strings.HasSuffix(f.Name, ".txz") })
	if i < 0 {
		return errors.New("the jar contains no programs")
	}
	packed, err := files.File[i].Open()
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

func (l limits) unpackTar(ctx context.Context, plain io.Reader, folder string) error {
	root, err := os.OpenRoot(folder) // no name in the archive leads out of it
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	// Skipped entries and headers count too.
	archive := tar.NewReader(&bounded{plain, l.total})
	left := l.total // of file contents, whatever the headers say
	for n := 0; ctx.Err() == nil; n++ {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return readable(folder)
		}
		if err != nil {
			return err
		}
		if left -= header.Size; left < 0 || n >= l.entries {
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

// readable makes the folders readable despite the umask.
func readable(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	})
}
