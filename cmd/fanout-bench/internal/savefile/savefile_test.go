package savefile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
)

func words(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

func holds(t *testing.T, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
	}
}

func TestSave(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := errors.Join(os.WriteFile("real.json", []byte("old"), 0o600), os.Symlink("real.json", "link.json")); err != nil {
		t.Fatal(err)
	}
	target, err := savefile.New("link.json")
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("half of it")
	if err := target.Save(func(w io.Writer) error { return errors.Join(words("new")(w), broken) }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	holds(t, "real.json", "old")
	if err := target.Save(words("new")); err != nil {
		t.Error(err)
	}
	holds(t, "real.json", "new") // the link remains a link
	holds(t, "link.json", "new")
	if _, err := os.Readlink("link.json"); err != nil {
		t.Error(err)
	}
}

func TestFolderIsMadeWhenTheFileIsSaved(t *testing.T) {
	t.Chdir(t.TempDir())
	name := filepath.Join("a", "b", "c.json")
	if _, err := savefile.New(name); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("got %v", err)
	}
	target, err := savefile.NewWithFolder(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("a"); err == nil {
		t.Error("the folder exists before the file is saved")
	}
	if err := target.Save(words("new")); err != nil {
		t.Error(err)
	}
	holds(t, name, "new")
}

// TestAlone updates a file while another command does, in a folder that does not exist yet.
func TestAlone(t *testing.T) {
	t.Chdir(t.TempDir())
	name := filepath.Join("a", "b", "c.json")
	one, err := savefile.NewWithFolder(name)
	if err != nil {
		t.Fatal(err)
	}
	other, err := savefile.NewWithFolder(filepath.Join("a", "b", "other.json"))
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	if err := one.Alone(func() error { return refused }); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat("a"); err == nil {
		t.Error("an update that saves nothing leaves the folder")
	}
	if err := one.Alone(func() error {
		err := other.Alone(func() error { return other.Save(words("lost")) })
		if err == nil || !strings.Contains(err.Error(), "another command is writing in the folder of "+other.Name) {
			t.Errorf("beside an update: %v", err)
		}
		return one.Save(words("new"))
	}); err != nil {
		t.Error(err)
	}
	holds(t, name, "new")
	if err := other.Alone(func() error { return other.Save(words("after")) }); err != nil {
		t.Error(err)
	}
	holds(t, other.Name, "after")
}

func TestUnwritableTargets(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", []byte("read"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{
		"":       "file name is empty",
		".":      "not a regular file",
		"file/x": "",
	} {
		_, err := savefile.New(name)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", name, err, says)
		}
	}
	for args, says := range map[string]string{
		"--page x --save y":             "",
		"--page x --save ./x":           "name the same file",
		"--save file":                   "--save would replace file",
		"--save testdata/fanout/x.json": "holds baselines",
		"--save nowhere/x":              "does not exist",
	} {
		cmd := &cobra.Command{}
		cmd.Flags().String("page", "", "")
		cmd.Flags().String("save", "", "")
		if err := cmd.ParseFlags(strings.Fields(args)); err != nil {
			t.Fatal(err)
		}
		_, err := savefile.OfFlags(cmd, []string{"other", "file"}, "page", "save")
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", args, err, says)
		}
	}
	holds(t, "file", "read")
}
