package saturation_test

import (
	"fmt"
	"net/http"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

func ExampleLoad_Validate() {
	load := saturation.Load{Pool: 10, Latency: 4, Deadline: 500, Rate: 100, Duration: 5000}
	fmt.Println(load.Validate())
	load.Deadline = 3
	fmt.Println(load.Validate())
	// Output:
	// <nil>
	// a deadline of 3ms: not one round trip of 4ms ends before it
}

// A request that needs a connection for 120 ms, a hundred times a second, and a pool of ten:
// 83 a second are all it can carry.
func ExampleRun_Judge() {
	run := saturation.Run{
		Version: "v2",
		Load: saturation.Load{
			Pool: 10, Latency: 4, Deadline: 500,
			Rate: 100, Duration: 5000,
		},
		Cost: saturation.Cost{SQL: 24, Acquires: 24, MaxHeld: 1}, Status: http.StatusOK,
		Held: 120, HeldUnderLoad: 122,
		Sent: 500, OK: 420, Failed: 80,
	}
	run.Judge()
	fmt.Printf("%.0f a second, %d failed: %s, foretold: %s\n", run.Predicted, run.Failed, run.Verdict, run.Foretold)
	// Output: 83 a second, 80 failed: degraded, foretold: yes
}
