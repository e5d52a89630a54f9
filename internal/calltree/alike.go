package calltree

import (
	"fmt"
	"slices"
	"strings"
)

// numbers gives each text a number.
type numbers map[string]int

func (s numbers) of(text string) (number int, known bool) {
	number, known = s[text]
	if !known {
		number = len(s)
		s[text] = number
	}
	return number, known
}

// root returns the number of the nodes that are like n.
func (s numbers) root(n *arranged) int {
	number, _ := s.of(n.identity().String())
	return number
}

// tree returns the number of the trees that are equal to n.
func (s numbers) tree(n *arranged) int {
	var b strings.Builder
	fmt.Fprint(&b, s.root(n), n.Count, n.Cost.Repeated())
	for _, child := range n.children {
		fmt.Fprint(&b, " ", s.tree(child))
	}
	number, _ := s.of(b.String())
	return number
}

// common returns, ascending, the positions of the most nodes that occur in both b and h in the
// same order. The first of several with one number is that with the first of the other side.
func common(b, h []*arranged, number func(*arranged) int) [][2]int {
	occurrences := func(nodes []*arranged) (list [][2]int) {
		times := map[int]int{}
		for _, n := range nodes {
			k := number(n)
			list = append(list, [2]int{k, times[k]})
			times[k]++
		}
		return list
	}
	inHead := map[[2]int]int{}
	for j, o := range occurrences(h) {
		inHead[o] = j
	}
	// The longest ascending run of positions in h: ends holds, for each length, the last link of
	// the run that ends lowest.
	type link struct {
		at     [2]int
		before *link
	}
	var ends []*link
	for i, o := range occurrences(b) {
		j, ok := inHead[o]
		if !ok {
			continue
		}
		n, _ := slices.BinarySearchFunc(ends, j, func(l *link, j int) int { return l.at[1] - j })
		l := &link{at: [2]int{i, j}}
		if n > 0 {
			l.before = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, nil)
		}
		ends[n] = l
	}
	var run [][2]int
	if len(ends) > 0 {
		for l := ends[len(ends)-1]; l != nil; l = l.before {
			run = append(run, l.at)
		}
	}
	slices.Reverse(run)
	return run
}
