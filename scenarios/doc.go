// Package scenarios runs a code path again and again and records what it costs.
//
// A [Path] is the code under measurement: its schema, its [Version]s and the
// [Scenario]s it is put through. Each combination of a scenario, an N and a
// version is a [Cell]. For every cell a [Runner]
//
//  1. provides a database in which the cell sees no other cell's rows,
//  2. calls the scenario's Setup, which stores N units and returns an [Operation],
//  3. runs the operation once to warm up, then at least three times, each in a
//     [tracer.Scope] of its own,
//     With Cold it calls Setup before each run, and does not warm up,
//  4. requires that each run came to the expected outcome, that all of them
//     counted the same, and that it adds up to what the server did.
//
// Only the operation is counted, and the run to warm up is not; where that one costs
// otherwise, [Result] tells. A cell that fails, varies, counts nothing or
// works outside its context is an error that names the cell, never a number.
// [Runner.Measure] does the same for a cell whose database somebody else provides.
package scenarios
