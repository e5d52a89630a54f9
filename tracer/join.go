package tracer

import "context"

// Join returns ctx with the scope or counter that of carries, and ctx itself if that carries
// none. It is for work that gets its context from elsewhere: of a goroutine that began before
// the scope did, or behind a hop within the process, such as a handler that a test calls over
// HTTP. All else of ctx stays, its deadline and its values among it.
//
//	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//		service.ServeHTTP(w, r.WithContext(tracer.Join(r.Context(), running)))
//	})
func Join(ctx, of context.Context) context.Context {
	var (
		scope   *Scope
		counter *Counter
	)
	switch n := nodeOf(of).(type) {
	case *Scope:
		scope = n
	case *Counter:
		counter = n
	case *acquiring:
		counter = n.counter
	case *call:
		scope, counter = n.scope, n.counter
	}
	switch {
	case scope != nil:
		return context.WithValue(ctx, nodeKey{}, scope)
	case counter != nil:
		return context.WithValue(ctx, nodeKey{}, counter)
	default:
		return ctx
	}
}
