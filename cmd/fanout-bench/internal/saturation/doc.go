// Package saturation holds what happens to a service while requests arrive at a fixed
// rate and every connection to the database is slow: what was offered, what came back,
// and whether that is what the counts foretell.
//
// It is plain data and arithmetic. A pool of connections of which each request needs
// one for h seconds is full at pool ÷ h requests a second; the rest is queueing. What
// takes time is reported and never judged. The verdict says what happened. Whether that was
// foretold rests on the order of two rates, and only where latency makes the outcome certain;
// see [Run.Judge].
package saturation
