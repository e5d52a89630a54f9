// Package scenarios runs a code path repeatedly and counts its queries and checks.
//
// A [Path] is the code under measurement: its schema, its [Version]s and its [Scenario]s. A
// [Cell] combines a scenario, an N and a version. For every cell a [Runner]
//
//  1. provides a database in which the cell sees no other cell's rows,
//  2. calls the scenario's Setup, which stores N units and returns an [Operation],
//  3. runs the operation once to warm up, then at least three times, each in its own
//     [tracer.Scope] (with Cold it calls Setup before each run and does not warm up),
//  4. requires that each run has the expected outcome, that all runs have the same counts,
//     and that the counts agree with what the server did.
//
// The counts are those of the operation, without the warm-up. [Result] shows the warm-up if it
// costs something else. A cell that fails, varies, counts nothing or works outside its context
// yields an error that names it, never a number. [Runner.Measure] measures a cell on the
// caller's database.
package scenarios
