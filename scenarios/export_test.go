package scenarios

// What the errors of cells are told apart by here.
var (
	ErrEmpty         = errEmpty
	ErrNotIdle       = errNotIdle
	ErrInnerScope    = errInnerScope
	ErrLeakedContext = errLeakedContext
	ErrOtherRecorder = errOtherRecorder
)
