// Package report turns measured cells into summaries, comparisons and text.
//
// Data flows one way. [Rows] holds what was counted, as result files store it.
// [Summarize] finds how counts grow with N, [Compare] what differs between two
// versions or two files, [Claims.Check] whether published figures are reproduced.
// [Judge] sets what was measured against a baseline, and a [Document] holds all of it
// for a report. The renderers only lay out what those computed.
//
// The package counts; it does not time, and it opens no database. Its values are plain
// data: several goroutines may read one as long as none changes it. Names in it come
// from the program under test, and are made harmless when they are rendered; whoever
// prints one otherwise passes it through [Printable].
package report
