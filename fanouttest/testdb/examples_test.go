package testdb_test

import "testing"

// TestExample runs ExampleTemplate with a *testing.T.
func TestExample(t *testing.T) { listOrders(t) }
