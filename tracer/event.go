package tracer

// Kind is the kind of an [Event].
type Kind string

const (
	KindQuery Kind = "query" // Query, QueryRow, Exec, or one item of a batch
	KindCopy  Kind = "copy"  // CopyFrom
	KindTx    Kind = "tx"    // transaction control, however it was sent
	// KindBatch is a SendBatch, or a string of several statements. Each of its statements has its
	// own Query or Tx event.
	KindBatch   Kind = "batch"
	KindPrepare Kind = "prepare" // a prepare that was not done already
	KindSetup   Kind = "setup"   // a statement of pgxpool's AfterConnect or PrepareConn hook
	KindConnect Kind = "connect" // a new connection
	KindAcquire Kind = "acquire" // pgxpool's Acquire, also within Pool.Query
	KindCheck   Kind = "check"   // one decision of the authorization layer
)

// Outcome is the outcome of an [Event].
type Outcome string

const (
	// OutcomeUnfinished: begun and not ended when the scope ended, for example because rows were
	// not closed. It counts, because the server has usually executed it.
	OutcomeUnfinished Outcome = "unfinished"
	// OutcomeDone: executed without an error, or an allowed check.
	OutcomeDone Outcome = "done"
	// OutcomeFailed: executed and failed on the server, or a denied check.
	OutcomeFailed Outcome = "failed"
	// OutcomeUnread: a batch item that was executed and whose result was not read.
	OutcomeUnread Outcome = "unread"
	// OutcomeUnknown: sent, but the connection or the context ended before the answer.
	OutcomeUnknown Outcome = "unknown"
	// OutcomeSkipped: a batch item after the failed one.
	OutcomeSkipped Outcome = "skipped"
	// OutcomeNotSent: not sent, or refused by the server before execution.
	OutcomeNotSent Outcome = "not sent"
)

// reached reports whether the server did the work, or may have.
func (o Outcome) reached() bool { return o != OutcomeSkipped && o != OutcomeNotSent }

func (o outcome) reached() bool { return o < outcomeSkipped }

// completed reports whether the server reported the end of the statement.
func (o outcome) completed() bool { return o == outcomeDone || o == outcomeUnread }

// An Event is one thing that a [Scope] saw.
type Event struct {
	Kind    Kind
	Outcome Outcome
	// Name is the statement's name (see [StatementName]) or the check's label.
	Name string
	// Parent is the index in the Recording of the event that contains this one: the check that
	// ran a query, or the batch of an item. It is -1 if there is none.
	Parent int
	// Identity is equal for two events of a Recording that do the same work: the same SQL apart
	// from comments and space, with equal arguments, or the same subject, action and object. 0
	// means unknown and equals nothing. It is a hash that is valid only within this process;
	// arguments are not kept.
	Identity uint64
	// Writes: it may change what later statements read, so an equal read after it is not a
	// duplicate. Rolled back transactions are included.
	Writes bool
	// Locks: Writes is set only because it locks, as FOR UPDATE does, and so waits for other
	// writers.
	Locks bool
	// RoundTrips is how often the application waited for the server for this event. The items of
	// a batch have none; the batch has them.
	RoundTrips int
	// Stack is the application code that led here, outermost first, with at most the 128
	// innermost calls. The stack of an event with a Parent is complete too. It ends before the
	// code that sqlc generated, because Name says which method that was. With [Recorder.Sites] it
	// has only the innermost frame. It is empty if neither Sites nor Stacks is set, except after
	// a leak (see [Recording.Leaks]), and if no application code led here, for example when a
	// pool opens a connection. Events may share one Stack.
	Stack []Frame

	leaked  bool // its context did not carry the scope
	held    int  // connections of pools that the scope held when it began
	crossed bool // another scope had acquired its connection, see adopt
}
