package tracer

// Kind says what an [Event] is.
type Kind string

const (
	Query   Kind = "query"   // Query, QueryRow, Exec, or one item of a batch
	Copy    Kind = "copy"    // CopyFrom
	Tx      Kind = "tx"      // transaction control, however it was sent
	Batch   Kind = "batch"   // SendBatch; the items are Query and Tx events of their own
	Prepare Kind = "prepare" // a prepare that was not already done
	Setup   Kind = "setup"   // whatever pgxpool's AfterConnect or PrepareConn hook sends
	Connect Kind = "connect" // a new connection
	Acquire Kind = "acquire" // pgxpool's Acquire, also where Pool.Query calls it
	Check   Kind = "check"   // one decision of the authorization layer
)

// Outcome says what became of an [Event].
type Outcome string

const (
	// Unfinished: begun and not ended when the scope ended, as when rows are
	// never closed. The server has executed it.
	Unfinished Outcome = "unfinished"
	// Done: executed, or for a check decided, without an error.
	Done Outcome = "done"
	// Failed: executed and failed on the server; a check that denied.
	Failed Outcome = "failed"
	// Unread: a batch item that was executed and whose result was not read.
	Unread Outcome = "unread"
	// Unknown: sent, and the connection or the context ended before the answer.
	Unknown Outcome = "unknown"
	// Skipped: a batch item after the one that failed.
	Skipped Outcome = "skipped"
	// NotSent: it never reached the server, or the server refused to prepare it.
	NotSent Outcome = "not sent"
)

// reached reports whether the server did, or may have done, the work.
func (o Outcome) reached() bool { return o != Skipped && o != NotSent }

// An Event is one thing a [Scope] saw.
type Event struct {
	Kind    Kind
	Outcome Outcome
	// Name is the statement's name (see [StatementName]) or the check's label.
	Name string
	// Parent is the index, in the same Recording, of the event during which
	// this one happened: the check that ran a query, the batch of an item.
	// -1 when there is none.
	Parent int
	// Identity is equal for two events of a Recording that did the same work:
	// the same SQL with equal arguments, or the same subject, action and object.
	// 0 means unknown, which is never the same work. It is a hash that holds
	// only within this process; arguments themselves are not kept.
	Identity uint64
	// Stack is the application code that led here, outermost first, of the innermost
	// 128 calls. That of an event with a Parent is whole as well. It does not go into
	// a store that sqlc generated, as Name tells which method of it ran. Stack is
	// empty unless [Recorder.Stacks] is set, and where no application code led here,
	// as when a pool opens a connection. Events may share one.
	Stack []Frame
}
