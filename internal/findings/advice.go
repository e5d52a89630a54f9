package findings

import "slices"

// Advice is what people can run. The code that measures knows it.
type Advice struct {
	// Accept returns the commands that accept findings, usually one. Nil: there is no such
	// command.
	Accept func([]Finding) []string
	// Update is the command that updates a baseline with missing cells.
	Update string
	// Prune says what to do about cells that were not measured: a command if they no longer
	// exist, or otherwise words.
	Prune string
	// Details says how to list everything: "(-v lists them)". Empty: there is no way.
	Details string
}

// Commands returns the commands that accept the failing findings of j, as far as possible.
func (a Advice) Commands(j Judgment) []string {
	failing := slices.DeleteFunc(j.Failing(), func(f Finding) bool { return f.Failure != "" })
	if len(failing) == 0 || a.Accept == nil {
		return nil
	}
	return a.Accept(failing)
}
