// Package sqlcstore is a store as sqlc generates it, for tests of what it looks
// like to a tracer.
//
// After a change of schema.sql or query.sql, generate it again:
//
//	go install github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1
//	go generate ./tracer/testdata/sqlcstore
package sqlcstore

//go:generate sqlc generate
