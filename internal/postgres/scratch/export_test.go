package scratch

import "context"

// ReleaseLease does what the end of a pooler's session does.
func (s *Server) ReleaseLease(ctx context.Context) { s.lease.release(ctx) }
