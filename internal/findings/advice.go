package findings

import "slices"

// Advice is what people are told to run. Whoever measured knows.
type Advice struct {
	// Accept returns the commands that accept findings on purpose, of which there is one
	// unless it takes several. Nil: nothing does.
	Accept func([]Finding) []string
	// Update is the command that brings a baseline up to date which lacks cells.
	Update string
	// Prune is what to do about cells that were not measured: a command where they are
	// gone, else words.
	Prune string
	// Details says how to have all listed: "(-v lists them)". Empty: there is no such way.
	Details string
}

// Commands returns those that accept what fails in j, as far as anything can be accepted.
func (a Advice) Commands(j Judgment) []string {
	failing := slices.DeleteFunc(j.Failing(), func(f Finding) bool { return f.Failure != "" })
	if len(failing) == 0 || a.Accept == nil {
		return nil
	}
	return a.Accept(failing)
}
