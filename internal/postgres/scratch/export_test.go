package scratch

import "context"

// ReleaseLease ends the session of the lease, as a pooler may do.
func (s *Server) ReleaseLease(ctx context.Context) { s.lease.release(ctx) }

// Unleased is unleased.
const Unleased = unleased
