package docs

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestGo compiles every block of Go. A program is run, and if it ends in a
// comment "Output:", as Go's examples do, it must print that; tests are run
// too. What is no whole file may use packages without importing them.
func TestGo(t *testing.T) {
	build.Default.CgoEnabled = false // the importer below cannot run cgo
	fset := token.NewFileSet()
	packages := importer.ForCompiler(fset, "source", nil).(types.ImporterFrom)
	eachBlock(t, "go", func(t *testing.T, b block) {
		switch file, err := parser.ParseFile(token.NewFileSet(), "", b.text, parser.ParseComments); {
		case err != nil:
			if err := compileFragment(fset, packages, b); err != nil {
				t.Error(err)
			}
		case file.Name.Name == "main":
			runProgram(t, b)
		default:
			runTests(t, b)
		}
	})
}

// compileFragment checks the types of declarations or statements.
func compileFragment(fset *token.FileSet, packages types.ImporterFrom, b block) error {
	file, err := parser.ParseFile(fset, b.where, "package p\n"+b.text, 0)
	if err != nil {
		if file, err = parser.ParseFile(fset, b.where, "package p\nfunc _() {\n"+b.text+"\n}", 0); err != nil {
			return err
		}
	}
	for _, path := range imports(file) {
		spec := &ast.ImportSpec{Path: &ast.BasicLit{Kind: token.STRING, Value: `"` + path + `"`}}
		file.Imports = append(file.Imports, spec)
		file.Decls = append([]ast.Decl{&ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{spec}}}, file.Decls...)
	}
	var failed error
	config := types.Config{
		Importer: packages,
		Error: func(err error) {
			// A fragment need not use its results.
			if failed == nil && !strings.Contains(err.Error(), "declared and not used") {
				failed = err
			}
		},
	}
	config.Check("p", fset, []*ast.File{file}, nil)
	return failed
}

// importable are the packages that fragments use, by name.
var importable = map[string]string{
	"relu":     "github.com/seed88f7e06c/relu",
	"relutest": "github.com/seed88f7e06c/relu/relutest",
	"fmt":      "fmt",
	"math":     "math",
	"rand":     "math/rand/v2",
	"runtime":  "runtime",
	"sync":     "sync",
	"testing":  "testing",
	"unsafe":   "unsafe",
}

// imports are the paths of the importable packages that the file selects from.
func imports(file *ast.File) []string {
	var paths []string
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok {
				if path := importable[name.Name]; path != "" && !slices.Contains(paths, path) {
					paths = append(paths, path)
				}
			}
		}
		return true
	})
	return paths
}

func runProgram(t *testing.T, b block) {
	got := strings.TrimSpace(run(t, "go", "run", write(t, "main.go", b.text)))
	_, comment, found := strings.Cut(b.text, "// Output:")
	if !found {
		return
	}
	comment, _, _ = strings.Cut(comment, "\n}")
	want := strings.TrimSpace(regexp.MustCompile(`(?m)^\s*//[ \t]?`).ReplaceAllString(comment, ""))
	if got != want {
		t.Errorf("it printed\n%s\nnot\n%s", got, want)
	}
}

func runTests(t *testing.T, b block) {
	file := write(t, "x_test.go", b.text)
	out := run(t, "go", "test", "-v", file)
	if !strings.Contains(out, "--- PASS") {
		t.Errorf("no test ran:\n%s", out)
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestCompileFragment(t *testing.T) {
	fset := token.NewFileSet()
	packages := importer.ForCompiler(fset, "source", nil).(types.ImporterFrom)
	for _, good := range []string{
		"x := []float32{1}\nrelu.InPlace(x)",
		"y := math.Sqrt(2)",
		"func f(x []float64) { relu.InPlace(x) }",
	} {
		if err := compileFragment(fset, packages, block{where: "good", text: good}); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, wrong := range []string{
		"relu.InPlace(x)",
		"relu.Nothing()",
		`relu.InPlace([]string{"x"})`,
		"for {",
	} {
		if compileFragment(fset, packages, block{where: "wrong", text: wrong}) == nil {
			t.Errorf("%s is taken for good", wrong)
		}
	}
}
