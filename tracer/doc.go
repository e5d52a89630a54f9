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
//
// # What counts as a statement
//
// Every statement that the application had the server execute counts one, also
// when it failed at run time: Query, QueryRow, Exec, each item of a batch, one
// per CopyFrom. A statement whose result was never read still counts. Transaction
// control (begin, commit, rollback, savepoint), implicit prepares, and what
// pgxpool's connection hooks send are recorded but are not statements of the
// application. Statements that never reached the server, or that it refused to
// prepare, do not count.
//
// # Where it came from
//
// With Recorder.Stacks set each event has a stack of the application's functions,
// which reads like the source: what is written in a function, such as the callback
// of pgx.BeginFunc or the body of a loop, belongs to it, and what only carried the
// callback there is left out. A goroutine's stack begins with the goroutine.
//
// # What cannot be seen
//
// pgx shows a tracer neither pings, nor calls on the underlying pgconn.PgConn,
// nor the statements a function runs inside the server, nor the prepares that
// sending a batch needs. A simple-protocol string of several statements counts
// once. Work whose context carries no scope, or one that has ended, is not lost:
// see [Recorder.Unattributed].
package tracer
