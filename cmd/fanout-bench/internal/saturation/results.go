package saturation

// Results are what versions of a path did under the same load.
type Results struct {
	Path, Workload string
	N              int
	Counting       string // what N counts
	Load           Load
	Runs           []Run
}
