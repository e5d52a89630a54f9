package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// databases is a scenarios.Server. It makes databases on the server of a pool, whose role must
// be allowed to.
type databases struct {
	pool *pgxpool.Pool
	made atomic.Int64
}

func (d *databases) Create(ctx context.Context, schema string) (*pgxpool.Config, error) {
	config, err := d.make(ctx, "template0")
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil, errors.Join(err, d.Drop(ctx, config))
	}
	_, err = conn.Exec(ctx, schema)
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return nil, errors.Join(err, d.Drop(ctx, config))
	}
	return config, nil
}

func (d *databases) Clone(ctx context.Context, source *pgxpool.Config) (*pgxpool.Config, error) {
	return d.make(ctx, source.ConnConfig.Database)
}

func (d *databases) make(ctx context.Context, template string) (*pgxpool.Config, error) {
	name := fmt.Sprintf("measured_%d_%d", os.Getpid(), d.made.Add(1))
	_, err := d.pool.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE "+pgx.Identifier{template}.Sanitize())
	config := d.pool.Config()
	config.ConnConfig.Database = name
	return config, err
}

func (d *databases) Drop(ctx context.Context, config *pgxpool.Config) error {
	_, err := d.pool.Exec(ctx, "DROP DATABASE "+pgx.Identifier{config.ConnConfig.Database}.Sanitize()+" WITH (FORCE)")
	return err
}

// items reads rows one by one that one query could return.
var items = &scenarios.Path{
	Name:     "items",
	Schema:   "CREATE TABLE items (id int PRIMARY KEY)",
	Versions: []scenarios.Version{{Name: "v1"}},
	Scenarios: []scenarios.Scenario{{
		Name: "list", Unit: "item", Sweep: []int{1, 2, 4},
		Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			_, err := env.Fixtures.Exec(ctx, "INSERT INTO items SELECT generate_series(1, $1)", env.N)
			return scenarios.Operation{Run: func(ctx context.Context) error {
				for id := range env.N {
					if _, err := env.Pool.Exec(ctx, "SELECT FROM items WHERE id = $1", id+1); err != nil {
						return err
					}
				}
				return nil
			}}, err
		},
	}},
}

func measure(ctx context.Context, server scenarios.Server, w io.Writer) error {
	cells, err := items.Cells()
	if err != nil {
		return err
	}
	runner := &scenarios.Runner{Server: server}
	for result, err := range runner.Run(ctx, items, cells) {
		if err != nil {
			return err
		}
		fmt.Fprintln(w, result.Cell, result.Recording.Counts().SQL)
	}
	return nil
}

// A Runner needs a Server, because each cell has its own database. In a test, use package
// fanouttest with the test's own pool.
func Example() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://localhost/postgres")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	if err := measure(ctx, &databases{pool: pool}, os.Stdout); err != nil {
		fmt.Println(err)
	}
}
