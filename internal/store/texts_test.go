package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// statement is a text of SQL in the package and where it stands.
type statement struct {
	function  string // or the constant
	file, sql string
	// whole is set where every piece of the text is known.
	whole bool
}

var positions = token.NewFileSet()

// packageFiles are the files of the package, without tests.
func packageFiles(t *testing.T) (parsed []*ast.File) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(positions, name, b, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	return parsed
}

// packageTexts gives every text of the package's files: concatenations are put
// together and constants of the package filled in.
func packageTexts(t *testing.T) (all []statement) {
	t.Helper()
	parsed := packageFiles(t)
	constants := map[string]ast.Expr{}
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			// Constants inside a function count as the package's: names differ.
			g, ok := n.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST && g.Tok != token.VAR {
				return true
			}
			for _, spec := range g.Specs {
				if v := spec.(*ast.ValueSpec); len(v.Values) == len(v.Names) {
					for i, name := range v.Names {
						constants[name.Name] = v.Values[i]
					}
				}
			}
			return true
		})
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				all = append(all, textsIn(fn, fn.Name.Name, constants)...)
				continue
			}
			for _, spec := range d.(*ast.GenDecl).Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					all = append(all, textsIn(v, v.Names[0].Name, constants)...)
				}
			}
		}
	}
	return all
}

// textsIn gives the texts of a declaration.
func textsIn(in ast.Node, name string, constants map[string]ast.Expr) (all []statement) {
	ast.Inspect(in, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, some, whole := textOf(e, constants, 0)
		if !some {
			return true
		}
		all = append(all, statement{name, positions.Position(e.Pos()).String(), text, whole})
		return false
	})
	return all
}

// textOf works out a text: some of it is known, or the whole. Calls of insert and
// updateRow are written out.
func textOf(e ast.Expr, constants map[string]ast.Expr, depth int) (text string, some, whole bool) {
	if depth > 10 {
		return "", false, false
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false, false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil, err == nil
	case *ast.ParenExpr:
		return textOf(e.X, constants, depth)
	case *ast.Ident:
		if value := constants[e.Name]; value != nil {
			return textOf(value, constants, depth+1)
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			a, someA, wholeA := textOf(e.X, constants, depth)
			b, someB, wholeB := textOf(e.Y, constants, depth)
			return a + b, someA || someB, wholeA && wholeB
		}
	case *ast.CallExpr:
		fn, isName := e.Fun.(*ast.Ident)
		if !isName || len(e.Args) < 2 || (fn.Name != "insert" && fn.Name != "updateRow") {
			return "", false, false
		}
		table, _, wholeA := textOf(e.Args[0], constants, depth)
		columns, _, wholeB := textOf(e.Args[len(e.Args)-1], constants, depth)
		switch {
		case !wholeA || !wholeB:
		case fn.Name == "updateRow":
			return updateRow(table, columns), true, true
		default:
			many, ok := numberOf(e.Args[1], constants)
			return insert(table, many, columns), ok, ok
		}
	}
	return "", false, false
}

// numberOf works out a number that is written, or that a constant holds.
func numberOf(e ast.Expr, constants map[string]ast.Expr) (int, bool) {
	if name, ok := e.(*ast.Ident); ok {
		e = constants[name.Name]
	}
	n, ok := e.(*ast.BasicLit)
	if !ok {
		return 0, false
	}
	many, err := strconv.Atoi(n.Value)
	return many, err == nil
}
