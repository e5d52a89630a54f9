//go:build linux || darwin

package postgres

import (
	"errors"
	"os"
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
