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

	vacateInterval = time.Millisecond
)

// vacated waits until nobody is connected to the database name. Closing a
// connection does not wait for the server's part of it to end, and the server,
// asked to copy the database meanwhile, looks again only after 100 ms, and
// gives up only after 5 s.
func (s *Server) vacated(ctx context.Context, name string) error {
	const connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
	tick := time.NewTicker(vacateInterval)
	defer tick.Stop()
	for deadline := time.Now().Add(vacateLimit); ; {
		var n int
		if err := s.admin.QueryRow(ctx, connections, name).Scan(&n); err != nil {
			return s.failure(ctx, "look for connections to "+name, err)
		}
		switch {
		case n == 0:
			return nil
		case time.Now().After(deadline):
			return errors.New("clone database " + name + ": somebody is still connected to it")
		}
		<-tick.C
	}
}
