package scenarios

// What the errors of cells are told apart by here.
var (
	ErrEmpty         = errEmpty
	ErrNotIdle       = errNotIdle
	ErrOutcome       = errOutcome
	ErrInnerScope    = errInnerScope
	ErrUnattributed  = errUnattributed
	ErrLeakedContext = errLeakedContext
	ErrOtherRecorder = errOtherRecorder
)
