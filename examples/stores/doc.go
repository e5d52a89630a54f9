// Package stores has tests of code that reads items in the ways there are: statements of
// pgx, a store that sqlc generated, database/sql, a transaction, a dataloader, a handler.
package stores
