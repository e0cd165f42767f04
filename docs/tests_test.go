package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namesTest   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	definesTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
)

// TestTestsExist looks for each test that a page names.
func TestTestsExist(t *testing.T) {
	cmd := exec.Command("git", "ls-files", "-co", "--exclude-standard", "-z", "*_test.go")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	exists := map[string]bool{}
	for path := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
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
