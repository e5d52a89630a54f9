package testdb_test

import "testing"

// TestExample runs what ExampleTemplate shows, which has no *testing.T.
func TestExample(t *testing.T) { listOrders(t) }
