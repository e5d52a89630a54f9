package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// A file is one whose code has mutants.
type file struct {
	name, pkg string
	mutants   []mutant
	text      []byte // the code, with all of its mutants asleep in it

	fset   *token.FileSet
	source []byte
	first  int // the number of the first mutant
	edits  []edit
	seen   map[ast.Expr]bool // what was negated already
	ends   map[ast.Stmt]bool // the statements that functions end with
}

// A mutant is one change of the code.
type mutant struct {
	number int // from 1
	line   int
	change string // "left%ab != 0: negated"
	fate   fate
}

// A fate is what became of a mutant.
type fate int

const (
	unreached fate = iota // no test runs the code
	survived
	noticed
	timedOut
)

// An edit puts text in the place of the code between two offsets.
type edit struct {
	from, to int
	text     string
	order    int // of edits in the same place
}

// mutate returns the mutants of a file. Their numbers begin after those taken.
func mutate(name string, source []byte, taken int) (*file, error) {
	f := &file{
		name: name, source: source, first: taken + 1, fset: token.NewFileSet(),
		seen: map[ast.Expr]bool{}, ends: map[ast.Stmt]bool{},
	}
	parsed, err := parser.ParseFile(f.fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f.pkg = parsed.Name.Name
	ast.Inspect(parsed, f.visit)

	slices.SortStableFunc(f.edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.order, b.order)) })
	at := 0
	for _, e := range f.edits {
		f.text = append(append(f.text, source[at:e.from]...), e.text...)
		at = e.to
	}
	f.text = append(f.text, source[at:]...)
	return f, nil
}

// visit sees the outer expression or statement before those in it.
func (f *file) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok != token.CONST
	case *ast.ArrayType:
		return false // its length is a constant
	case *ast.FuncDecl:
		if n.Body != nil {
			f.end(n.Body)
		}
	case *ast.FuncLit:
		f.end(n.Body)
	case *ast.BlockStmt:
		f.removeEach(n.List)
	case *ast.CaseClause:
		f.removeEach(n.Body)
	case *ast.CommClause:
		f.removeEach(n.Body)
	case *ast.IfStmt:
		f.negate(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			f.negate(n.Cond)
		}
	case *ast.SwitchStmt:
		if n.Tag == nil {
			for _, clause := range n.Body.List {
				for _, condition := range clause.(*ast.CaseClause).List {
					f.negate(condition)
				}
			}
		}
	case *ast.UnaryExpr:
		f.unary(n)
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			f.negate(n)
		}
	}
	return true
}

func (f *file) unary(n *ast.UnaryExpr) {
	switch n.Op {
	case token.NOT:
		f.negate(n.X)
	case token.SUB:
		if _, constant := n.X.(*ast.BasicLit); !constant {
			f.wrap(n, fmt.Sprintf("mutantMinus(%d, ", f.add(n, "without its sign")), ")")
		}
	}
}

// arithmetic is by which function an operator is replaced, and what a mutant does
// in its place.
var arithmetic = map[token.Token][2]string{
	token.ADD: {"mutantAdd", "only the first"},
	token.SUB: {"mutantSubtract", "added"},
	token.MUL: {"mutantMultiply", "divided"},
	token.QUO: {"mutantDivide", "multiplied"},
	token.REM: {"mutantRemainder", "multiplied"},
}

var order = map[token.Token]string{
	token.LSS: "mutantLess", token.LEQ: "mutantAtMost", token.GTR: "mutantMore", token.GEQ: "mutantAtLeast",
}

func (f *file) binary(n *ast.BinaryExpr) {
	switch n.Op {
	case token.LAND:
		f.call(n, fmt.Sprintf("mutantAnd(%d, ", f.add(n, "or")), ", func() bool { return (", ") })")
		f.negate(n.X)
		f.negate(n.Y)
	case token.LOR:
		f.call(n, fmt.Sprintf("mutantOr(%d, ", f.add(n, "and")), ", func() bool { return (", ") })")
		f.negate(n.X)
		f.negate(n.Y)
	case token.EQL, token.NEQ:
		f.wrap(n, "((", fmt.Sprintf(") != mutantIs(%d))", f.add(n, "negated")))
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		f.call(n, fmt.Sprintf("%s(%d, %d, ", order[n.Op], f.add(n, "negated"), f.add(n, "off by one")), ", ", ")")
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM:
		if with := arithmetic[n.Op]; !isText(n) {
			f.call(n, fmt.Sprintf("%s(%d, ", with[0], f.add(n, with[1])), ", ", ")")
		}
	}
}

