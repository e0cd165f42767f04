package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// A tree is one state of the repository.
type tree struct {
	root    string      // the folder of the repository
	copied  string      // a repository that has this state alone, as revision
	version string      // of the release that it would be
	notes   string      // what CHANGELOG.md says of it
	modules []*goModule // the library first
}

const revision = "FETCH_HEAD"

// A goModule is a module of the repository.
type goModule struct {
	dir  string // from the top of the repository; "" for the library
	path string
	file *modfile.File
	text []byte // of its go.mod
}

// readTree copies the repository of the folder root to the folder copied.
func readTree(root, copied string) (*tree, error) {
	// A commit of what git knows and was changed; nothing where nothing was.
	state, err := git(root, "stash", "create")
	if err != nil {
		return nil, err
	}
	if len(state) == 0 {
		if state, err = git(root, "rev-parse", "HEAD"); err != nil {
			return nil, err
		}
	}
	if _, err := git(root, "init", "-q", copied); err != nil {
		return nil, err
	}
	t := &tree{root: root, copied: copied}
	if _, err := t.git("fetch", "-q", "--depth=1", fileURL(root), strings.TrimSpace(string(state))); err != nil {
		return nil, err
	}
	files, err := t.git("ls-tree", "-r", "-z", "--name-only", revision)
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(string(files), "\x00") {
		if path.Base(name) != "go.mod" {
			continue
		}
		m, err := t.readModule(name)
		if err != nil {
			return nil, err
		}
		t.modules = append(t.modules, m)
	}
	slices.SortFunc(t.modules, func(a, b *goModule) int { return strings.Compare(a.dir, b.dir) })
	if err := t.findVersion(); err != nil {
		return nil, err
	}
	return t, t.findNotes()
}

func (t *tree) readModule(name string) (*goModule, error) {
	text, err := t.git("show", revision+":"+name)
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse(name, text, nil)
	if err != nil {
		return nil, err
	}
	m := &goModule{dir: strings.TrimSuffix(strings.TrimSuffix(name, "go.mod"), "/"), path: file.Module.Mod.Path, file: file, text: text}
	if want := path.Join(library, m.dir); m.path != want {
		return nil, fmt.Errorf("%s: the module is called %s, not %s, and would not be found", name, m.path, want)
	}
	if len(file.Replace)+len(file.Exclude) > 0 {
		return nil, fmt.Errorf("%s: replace and exclude keep go install from working", name)
	}
	return m, nil
}

// findVersion sets the version, which all requirements of one module of the
// repository on another have to agree on.
func (t *tree) findVersion() error {
	ours := map[string]bool{}
	for _, m := range t.modules {
		ours[m.path] = true
	}
	for _, m := range t.modules {
		for _, r := range m.file.Require {
			if !ours[r.Mod.Path] {
				continue
			}
			if t.version == "" {
				t.version = r.Mod.Version
			}
			if r.Mod.Version != t.version {
				return fmt.Errorf("%s/go.mod requires %s, others of the repository %s", m.dir, r.Mod, t.version)
			}
		}
	}
	if t.version == "" {
		return errors.New("no nested module requires the library, which would tell its version")
	}
	return nil
}

// findNotes sets the notes to the section of CHANGELOG.md whose heading is
// "## [version] - date".
func (t *tree) findNotes() error {
	text, err := t.git("show", revision+":CHANGELOG.md")
	if err != nil {
		return err
	}
	heading := "\n## [" + strings.TrimPrefix(t.version, "v") + "] - "
	_, section, found := strings.Cut(string(text), heading)
	if !found {
		return fmt.Errorf("CHANGELOG.md has no line %q", strings.TrimSpace(heading)+" and a date")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	_, notes, _ := strings.Cut(section, "\n") // the date
	if t.notes = strings.TrimSpace(notes); t.notes == "" {
		return fmt.Errorf("CHANGELOG.md says nothing of %s", t.version)
	}
	return nil
}

// tags are the tags of the release, each after those of what it needs: the
// library's, and those of the modules that require it and can be had from
// outside.
func (t *tree) tags() []string {
	var tags []string
	seen := map[*goModule]bool{}
	var tag func(m *goModule)
	tag = func(m *goModule) {
		if seen[m] {
			return
		}
		seen[m] = true
		released := m.path == library
		for _, r := range m.file.Require {
			released = released || r.Mod.Path == library
			for _, other := range t.modules {
				if other.path == r.Mod.Path {
					tag(other)
				}
			}
		}
		if released && !strings.HasPrefix(m.dir, "internal/") {
			tags = append(tags, path.Join(m.dir, t.version))
		}
	}
	for _, m := range t.modules {
		tag(m)
	}
	return tags
}

func (t *tree) git(args ...string) ([]byte, error) { return git(t.copied, args...) }

func git(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
