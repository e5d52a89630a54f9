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

// An account is the user that PostgreSQL's programs run as.
type account struct {
	name       string              // for messages; empty for the user of this process
	credential *syscall.Credential // nil for the user of this process
}

// serverAccount returns the user of this process, or an unprivileged one if
// that is root: PostgreSQL refuses to run as root, which is who most CI jobs in
// containers are.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if a, ok := accountNamed(name); ok {
			return a, nil
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as")
}

// OtherUser reports whether servers run as another user than this process, and returns an
// error if they would have to and there is none.
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

// command prepares a program of PostgreSQL's. Nothing of our environment
// reaches it: PG* variables would change what it does, and LC_ALL and TZ make
// its messages and its settings the same everywhere.
func (a account) command(dir, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...) //nolint:noctx // wait and end stop it more gently than exec would
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	// In a group of its own Ctrl-C does not reach it: it is us who stop it, after
	// the caller is done with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	return cmd
}
