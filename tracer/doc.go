// Package tracer counts the SQL statements and authorization checks of one
// unit of work, such as a request.
//
//	recorder := &tracer.Recorder{}
//	recorder.Attach(config.ConnConfig) // config is a *pgxpool.Config
//
//	ctx, scope := tracer.Start(ctx, "GET /orders")
//	handler.ServeHTTP(w, req.WithContext(ctx))
//	fmt.Println(scope.End().Counts().SQL)
//
// A [Recorder] hooks into pgx and pgxpool, [CountChecks] wraps the function
// that decides an authorization. Both add what they see to the [Scope] that the
// context carries. [Scope.End] turns it into a [Recording], which is plain data.
// Where totals are enough, [Count] keeps them for less.
//
// # What counts as a statement
//
// Every statement that the application had the server execute counts one, also
// when it failed at run time: Query, QueryRow, Exec, each item of a batch, each
// statement of a string of several, one per CopyFrom. A statement whose result was
// never read still counts. Transaction control (begin, commit, rollback, savepoint),
// prepares, and what pgxpool's connection hooks send are recorded but are not
// statements of the application. Statements that never reached the server, or that
// it refused, do not count.
//
// The server refuses a statement if it does not take it when it parses or prepares it; if
// the error points at a place in the text (PgError.Position), as that of an unknown column
// does; if it cannot read the arguments or has another number of them; if it would take one
// statement and got several, or the transaction has failed before. All else counts: what
// fails while it is planned or executed, and a lock or a timeout, whether the statement was
// parsed by then or not. That is the same in every [pgx.QueryExecMode], with these
// exceptions:
//   - In the simple protocol and in a batch of QueryExecModeExec only the error tells. What may
//     as well have failed at run time counts: SQL that is not UTF-8, a constant that names no
//     type.
//   - A server that does not say which argument it cannot read, as an old one or one whose
//     messages are in Spanish or Korean, has such a statement count, except in the simple
//     protocol, where arguments are constants.
//   - Before it sends a batch pgx prepares the statements of it that are new, and sends
//     nothing if one fails. In QueryExecModeExec and the simple protocol the server executes
//     those before it.
//
// An error that ends the connection counts only if the server had answered before, as it may
// have been on its way when the statement came; in the simple protocol no answer comes
// before the first row.
//
// Two reads are the same work if their SQL and arguments are equal and nothing was
// written between; see [Recording.Repeats]. Arguments are hashed when the call
// begins, and never kept.
//
// # Held against the server
//
// A tracer of pgx does not see everything, so the Recorder reads along the headers of
// what the server answers on the connections it is attached to. That makes round trips
// exact, tells the statements of a string apart, and shows what no tracer is told of:
// [Recorder.Balance] says whether what was counted and what the server completed add
// up, and [Recording.Warnings] what was hidden on connections that a scope had acquired.
// Hidden are
//   - Conn.Ping, Pool.Ping, and, before a scope has acquired the connection, the ping with
//     which pgxpool checks one that was idle and database/sql one that it uses again;
//   - calls of the underlying pgconn.PgConn: Exec, ExecParams, CopyTo, a pipeline, and
//     what it sends while it connects. A connection that pgconn itself opens has no
//     tracer, so a config for pgconn.ConnectConfig must not be one that a Recorder is
//     attached to: [Balance.Err] says how many statements it had;
//   - what Conn.Deallocate sends, and the wait of Conn.WaitForNotification.
//
// Neither pgx nor the wire shows
//   - the statements that a function, a procedure or a trigger runs inside the server;
//   - answers that the application does not read: of a batch or rows that are never
//     closed, of a statement whose context ended;
//   - the requests to cancel a statement, which have a connection of their own;
//   - pgxpool's AcquireAllIdle, which counts as no acquire.
//
// What a client says over fanouttest.CountingURL is counted by the protocol alone, by the same
// rules. There a statement belongs to the scope that is measured at that time, what fails while
// it is prepared is a prepare and nothing else, and an empty statement is taken for a ping.
//
// # Where work belongs
//
// The context decides. Where it carries no scope, the work belongs to the scope that
// acquired its connection from the pool, or began the transaction it is part of: that
// is the same request, having used another context. It is counted, and
// [Recording.Leaks] names the line. Work on a connection that tells nothing is not
// lost, see [Recorder.Unattributed]; nor is work that begins after its scope has
// ended. Nothing is guessed from goroutines, or from there being one scope only: a goroutine
// that began before the scope, or a handler behind HTTP, is told by [Join].
//
// A connection that goroutines share at the same time, which pgx does not allow, is none
// of the Recorder's trouble: what pgx refuses was not sent, and what reached the server
// counts. If the answers on the wire cannot be told apart, [Recording.Estimated] says so,
// and [Balance.Err] has what does not add up.
//
// Whoever shares the work of others, as with singleflight, a cache or a dataloader, has
// it charged to the request that happened to do it. Measure such requests one at a time.
//
// # Where it came from
//
// With Recorder.Sites set each event has the line of the application that led to it,
// with Recorder.Stacks a stack of its functions, which reads like the source: what is
// written in a function, such as the callback of pgx.BeginFunc or the body of a loop,
// belongs to it, and what only carried the callback there is left out. A goroutine's
// stack begins with the goroutine.
package tracer
