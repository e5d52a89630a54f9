package saturation_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
)

func ExampleLoad_Validate() {
	load := saturation.Load{Pool: 10, Latency: 4 * time.Millisecond, Deadline: 500 * time.Millisecond, Rate: 100, Duration: 5 * time.Second}
	fmt.Println(load.Validate())
	load.Deadline = 3 * time.Millisecond
	fmt.Println(load.Validate())
	// Output:
	// <nil>
	// a deadline of 3ms: not one round trip of 4ms ends before it
}

// A request that needs a connection for 120 ms, a hundred times a second, and a pool of ten:
// 83 a second are all it can carry.
func ExampleRun_Verdict() {
	run := saturation.Run{
		Version: "v2",
		Load: saturation.Load{
			Pool: 10, Latency: 4 * time.Millisecond, Deadline: 500 * time.Millisecond,
			Rate: 100, Duration: 5 * time.Second,
		},
		Cost: saturation.Cost{SQL: 24, Acquires: 24, MaxHeld: 1}, Status: http.StatusOK,
		Held: 120 * time.Millisecond, HeldUnderLoad: 122 * time.Millisecond,
		Sent: 500, Statuses: map[int]int{http.StatusOK: 420, http.StatusInternalServerError: 80},
	}
	verdict, reason := run.Verdict()
	fmt.Printf("%.0f a second, %d failed: %s\n", run.Capacity(), run.Failed(), verdict)
	if reason != "" {
		fmt.Println("as", reason)
	}
	// Output: 83 a second, 80 failed: collapses
}
