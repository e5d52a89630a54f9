package view

// An Endpoint is what a load tool has to know of a version that is served over HTTP.
type Endpoint struct {
	Path     string `json:"path"`
	Workload string `json:"workload"`
	N        int    `json:"n"`
	Version  string `json:"version"`
	Method   string `json:"method"`
	URL      string `json:"url"`
	Body     string `json:"body"`
	Expect   int    `json:"expect"`  // the status of the answer
	Metrics  string `json:"metrics"` // a URL
}
