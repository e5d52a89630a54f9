// Package tracer counts the SQL statements and authorization checks of one unit of work, such as
// a request.
//
//	recorder := &tracer.Recorder{}
//	recorder.Attach(config.ConnConfig) // config is a *pgxpool.Config
//
//	ctx, scope := tracer.Start(ctx, "GET /orders")
//	handler.ServeHTTP(w, req.WithContext(ctx))
//	fmt.Println(scope.End().Counts().SQL)
//
// A [Recorder] hooks into pgx and pgxpool. [CountChecks] wraps the function that decides an
// authorization. Both add what they see to the [Scope] in the context. [Scope.End] returns it as
// a [Recording], which is plain data. If totals are enough, [Count] costs less.
//
// # What counts as a statement
//
// Each statement that the server executes for the application counts as one, even if it fails at
// run time: Query, QueryRow, Exec, each item of a batch, each statement of a string of several,
// and each CopyFrom. A statement whose result is not read counts too. Transaction control (begin,
// commit, rollback, savepoint), prepares, and statements of pgxpool's connection hooks are
// recorded separately. Statements that did not reach the server, or that it refused, do not
// count.
//
// The server refuses a statement if
//   - it does not accept it at parse or prepare time;
//   - the error has a position in the text (PgError.Position), such as an unknown column;
//   - it cannot read the arguments, or their number is wrong;
//   - it accepts only one statement and gets several;
//   - the transaction has already failed.
//
// Other failures count: errors during planning and execution, locks and timeouts, before or after
// parsing. This is the same in every [pgx.QueryExecMode], with these exceptions:
//   - In the simple protocol, and in a batch in QueryExecModeExec, only the error is known.
//     Statements that may have failed at run time count: SQL that is not UTF-8, or a constant that
//     names no type.
//   - If the server's message does not name the argument that it cannot read, because it is old or
//     its messages are, for example, in Spanish or Korean, the statement counts. This does not
//     apply to the simple protocol, where arguments are constants.
//   - pgx prepares the new statements of a batch before it sends the batch, and sends nothing if
//     one fails. In QueryExecModeExec and the simple protocol the server executes the statements
//     before the failed one.
//
// An error that ends the connection counts only if the server answered before, because it may
// have been sent before the statement arrived. In the simple protocol the first answer is the
// first row.
//
// Two reads are duplicates if their SQL and arguments are equal and nothing was written between
// them; see [Recording.Repeats]. Arguments are hashed when the call begins and never kept; a
// [database/sql/driver.Valuer] is asked for its value once more.
//
// # Checked against the server
//
// A pgx tracer does not see everything. So the Recorder also reads the message headers that the
// server sends on its connections. Round trips are therefore exact, the statements of a string
// count separately, and hidden work is known. [Recorder.Balance] says whether the counts add up
// to what the server completed. [Recording.Warnings] lists hidden work on connections that a
// scope acquired. Hidden are
//   - Conn.Ping and Pool.Ping, and the pings before a scope acquires its connection: of pgxpool on
//     an idle connection, and of database/sql on a reused one;
//   - calls of the underlying pgconn.PgConn: Exec, ExecParams, CopyTo, a pipeline, and its work
//     while it connects. A connection that pgconn itself opens has no tracer. Do not pass
//     pgconn.ConnectConfig a config with a Recorder; [Recorder.Balance] reports such statements;
//   - the work of Conn.Deallocate, and the wait of Conn.WaitForNotification.
//
// Neither pgx nor the wire shows
//   - statements that a function, procedure or trigger executes inside the server;
//   - answers that the application does not read: of batches and rows that are never closed, and
//     of statements whose context ended;
//   - requests to cancel a statement, which use their own connection;
//   - pgxpool's AcquireAllIdle, which does not count as an acquire.
//
// Clients of fanouttest.CountingURL are counted by the protocol alone, with the same rules. A
// statement then belongs to the scope that is open at the time. A statement that fails while it
// is prepared is only a prepare, and an empty statement counts as a ping.
//
// # Scopes and contexts
//
// The context decides where work belongs. If it carries no scope, the work belongs to the scope
// that acquired its connection from the pool or began its transaction: that is the same request
// with another context. The work counts, and [Recording.Leaks] names the line. All other work
// without a scope, and work that begins after its scope ended, is in [Recorder.Unattributed].
// Goroutines and the number of open scopes do not matter. Use [Join] for a goroutine that began
// before the scope, or for a handler behind HTTP.
//
// pgx does not allow goroutines to share a connection at the same time. If they do, statements
// that pgx refuses do not count, and statements that reached the server count. If the answers on
// the wire cannot be told apart, [Recording.Estimated] is set, and [Recorder.Balance] has the
// difference.
//
// Work that requests share, for example by singleflight, a cache or a dataloader, counts for the
// request that performs it. Measure such requests one at a time.
//
// # Call sites
//
// With Recorder.Sites each event has the line of the application that led to it. With
// Recorder.Stacks it has a stack of functions that reads like the source: code that is written in
// a function, such as the callback of pgx.BeginFunc or the body of a loop, belongs to that
// function, and the functions that call it back are left out. The stack of a goroutine begins
// with the goroutine.
package tracer
