package tracer

import "context"

// Join returns ctx with the scope or counter of the context of, or ctx itself if that carries
// none. Use it for work that gets its context from elsewhere: a goroutine that began before the
// scope, or a handler that a test calls over HTTP. The deadline and the values of ctx are kept.
//
//	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//		service.ServeHTTP(w, r.WithContext(tracer.Join(r.Context(), running)))
//	})
func Join(ctx, of context.Context) context.Context {
	scope, counter := holderOf(nodeOf(of))
	switch {
	case scope != nil:
		return context.WithValue(ctx, nodeKey{}, scope)
	case counter != nil:
		return context.WithValue(ctx, nodeKey{}, counter)
	default:
		return ctx
	}
}
