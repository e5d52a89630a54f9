//go:build linux || darwin

package temporary

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// An account is the user who runs PostgreSQL's programs.
type account struct {
	name       string              // for messages; empty for the user of this process
	credential *syscall.Credential // nil for the user of this process
}

// serverAccount returns the user of this process. If that is root, as in most CI containers,
// it returns an unprivileged user, because PostgreSQL refuses to run as root.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if a, ok := accountNamed(name); ok {
			return a, nil
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and this machine has no user postgres or nobody; add one")
}

// OtherUser reports whether servers run as another user than this process. It returns an
// error if they must but there is none.
func OtherUser() (bool, error) {
	account, err := serverAccount()
	return account.credential != nil, err
}

func accountNamed(name string) (account, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, false
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if uidErr != nil || gidErr != nil || uid == 0 {
		return account{}, false
	}
	return account{name, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, true
}

// as returns " as user NAME" if the account is not the user of this process.
func (a account) as() string {
	if a.name == "" {
		return ""
	}
	return " as user " + a.name
}

// command prepares one of PostgreSQL's programs, without our environment: PG* variables would
// change what it does. LC_ALL and TZ make its messages and settings the same everywhere.
func (a account) command(dir, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...) //nolint:noctx // wait and end stop it more gently
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	// In its own group the program does not receive Ctrl-C. This package stops it later.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	return cmd
}
