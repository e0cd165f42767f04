package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// good is a repository that can be released.
var good = map[string]string{
	"go.mod":                   "module " + library + "\n",
	"relu.go":                  "package relu\n",
	"LICENSE":                  "free\n",
	"CHANGELOG.md":             "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-02\n\n- all of it\n\n## [0.0.1] - 2026-01-01\n\n- less\n",
	"cmd/relu/go.mod":          "module " + library + "/cmd/relu\nrequire " + library + " v0.1.0\n",
	"cmd/relu/main.go":         "package main\n",
	"benchmarks/go.mod":        "module " + library + "/benchmarks\n",
	"benchmarks/large.txt":     "measured",
	"internal/release/go.mod":  "module " + library + "/internal/release\nrequire " + library + " v0.1.0\n",
	"internal/release/main.go": "package main\n",
}

// repository commits good with the files changed, and reads it.
func repository(t *testing.T, changed map[string]string) (*tree, error) {
	t.Helper()
	root := t.TempDir()
	for _, files := range []map[string]string{good, changed} {
		for name, text := range files {
			name = filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, args := range [][]string{
		{"init", "-q"},
		{"add", "."},
		{"-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "all"},
	} {
		if _, err := git(root, args...); err != nil {
			t.Fatal(err)
		}
	}
	return readTree(root, filepath.Join(t.TempDir(), "copied"))
}

func TestTagsAndNotes(t *testing.T) {
	tree, err := repository(t, map[string]string{
		"a/go.mod": "module " + library + "/a\nrequire " + library + "/b v0.1.0\nrequire " + library + " v0.1.0\n",
		"b/go.mod": "module " + library + "/b\nrequire " + library + " v0.1.0\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tree.tags(), []string{"v0.1.0", "b/v0.1.0", "a/v0.1.0", "cmd/relu/v0.1.0"}; !reflect.DeepEqual(got, want) {
		t.Errorf("tags are %q, want %q", got, want)
	}
	if want := "- all of it"; tree.notes != want {
		t.Errorf("notes are %q, want %q", tree.notes, want)
	}
}

// Each fault is one that would reach users, and an error must name it.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		fault string
		files map[string]string
		named string
	}{
		{"none", nil, ""},
		{"a module under another name", map[string]string{"peers/go.mod": "module example.com/peers\n"}, "peers/go.mod: the module is called example.com/peers"},
		{"a module that replaces", map[string]string{"peers/go.mod": "module " + library + "/peers\nreplace " + library + " => ..\n"}, "peers/go.mod: replace"},
		{"two versions", map[string]string{"peers/go.mod": "module " + library + "/peers\nrequire " + library + " v0.2.0\n"}, "peers/go.mod requires " + library + "@v0.2.0"},
		{"no version", map[string]string{
			"cmd/relu/go.mod":         "module " + library + "/cmd/relu\n",
			"internal/release/go.mod": "module " + library + "/internal/release\n",
		}, "no nested module requires the library"},
		{"no notes", map[string]string{"CHANGELOG.md": "# Changelog\n\n## [0.0.1] - 2026-01-01\n\n- less\n"}, "CHANGELOG.md has no line \"## [0.1.0] - and a date\""},
		{"empty notes", map[string]string{"CHANGELOG.md": "# Changelog\n\n## [0.1.0] - 2026-01-02\n\n## [0.0.1] - 2026-01-01\n\n- less\n"}, "CHANGELOG.md says nothing of v0.1.0"},
		{"measurements in the library", map[string]string{"data/zen.txt": "measured"}, "data/zen.txt"},
		{"a large file", map[string]string{"large.go": noise()}, "more than 307200"},
	} {
		t.Run(test.fault, func(t *testing.T) {
			tree, err := repository(t, test.files)
			if err == nil {
				var zips map[string]string
				if zips, err = tree.publish(t.TempDir()); err == nil {
					err = checkZip(zips[library])
				}
			}
			if test.named == "" && err != nil {
				t.Error(err)
			}
			if test.named != "" && (err == nil || !strings.Contains(err.Error(), test.named)) {
				t.Errorf("error %v does not name %q", err, test.named)
			}
		})
	}
}

// noise does not compress.
func noise() string {
	text := make([]byte, zipLimit)
	rand.NewChaCha8([32]byte{}).Read(text)
	return string(text)
}
