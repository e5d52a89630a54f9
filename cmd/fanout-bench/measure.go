package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// urlVariable is not DATABASE_URL: nobody's own database is touched by accident.
const urlVariable = "FANOUT_DATABASE_URL"

// maxN keeps a slip of the finger from storing rows for hours.
const maxN = 10_000

// A measurement is what the commands that measure have in common.
type measurement struct {
	selection scenarios.Selection
	repeat    int
	db        choice
	url       string
}

func (m *measurement) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&m.selection.Scenarios, "scenario", nil, "measure only these `names` (default all)")
	flags.IntSliceVar(&m.selection.N, "n", nil, "measure these `values` of N instead of each scenario's own")
	flags.IntVar(&m.repeat, "repeat", scenarios.MinRepeat, "measure each cell so often; all must agree")
	m.db = newChoice(postgres.Modes()...)
	flags.Var(&m.db, "db", "where to get PostgreSQL: "+m.db.list())
	flags.StringVar(&m.url, "database-url", "", "`URL` of a server on which to make a scratch database (default $"+urlVariable+")")
}

// check finds what is wrong with the flags before anything is started.
func (m *measurement) check() error {
	if m.repeat < scenarios.MinRepeat {
		return fmt.Errorf("--repeat %d: it takes %d runs to tell that a count does not vary", m.repeat, scenarios.MinRepeat)
	}
	for _, n := range m.selection.N {
		if n < 0 || n > maxN {
			return fmt.Errorf("--n %d: N is from 0 to %d", n, maxN)
		}
	}
	return nil
}

// measure measures the selected cells of path and returns their rows. Cells that
// fail are reported to stderr as they come, and make the error; rows holds the
// others. The server is gone when it returns.
func (m *measurement) measure(ctx context.Context, path *scenarios.Path, stderr io.Writer) (rows report.Rows, err error) {
	rows.Path = path.Name
	if err := m.check(); err != nil {
		return rows, withStatus(statusUsage, err)
	}
	cells, err := path.Cells(m.selection)
	if err != nil {
		return rows, withStatus(statusUsage, err)
	}
	if len(cells) == 0 {
		return rows, withStatus(statusNoData, errors.New("nothing selected: no scenario has such an N; see 'fanout-bench list'"))
	}

	show := newProgress(stderr)
	defer show.clear()
	show.line("obtaining PostgreSQL")
	server, err := postgres.Open(ctx, postgres.Options{Mode: m.db.value, URL: m.databaseURL()})
	switch {
	case errors.Is(err, postgres.ErrNoURL):
		return rows, withStatus(statusUsage, err)
	case err != nil:
		return rows, withStatus(statusNotMeasured, err)
	}
	defer func() {
		if closeErr := server.Close(); closeErr != nil {
			err = errors.Join(err, withStatus(statusNotMeasured, closeErr))
		}
	}()
	show.clear()
	fmt.Fprintf(stderr, "Measuring on %s.\n", server.Description())

	// The client waits for the server most of the time, and the other way round.
	runner := &scenarios.Runner{Server: server, Repeat: m.repeat, Parallel: 2 * runtime.NumCPU()}
	failed, done := 0, 0
	show.step(0, len(cells), cells[0])
	for result, err := range runner.Run(ctx, path, cells) {
		var cellErr *scenarios.CellError
		switch {
		case err == nil:
			rows.Add(result)
		case errors.As(err, &cellErr):
			failed++
			show.clear()
			fmt.Fprintf(stderr, "FAILED %s\n", printableLines(err.Error()))
		default:
			return rows, withStatus(statusNotMeasured, err)
		}
		if done++; done < len(cells) {
			show.step(done, len(cells), cells[done])
		}
	}
	if failed > 0 {
		return rows, withStatus(statusNotMeasured, fmt.Errorf("%d of %d cells could not be measured", failed, len(cells)))
	}
	show.clear()
	fmt.Fprintf(stderr, "Measured %d cells, each %d times with the same counts.\n", len(cells), m.repeat)
	return rows, nil
}

func (m *measurement) databaseURL() string {
	if m.url != "" {
		return m.url
	}
	return os.Getenv(urlVariable)
}
