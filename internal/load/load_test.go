package load

import (
	"os"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/scenarios/agentauth"
	"github.com/fanout-bench/fanout-bench/scenarios/saturation"
)

// TestRun requires what is exact: how many requests are sent, and what one costs. How
// they are answered is up to the machine.
func TestRun(t *testing.T) {
	server, err := postgres.Open(t.Context(), postgres.Options{
		Mode: os.Getenv("FANOUT_DB"), URL: os.Getenv("FANOUT_DATABASE_URL"), TCP: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	load := saturation.Load{Pool: 10, Latency: 4 * time.Millisecond, Deadline: 500 * time.Millisecond, Rate: 100, Duration: 2 * time.Second}
	if err := load.Check(); err != nil {
		t.Fatal(err)
	}
	path := agentauth.Path()
	workload, err := path.Workload("saturation")
	if err != nil {
		t.Fatal(err)
	}
	runner := &Runner{Server: server, Load: load, N: 2}
	for version, want := range map[string]saturation.Cost{
		"v2.33.0-rc.2": {SQL: 13, RBAC: 5, Acquires: 13, MaxHeld: 1},
		"v2.33.0-rc.3": {SQL: 26, RBAC: 9, Acquires: 26, MaxHeld: 1},
		"one-query":    {SQL: 1, RBAC: 1, Acquires: 1, MaxHeld: 1},
	} {
		run, err := runner.Run(t.Context(), path, workload, version)
		if err != nil {
			t.Fatalf("%s: %v", version, err)
		}
		if run.Cost != want || run.Status != 200 {
			t.Errorf("%s: a request costs %+v and is answered %d, want %+v and 200", version, run.Cost, run.Status, want)
		}
		if run.Sent != run.Clients || run.Sent != load.Clients() {
			t.Errorf("%s: sent %d requests of %d clients, want %d", version, run.Sent, run.Clients, load.Clients())
		}
		t.Logf("%s: capacity %.0f/s; sent %d, ok %d, %v; %v; waits %v; latency %v; destroyed %d",
			version, run.Capacity(), run.Sent, run.OK(), run.Statuses, run.Failures, run.Pool.Wait, run.Latency, run.Pool.Destroyed)
	}
}
