package docs

import (
	"io"
	"testing"

	"github.com/rhysd/actionlint"
)

// TestYAML takes every block of YAML for a workflow of GitHub's.
func TestYAML(t *testing.T) {
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eachBlock(t, "yaml", func(t *testing.T, b block) {
		faults, err := linter.Lint(b.where, []byte(b.text), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults {
			t.Error(fault)
		}
	})
}
