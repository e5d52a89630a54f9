package postgres

import (
	"context"
	"errors"
	"time"
)

const (
	// vacateLimit is how long a connection may take to end after its client has
	// closed it.
	vacateLimit = time.Second

	// lookAgain is when the server looks again at the connections to a database that it
	// is asked to copy or drop.
	lookAgain = 100 * time.Millisecond

	vacateInterval = time.Millisecond
)

// vacated waits until nobody is connected to the database name, and returns an error
// after limit. Closing a connection does not wait for the server's part of it to end, and
// the server, asked to copy or drop the database meanwhile, looks again only after a while.
func (s *Server) vacated(ctx context.Context, name string, limit time.Duration) error {
	const connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
	tick := time.NewTicker(vacateInterval)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); ; {
		var n int
		if err := s.admin.QueryRow(ctx, connections, name).Scan(&n); err != nil {
			return s.failure(ctx, "look for connections to "+name, err)
		}
		switch {
		case n == 0:
			return nil
		case time.Now().After(deadline):
			return errors.New("somebody is still connected to database " + name)
		}
		<-tick.C
	}
}
