package agentauth_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// soakVariable is the number of rounds of TestLongSoak over the whole matrix; 'make soak'
// sets it. By default it runs eight over the small values of N.
const soakVariable = "FANOUT_SOAK"

// TestLongSoak measures the case repeatedly: in another order each time, in parallel, on
// one, two and eight processors, and on a new server now and then. No count may ever
// differ.
func TestLongSoak(t *testing.T) {
	long.Test(t)
	rounds, asked := 8, selection.Selection{N: []int{0, 1, 2, 3}}
	if value := os.Getenv(soakVariable); value != "" {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			t.Fatalf("%s is %q, want a number of rounds", soakVariable, value)
		}
		rounds, asked = n, selection.Selection{}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	path := agentauth.Path()
	cells, err := asked.Cells(path)
	must.Succeed(t, err)
	var (
		first  []byte
		server *scratch.Server
	)
	const roundsOnAServer = 4
	for round := range rounds {
		if round%roundsOnAServer == 0 {
			if server, err = postgres.Open(t.Context(), postgres.Options{
				Mode: os.Getenv("FANOUT_DB"), URL: os.Getenv("FANOUT_DATABASE_URL"),
			}); err != nil {
				t.Fatal(err)
			}
			defer server.Close()
		}
		runtime.GOMAXPROCS([]int{1, 2, 8}[round%3])
		rand.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
		runner := &scenarios.Runner{Server: server, Parallel: 1 + rand.IntN(8)}
		var results []scenarios.Result
		for result, err := range runner.Run(t.Context(), path, cells) {
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			results = append(results, result)
		}
		var text bytes.Buffer
		must.Succeed(t, report.NewFile(report.Subject{Name: path.Name}, results).Write(&text))
		if first == nil {
			first = text.Bytes()
		} else if !bytes.Equal(first, text.Bytes()) {
			t.Fatalf("round %d has different counts than the first", round)
		}
		if (round+1)%roundsOnAServer == 0 {
			must.Succeed(t, server.Close())
		}
	}
	t.Logf("%d rounds of %d cells, no difference", rounds, len(cells))
}
