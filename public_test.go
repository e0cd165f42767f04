package relu

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

//go:embed *.go
var source embed.FS

// TestPublicFunctions holds that each function which users call has an example and is
// fuzzed: by a trial, whose element type has a target, or by name.
func TestPublicFunctions(t *testing.T) {
	text := func(file string) string {
		content, err := source.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	examples, targets := text("example_test.go"), text("fuzz_test.go")
	// A call is written as Clip(6), or with what it is one of as GateGrad, da.
	argument, name := regexp.MustCompile(`\(.*\)`), regexp.MustCompile(`^\w+`)
	fuzzed := map[string]bool{}
	for _, tr := range trials {
		if strings.Contains(targets, "func Fuzz"+tr.elem+"(") {
			fuzzed[name.FindString(argument.ReplaceAllString(tr.call, ""))] = true
		}
	}
	files, err := source.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	functions := 0
	for _, file := range files {
		if strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), text(file.Name()), parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() {
				continue
			}
			functions++
			if !strings.Contains(examples, "func Example"+f.Name.Name+"()") {
				t.Errorf("%s has no example", f.Name)
			}
			if takesSlices := f.Type.Params.NumFields() > 0; takesSlices && !fuzzed[f.Name.Name] && !regexp.MustCompile(`\b`+f.Name.Name+`\(`).MatchString(targets) {
				t.Errorf("%s is not fuzzed", f.Name)
			}
		}
	}
	if functions < 40 {
		t.Errorf("%d functions", functions)
	}
}
