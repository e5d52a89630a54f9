package tracer

// Kind says what an [Event] is.
type Kind string

const (
	KindQuery Kind = "query" // Query, QueryRow, Exec, or one item of a batch
	KindCopy  Kind = "copy"  // CopyFrom
	KindTx    Kind = "tx"    // transaction control, however it was sent
	// KindBatch: SendBatch, or a string of several statements. Each statement of it is a
	// Query or Tx event of its own.
	KindBatch   Kind = "batch"
	KindPrepare Kind = "prepare" // a prepare that was not already done
	KindSetup   Kind = "setup"   // whatever pgxpool's AfterConnect or PrepareConn hook sends
	KindConnect Kind = "connect" // a new connection
	KindAcquire Kind = "acquire" // pgxpool's Acquire, also where Pool.Query calls it
	KindCheck   Kind = "check"   // one decision of the authorization layer
)

// Outcome says what became of an [Event].
type Outcome string

const (
	// OutcomeUnfinished: begun and not ended when the scope ended, as when rows are never
	// closed. It counts: most often the server has executed it.
	OutcomeUnfinished Outcome = "unfinished"
	// OutcomeDone: executed, or for a check decided, without an error.
	OutcomeDone Outcome = "done"
	// OutcomeFailed: executed and failed on the server; a check that denied.
	OutcomeFailed Outcome = "failed"
	// OutcomeUnread: a batch item that was executed and whose result was not read.
	OutcomeUnread Outcome = "unread"
	// OutcomeUnknown: sent, and the connection or the context ended before the answer.
	OutcomeUnknown Outcome = "unknown"
	// OutcomeSkipped: a batch item after the one that failed.
	OutcomeSkipped Outcome = "skipped"
	// OutcomeNotSent: it never reached the server, or the server refused it before it executed
	// any of it.
	OutcomeNotSent Outcome = "not sent"
)

// reached reports whether the server did, or may have done, the work.
func (o Outcome) reached() bool { return o != OutcomeSkipped && o != OutcomeNotSent }

func (o outcome) reached() bool { return o < outcomeSkipped }

// completed reports whether the server has told that it executed the statement to
// its end.
func (o outcome) completed() bool { return o == outcomeDone || o == outcomeUnread }

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
	// the same SQL, but for comments and space, with equal arguments, or the same subject,
	// action and object.
	// 0 means unknown, which is never the same work. It is a hash that holds
	// only within this process; arguments themselves are not kept.
	Identity uint64
	// Writes: it may change what a later statement reads, so that the same read again is
	// not the same work. Transactions that are rolled back do too.
	Writes bool
	// Locks: that is so only because it locks, as FOR UPDATE does, and so waits for what
	// others write.
	Locks bool
	// RoundTrips is how often the application waited for the server because of it. The
	// items of a batch have none: the batch does.
	RoundTrips int
	// Stack is the application code that led here, outermost first, of the innermost
	// 128 calls. That of an event with a Parent is whole as well. It does not go into
	// a store that sqlc generated, as Name tells which method of it ran. With
	// [Recorder.Sites] it is the innermost of these frames alone. Stack is
	// empty unless either is set, except where a context was not passed on (see
	// [Recording.Leaks]), and where no application code led here, as when a pool opens a
	// connection. Events may share one.
	Stack []Frame

	via     via
	held    int  // connections of pools that the scope had when it began
	crossed bool // its connection was at that time acquired by another scope, see adopt
}
