// Command licences writes docs/licences.md: what the library and the command
// are built of, on any platform, and under which licences. Run it by
// make licences.
package main

import (
	"bytes"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

const head = `# Licences

What is built into a program that imports the library, and into the command ` + "`relu`" + `, on any platform, besides Go itself. The
names are those of SPDX. ` + "`make licences`" + ` writes this page, and a test holds it to what is built.

| module | licence | library | command |
|---|---|---|---|
`

func main() {
	log.SetFlags(0)
	log.SetPrefix("licences: ")
	page, err := list("../..")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("../../docs/licences.md", page, 0o666); err != nil {
		log.Fatal(err)
	}
}

// list is the page for the repository in the folder root.
func list(root string) ([]byte, error) {
	library, err := modules(root)
	if err != nil {
		return nil, err
	}
	command, err := modules(filepath.Join(root, "cmd", "relu"))
	if err != nil {
		return nil, err
	}
	// It is copied, not required.
	command["leeoniya/uPlot"] = filepath.Join(root, "cmd", "relu", "internal", "report", "uplot")
	page := bytes.NewBufferString(head)
	for _, name := range slices.Sorted(maps.Keys(command)) {
		licence, err := licenceOf(command[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		in := ""
		if library[name] != "" {
			in = "yes"
		}
		fmt.Fprintf(page, "| %s | %s | %s | yes |\n", name, licence, in)
	}
	return page.Bytes(), nil
}

// modules are the folders of the modules that the package in dir is built of,
// by their paths.
func modules(dir string) (map[string]string, error) {
	found := map[string]string{}
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64", "freebsd/amd64", "aix/ppc64"} {
		goos, goarch, _ := strings.Cut(platform, "/")
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list of %s for %s: %w: %s", dir, platform, err, stderr.Bytes())
		}
		for line := range strings.Lines(string(out)) {
			if path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && !strings.HasPrefix(path, "github.com/seed88f7e06c/relu") {
				found[path] = dir
			}
		}
	}
	return found, nil
}

// licenceOf names the licences that the files of a module state.
func licenceOf(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return "", err
	}
	names := map[string]bool{}
	for _, file := range files {
		base := strings.ToUpper(filepath.Base(file))
		if !strings.HasPrefix(base, "LICENSE") && !strings.HasPrefix(base, "LICENCE") && !strings.HasPrefix(base, "COPYING") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		for _, m := range licensecheck.Scan(text).Match {
			names[m.ID] = true
		}
	}
	if len(names) == 0 {
		return "", fmt.Errorf("no file in %s states a licence that is known", dir)
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", "), nil
}
