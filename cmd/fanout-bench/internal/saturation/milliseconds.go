package saturation

import (
	"math"
	"time"
)

// Milliseconds are a duration, which files have as a number.
type Milliseconds float64

// InMilliseconds returns d to the microsecond: what is measured is no more exact.
func InMilliseconds(d time.Duration) Milliseconds { return Milliseconds(thousandths(float64(d) / 1e6)) }

// Duration returns m to the nanosecond.
func (m Milliseconds) Duration() time.Duration { return time.Duration(math.Round(float64(m) * 1e6)) }

func (m Milliseconds) String() string { return m.Duration().String() }

// Set makes m the duration that a flag is given: "1.5s".
func (m *Milliseconds) Set(text string) error {
	d, err := time.ParseDuration(text)
	*m = Milliseconds(float64(d) / 1e6)
	return err
}

// Type is what the help of a flag calls its value.
func (*Milliseconds) Type() string { return "duration" }

func thousandths(f float64) float64 { return math.Round(f*1000) / 1000 }
