package postgres_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
)

// ownerEnv makes the test binary own a server instead of running tests. A test kills that
// process and checks what happens to the server.
const ownerEnv = "FANOUT_TEST_OWN_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(ownerEnv) != "" {
		os.Exit(own())
	}
	os.Exit(pgtest.Main(m))
}

// own starts a temporary server, prints the folder of its socket and closes the
// server at the end of its input. Like the command during cleanup, it ignores SIGINT.
func own() int {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	server, err := postgres.Open(context.Background(), postgres.Options{Mode: "local"})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	config, err := server.Create(context.Background(), "")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(config.ConnConfig.Host)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
