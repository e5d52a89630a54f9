package findings

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
)

// Exact is the law, with the counts at each N that it does not tell: "13", "2, 4, 8, 16",
// "1, then 2 from N=2 on".
func Exact(g report.Growth) string {
	var counts []string
	for _, p := range g.Points {
		if g.Law.Shape == report.Plateau && p.N >= g.Law.From {
			break
		}
		counts = append(counts, fmt.Sprint(p.Count))
	}
	switch g.Law.Shape {
	case report.Irregular:
		return strings.Join(counts, ", ")
	case report.Plateau:
		return strings.Join(counts, ", ") + ", then " + g.Law.String()
	default:
		return g.String()
	}
}
