package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var (
	namesTest   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	definesTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
)

// TestTestsExist looks for each test that a page names.
func TestTestsExist(t *testing.T) {
	paths, err := files("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, path := range paths {
		source, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range definesTest.FindAllSubmatch(source, -1) {
			exists[string(m[1])] = true
		}
	}
	pages, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, p := range pages {
		text, err := os.ReadFile(filepath.Join(root, p.path))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range namesTest.FindAllSubmatch(text, -1) {
			named++
			if name := string(m[1]); !exists[name] {
				t.Errorf("%s: there is no %s", p.path, name)
			}
		}
	}
	if named == 0 {
		t.Error("no page names a test")
	}
}
