//go:build linux || darwin

package postgres

import (
	"errors"
	"fmt"
	"os"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

// lend calls use with a file that holds password, which account can read and
// nobody else, and which is gone afterwards. Arguments and the environment of a
// program show to others.
func (f *folder) lend(password string, account account, use func(path string) error) error {
	path := f.password()
	if err := writePassword(path, password, account); err != nil {
		return fmt.Errorf("write the password of the server%s: %w", account.as(), oserr.WithoutPath(err))
	}
	err := use(path)
	if removal := os.Remove(path); err == nil && removal != nil {
		err = fmt.Errorf("remove the password of the server: %w", oserr.WithoutPath(removal))
	}
	return err
}

func writePassword(path, password string, account account) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if account.credential != nil {
		err = file.Chown(int(account.credential.Uid), int(account.credential.Gid))
	}
	if err == nil {
		_, err = file.WriteString(password + "\n")
	}
	return errors.Join(err, file.Close())
}