// isText reports whether a literal shows that n puts text together.
func isText(n ast.Expr) bool {
	switch n := n.(type) {
	case *ast.BasicLit:
		return n.Kind == token.STRING
	case *ast.BinaryExpr:
		return isText(n.X) || isText(n.Y)
	}
	return false
}

// negate adds the mutant of a condition that is the opposite. A comparison, and what
// is made up of others, has mutants of its own.
func (f *file) negate(n ast.Expr) {
	switch n := n.(type) {
	case *ast.ParenExpr, *ast.BinaryExpr:
		return
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			return
		}
	}
	if f.seen[n] {
		return
	}
	f.seen[n] = true
	f.wrap(n, "((", fmt.Sprintf(") != mutantIs(%d))", f.add(n, "negated")))
}

// removeEach adds the mutants without one of the statements. What declares a variable
// stays, and so does what the compiler wants at the end of a function.
func (f *file) removeEach(list []ast.Stmt) {
	for _, n := range list {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				continue
			}
		case *ast.ReturnStmt, *ast.ExprStmt:
			if f.ends[n] {
				continue
			}
		case *ast.BranchStmt:
			if n.Tok == token.GOTO || n.Tok == token.FALLTHROUGH {
				continue
			}
		case *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt:
		default:
			continue
		}
		f.wrap(n, fmt.Sprintf("if !mutantIs(%d) { ", f.add(n, "left out")), " }")
	}
}

// end notes with which statements a function ends that ends with n.
func (f *file) end(n ast.Stmt) {
	switch n := n.(type) {
	case *ast.BlockStmt:
		f.endList(n.List)
	case *ast.IfStmt:
		f.end(n.Body)
		if n.Else != nil {
			f.end(n.Else)
		}
	case *ast.SwitchStmt:
		for _, clause := range n.Body.List {
			f.endList(clause.(*ast.CaseClause).Body)
		}
	case *ast.TypeSwitchStmt:
		for _, clause := range n.Body.List {
			f.endList(clause.(*ast.CaseClause).Body)
		}
	case *ast.SelectStmt:
		for _, clause := range n.Body.List {
			f.endList(clause.(*ast.CommClause).Body)
		}
	case *ast.ReturnStmt, *ast.ExprStmt:
		f.ends[n] = true
	}
}

func (f *file) endList(list []ast.Stmt) {
	if len(list) > 0 {
		f.end(list[len(list)-1])
	}
}

// add notes a mutant and returns its number.
func (f *file) add(n ast.Node, change string) int {
	from, to := f.offsets(n)
	m := mutant{
		number: f.first + len(f.mutants), line: f.fset.Position(n.Pos()).Line,
		change: strings.Join(strings.Fields(string(f.source[from:to])), " ") + ": " + change,
	}
	f.mutants = append(f.mutants, m)
	return m.number
}

// wrap puts text around n.
func (f *file) wrap(n ast.Node, before, after string) {
	from, to := f.offsets(n)
	// Of two that begin in the same place the outer is first, of two that end there
	// the inner; and what ends does so before the next begins.
	f.edits = append(f.edits, edit{from, from, before, len(f.edits)}, edit{to, to, after, -len(f.edits)})
}

// call makes n, whose operator becomes text too, the call of a function.
func (f *file) call(n *ast.BinaryExpr, before, between, after string) {
	f.wrap(n, before, after)
	at := f.fset.Position(n.OpPos).Offset
	f.edits = append(f.edits, edit{at, at + len(n.Op.String()), between, 0})
}

func (f *file) offsets(n ast.Node) (from, to int) {
	return f.fset.Position(n.Pos()).Offset, f.fset.Position(n.End()).Offset
}
