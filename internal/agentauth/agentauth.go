// Package agentauth is the built-in case: an agent on a cloud VM proves the VM's
// identity and gets the session token it works with.
//
// It follows a public incident. A release candidate of an open-source control
// plane let several agents share one instance ID. The path began to fan out, and
// under load it starved the connection pool. The versions measured here follow what
// is published about that change and later ones. Some of these were merged and some
// were not: each version's file names its source and says which. No code of that
// project was used.
//
// From the outside in: a [Handler] verifies the signed document and calls the
// version's Authenticate, which reads through a [Layer], which authorizes each
// read with an [Authorizer] and sends one statement for it with [Queries].
// A [Version] is one file; everything else is shared.
package agentauth

import (
	_ "embed"

	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

//go:embed schema.sql
var schema string

// Versions returns all versions, oldest first.
func Versions() []Version {
	return []Version{rc2, rc3, pr24973, pr24973Text, pr24973Memo, pr25158, pr25031, oneQuery}
}

// Path returns the case for a [scenarios.Runner].
func Path() *scenarios.Path { return Case().Path }

// Case returns the case with its workloads.
func Case() workload.Case { return CaseOf(Versions()) }

// CaseOf returns the case with other versions, oldest first. They must include rc.2, the
// version before the regression. Expected outcomes are looked up by version name.
func CaseOf(versions []Version) workload.Case {
	path := &scenarios.Path{
		Name:       "agentauth",
		Schema:     schema,
		ReadOnly:   true,
		SkipFrames: plumbing,
		Reference:  rc2.Name,
	}
	for _, v := range versions {
		path.Versions = append(path.Versions, scenarios.Version{Name: v.Name, Source: v.Source, Summary: v.Summary})
	}
	for _, s := range situations {
		path.Scenarios = append(path.Scenarios, s.scenario(versions))
	}
	path.Scenarios = append(path.Scenarios, auditorJobRead(versions))
	c := workload.Case{Path: path}
	for _, crowd := range crowds() {
		c.Workloads = append(c.Workloads, crowd.workload(versions))
	}
	return c
}

// plumbing lists functions that every statement and check passes through. They say nothing
// about its caller.
var plumbing = []string{
	packagePath + "(*exchange)",
	packagePath + "(*Layer).mayRead",
	packagePath + "rowRead[",
	packagePath + "recall[",
	packagePath + "one[",
	packagePath + "many[",
}

const packagePath = "github.com/fanout-bench/fanout-bench/internal/agentauth."
