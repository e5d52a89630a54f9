package agentauth

import "context"

// memory holds the authorized reads of one request.
type memory map[memoryKey]any

type memoryKey struct {
	method string
	arg    any
	actor  Subject
}

// Remembering returns a Layer for one request that does no authorized read
// twice. Errors and denials are not remembered. It must not be used concurrently,
// nor after the request: what it remembers grows old.
func (l *Layer) Remembering() *Layer {
	remembering := *l
	remembering.memory = memory{}
	return &remembering
}

// recall returns what this read gave before, or does it. arg must be comparable.
func recall[T any](ctx context.Context, l *Layer, method string, arg any, read func() (T, error)) (T, error) {
	key := memoryKey{method: method, arg: arg, actor: actorFrom(ctx)}
	if v, ok := l.memory[key]; ok {
		return v.(T), nil
	}
	v, err := read()
	if err != nil {
		var none T // never hand out what was fetched before it was denied
		return none, err
	}
	if l.memory != nil {
		l.memory[key] = v
	}
	return v, nil
}
