package findings

// Advice is what people are told to run. Whoever measured knows.
type Advice struct {
	// Accept returns the command that accepts a finding on purpose. Nil: nothing does.
	Accept func(Finding) string
	// Widen is the command that sets another limit for what is over a budget. Empty: Accept
	// is for that as well.
	Widen string
	// Explain returns the command that shows the call tree of a measured cell. Nil: there is
	// none.
	Explain func(Finding) string
	// Update is the command that brings a baseline up to date which lacks cells.
	Update string
	// Prune is what to do about cells that were not measured: a command where they are
	// gone, else words.
	Prune string
}

// For returns the command that accepts f.
func (a Advice) For(f Finding) string {
	if f.OverBudget() && a.Widen != "" {
		return a.Widen
	}
	return a.Accept(f)
}
