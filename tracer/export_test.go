package tracer

// Hooks is what Attach installs for pgx to call.
type Hooks = hooks

// HooksOf returns those of r.
func HooksOf(r *Recorder) *Hooks { return (*hooks)(r) }

// Sums are what a Balance is of.
type Sums = sums

// SumsOf returns those of r.
func SumsOf(r *Recorder) Sums { return r.sums() }
