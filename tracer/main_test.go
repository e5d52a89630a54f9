package tracer_test

import (
	"os"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
