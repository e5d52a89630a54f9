// Package report says what measured cells mean.
//
// Data flows one way. [File] holds what was counted, as result files store it.
// [Summarize] finds how counts grow with N, and [Compare] what differs between two
// versions or two files. [Judge] sets what was measured against a baseline. What people are
// told of it, and how it becomes the next baseline, is the command's.
//
// The package counts; it does not time, it opens no database, and it lays nothing out. Its
// values are plain data: several goroutines may read one as long as none changes it. Names
// in it come from the program under test: whoever prints one has to make it harmless.
package report
