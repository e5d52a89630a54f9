package tracer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A serverLog is the server's own log of statements. It is readable for a temporary server on
// this machine.
type serverLog struct{ file string }

var noServerLog = sync.OnceFunc(func() {
	fmt.Fprintln(os.Stderr, "tracer_test: the log of this server cannot be read, so it is no witness")
})

// openServerLog makes the server log the statements of pool's database.
func openServerLog(t *testing.T, pool *pgxpool.Pool) serverLog {
	t.Helper()
	var data string
	must(t, pool.QueryRow(t.Context(), "SHOW data_directory").Scan(&data))
	file := filepath.Join(filepath.Dir(data), "log")
	if _, err := os.Stat(file); err != nil {
		noServerLog()
		return serverLog{}
	}
	_, err := pool.Exec(t.Context(), "ALTER DATABASE "+pgx.Identifier{pool.Config().ConnConfig.Database}.Sanitize()+" SET log_statement = 'all'")
	must(t, err)
	return serverLog{file}
}

// of returns the log of the only connection of db.
func (l serverLog) of(t *testing.T, db database) sessionLog {
	line := fmt.Sprintf(`(?m)\[%d\] LOG:  (?:statement|execute [^:]*): `, pidOf(t, db))
	return sessionLog{l.file, regexp.MustCompile(line)}
}

// A sessionLog is the log of one connection.
type sessionLog struct {
	file string
	line *regexp.Regexp
}

func (l sessionLog) statements(t *testing.T) int {
	t.Helper()
	if l.file == "" {
		return 0
	}
	text, err := os.ReadFile(l.file)
	must(t, err)
	return len(l.line.FindAll(text, -1))
}

// logLines returns the expected number of logged statements of r. Statements that the server
// refuses to prepare are not logged.
func logLines(r tracer.Recording) int {
	n := 0
	for _, e := range r.Events {
		switch e.Kind {
		case tracer.KindQuery, tracer.KindCopy, tracer.KindTx, tracer.KindSetup:
			if e.Outcome != tracer.OutcomeNotSent && e.Outcome != tracer.OutcomeSkipped {
				n++
			}
		}
	}
	return n
}
