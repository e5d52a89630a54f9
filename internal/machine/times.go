package machine

// times are of all CPUs, since the machine started, in units of its own.
type times struct{ busy, all uint64 }
