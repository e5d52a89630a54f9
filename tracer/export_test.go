package tracer

// Hooks is the tracer that Attach installs.
type Hooks = hooks

// HooksOf returns the hooks of r.
func HooksOf(r *Recorder) Hooks { return hooks{r} }

// Sums are the figures of a Balance.
type Sums = sums

// SumsOf returns the sums of r.
func SumsOf(r *Recorder) Sums { return r.sums() }
