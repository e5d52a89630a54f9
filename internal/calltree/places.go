package calltree

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Places are the trees of a series without lines, in the form of baselines: which functions
// request what, and how often at each N.
type Places struct {
	Scenario string  `json:"scenario"`
	Version  string  `json:"version"`
	N        []int   `json:"n"`
	Places   []Place `json:"places"`
}

// A Place is a node of Places: a function, or what it requests. In files it is a list, to be
// short: ["example.com/shop.List", …] and ["query", "ListOrders", 1, …], with its children at the
// end.
type Place struct {
	// Function is the full name of a function. If its package is that of its caller, the name
	// begins with the dot after the package.
	Function string
	Kind     tracer.Kind // of an event
	Name     string      // of an event
	// Counts are the counts of an event at each N, or a single one that is the same at all N.
	Counts []int
	Places []Place
}

// MarshalJSON implements [json.Marshaler].
func (p Place) MarshalJSON() ([]byte, error) {
	list := []any{p.Function}
	switch {
	case p.Kind == "":
	case len(p.Counts) == 1:
		list = []any{p.Kind, p.Name, p.Counts[0]}
	default:
		list = []any{p.Kind, p.Name, p.Counts}
	}
	for _, below := range p.Places {
		list = append(list, below)
	}
	return jsonfile.Marshal(list)
}

// UnmarshalJSON implements [json.Unmarshaler]. It decodes once, whatever the depth.
func (p *Place) UnmarshalJSON(text []byte) error {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	return p.set(v)
}

func (p *Place) set(v any) error {
	parts, _ := v.([]any)
	if len(parts) == 0 {
		return errors.New("a place must be a list that begins with a name")
	}
	name, ok := parts[0].(string)
	if !ok {
		return errors.New("a place must begin with a name")
	}
	p.Function, parts = name, parts[1:]
	if kind := tracer.Kind(name); len(parts) > 1 && slices.Contains(savedKinds, kind) {
		if event, ok := parts[0].(string); ok {
			p.Function, p.Kind, p.Name = "", kind, event
			if p.Counts, ok = countsOf(parts[1]); !ok {
				return fmt.Errorf("place %q has no counts", p.Name)
			}
			parts = parts[2:]
		}
	}
	for _, part := range parts {
		var below Place
		if err := below.set(part); err != nil {
			return err
		}
		p.Places = append(p.Places, below)
	}
	return nil
}

// countsOf returns the count that v is, or those in it.
func countsOf(v any) (counts []int, ok bool) {
	list, several := v.([]any)
	if !several {
		list = []any{v}
	}
	for _, v := range list {
		f, ok := v.(float64)
		if !ok || f != math.Trunc(f) || math.Abs(f) > jsonfile.MaxCount {
			return nil, false
		}
		counts = append(counts, int(f))
	}
	return counts, true
}

// PlacesOf returns the Places of trees without lines, in the order of files.
func PlacesOf(trees []Tree) []Places {
	order, groups := index.Groups(trees, func(t Tree) Series { return Series{t.Cell.Scenario, t.Cell.Version} })
	var list []Places
	for _, of := range order {
		g := grow(groups[of])
		list = append(list, Places{of.Scenario, of.Version, g.N, g.places(g.Roots, "")})
	}
	return list
}

func (g Grown) places(nodes []*Node, caller string) []Place {
	nodes = slices.Clone(nodes)
	list := []Place{}
	slices.SortStableFunc(nodes, compareNodes)
	for _, n := range nodes {
		p := Place{Places: g.places(n.Children, n.Function)}
		if n.Kind == Call {
			p.Function = n.Function
			if of := packageOf(n.Function); of != "" && of == packageOf(caller) {
				p.Function = n.Function[len(of):]
			}
		} else {
			p.Kind, p.Name = n.Kind, n.Name
			for i := range g.N {
				p.Counts = append(p.Counts, g.at[n][i].Count)
			}
			if each := slices.Compact(slices.Clone(p.Counts)); len(each) == 1 {
				p.Counts = each
			}
		}
		list = append(list, p)
	}
	return list
}

// packageOf returns the import path in the full name of a function.
func packageOf(function string) string {
	name, _, _ := strings.Cut(function, "[") // type arguments contain paths too
	slash := strings.LastIndexByte(name, '/')
	dot := strings.IndexByte(function[slash+1:], '.')
	if dot < 0 {
		return ""
	}
	return function[:slash+1+dot]
}

// A Series is a scenario of one version: its measurements over N.
type Series struct{ Scenario, Version string }

func (s Series) String() string { return strings.TrimSpace(s.Version + " " + s.Scenario) }

// Of returns the series of p.
func (p Places) Of() Series { return Series{p.Scenario, p.Version} }

// Check returns an error if p is invalid.
func (p Places) Check() error {
	for i, n := range p.N {
		if n < 0 || n > jsonfile.MaxN || i > 0 && n <= p.N[i-1] {
			return fmt.Errorf("the places of %v have invalid or unordered values of N", p.Of())
		}
	}
	for _, place := range p.Places {
		if err := place.check(len(p.N)); err != nil {
			return fmt.Errorf("the places of %v: %w", p.Of(), err)
		}
	}
	return nil
}

func (p Place) check(ns int) error {
	switch {
	case p.Kind == Call:
		return fmt.Errorf("unknown kind %q", p.Kind)
	case p.Kind != "" && len(p.Counts) != 1 && len(p.Counts) != ns,
		slices.ContainsFunc(p.Counts, func(n int) bool { return n < 0 || n > jsonfile.MaxCount }):
		return errors.New("the counts do not add up")
	}
	for _, below := range p.Places {
		if err := below.check(ns); err != nil {
			return err
		}
	}
	return nil
}

// Tree returns the tree at the i-th N, for a cell with that outcome.
func (p Places) Tree(i int, outcome string) Tree {
	t := Tree{Cell: scenarios.Cell{Scenario: p.Scenario, N: p.N[i], Version: p.Version}, Outcome: outcome, NoLines: true}
	t.Roots = placedNodes(p.Places, i, "")
	t.Cost = addUp(t.Roots)
	return t
}

func placedNodes(places []Place, i int, caller string) (nodes []*Node) {
	for _, p := range places {
		n := &Node{Kind: p.Kind, Name: p.Name}
		if p.Kind == "" {
			n.Kind, n.Function = Call, p.Function
			if strings.HasPrefix(p.Function, ".") {
				n.Function = packageOf(caller) + p.Function
			}
			n.Name = nameOf(n.Function)
		} else {
			n.Count = p.Counts[min(i, len(p.Counts)-1)]
		}
		n.Children = placedNodes(p.Places, i, n.Function)
		if n.Count == 0 && len(n.Children) == 0 {
			continue // not at this N
		}
		nodes = append(nodes, n)
	}
	slices.SortStableFunc(nodes, compareNodes)
	return nodes
}
