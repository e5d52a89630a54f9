// Package report computes the meaning of measured cells.
//
// [File] contains the counts, in the form of result files. [Summarize] computes how counts grow
// with N. [Compare] compares two versions or two files. [Judge] compares a measurement with a
// baseline. The command presents the results and writes baselines.
//
// The package does not measure time, open databases or format reports. Its values are plain data:
// goroutines may read a value concurrently while none changes it. Names come from the program
// under test and may contain control characters: escape them before printing.
package report
