package view

import "github.com/fanout-bench/fanout-bench/scenarios"

// A Listing is what there is to measure.
type Listing struct{ Path *scenarios.Path }
