package main

import (
	"archive/zip"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// zipLimit bounds what a user of the library downloads.
const zipLimit = 300 << 10

// check publishes the tree in the folder work and uses it from there.
func (t *tree) check(work string) error {
	proxy := filepath.Join(work, "proxy")
	zips, err := t.publish(proxy)
	if err != nil {
		return err
	}
	if err := checkZip(zips[library]); err != nil {
		return err
	}
	if err := t.fillCache(filepath.Join(work, "needs")); err != nil {
		return err
	}
	u, err := newUser(filepath.Join(work, "user"), proxy, t.version)
	if err != nil {
		return err
	}
	if err := u.installCommand(); err != nil {
		return err
	}
	return u.useLibrary()
}

// checkZip prints what the library's zip holds and fails if it holds too much.
func checkZip(name string) error {
	stat, err := os.Stat(name)
	if err != nil {
		return err
	}
	r, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	defer r.Close()
	var stray []string
	for _, f := range r.File {
		// Names are module@version/path.
		_, inside, _ := strings.Cut(f.Name, "@")
		_, inside, _ = strings.Cut(inside, "/")
		fmt.Printf("%8d %8d  %s\n", f.UncompressedSize64, f.CompressedSize64, inside)
		if !belongs(inside) {
			stray = append(stray, inside)
		}
	}
	fmt.Printf("the library's zip: %d bytes of at most %d, %d files\n", stat.Size(), zipLimit, len(r.File))
	if len(stray) > 0 {
		return fmt.Errorf("the library's zip holds what does not belong there: %s", strings.Join(stray, ", "))
	}
	if stat.Size() > zipLimit {
		return fmt.Errorf("the library's zip has %d bytes, more than %d", stat.Size(), zipLimit)
	}
	return nil
}

// belongs tells whether a file has a place in the library's zip: sources, what
// its tests read, and what says what it is.
func belongs(name string) bool {
	if slices.Contains([]string{".go", ".s", ".md", ".mod", ".sum", ".sh", ".py"}, path.Ext(name)) {
		return true
	}
	top, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{".ci", ".gitattributes", ".github", ".gitignore", "LICENSE", "Makefile", "docs", "go.work", "testdata"}, top)
}

// fillCache has the module cache hold the versions that the library and the
// command require, which need not be those of the workspace.
func (t *tree) fillCache(dir string) error {
	for _, m := range t.modules {
		if m.path != library && m.path != library+"/cmd/relu" {
			continue
		}
		copied := filepath.Join(dir, m.dir)
		if err := os.MkdirAll(copied, 0o777); err != nil {
			return err
		}
		for _, name := range []string{"go.mod", "go.sum"} {
			text, err := t.git("show", revision+":"+path.Join(m.dir, name))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(copied, name), text, 0o666); err != nil {
				return err
			}
		}
		in := at{copied, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")}
		if m.path != library {
			if _, err := in.run("go", "mod", "edit", "-replace="+library+"="+t.root); err != nil {
				return err
			}
		}
		if _, err := in.run("go", "mod", "download"); err != nil {
			return err
		}
	}
	return nil
}
