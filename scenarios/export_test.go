package scenarios

// The errors that tests tell apart.
var (
	ErrEmpty         = errEmpty
	ErrNotIdle       = errNotIdle
	ErrInnerScope    = errInnerScope
	ErrLeakedContext = errLeakedContext
	ErrOtherRecorder = errOtherRecorder
)
