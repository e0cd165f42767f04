package docs

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Where the package's documentation and the repository's files are to be had.
const (
	published = "https://pkg.go.dev/" + library
	hosted    = "https://" + library + "/blob/main/"
)

// TestLinks follows every link that leads into the repository, to its heading
// too, and those into the package's documentation to their names.
func TestLinks(t *testing.T) {
	pages, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	documented, err := documentation()
	if err != nil {
		t.Fatal(err)
	}
	names := exported(documented)
	comment := page{path: "relu.go"}
	for _, link := range documented.Parser().Parse(documented.Doc).Links {
		comment.links = append(comment.links, link.URL)
	}
	if len(comment.links) == 0 {
		t.Error("the package's comment has no link")
	}
	for _, p := range append(pages, comment) {
		for _, link := range p.links {
			if err := follow(p, link, pages, names); err != nil {
				t.Errorf("%s: link to %s: %v", p.path, link, err)
			}
		}
	}
}

func follow(from page, link string, pages []page, names map[string]bool) error {
	u, err := url.Parse(link)
	if err != nil {
		return err
	}
	if name, ok := strings.CutPrefix(link, published+"#"); ok && !names[name] {
		return fmt.Errorf("the package has no %s", name)
	}
	if name, ok := strings.CutPrefix(link, hosted); ok {
		return follow(page{}, name, pages, names)
	}
	if u.IsAbs() {
		return nil
	}
	target := from.path
	if u.Path != "" {
		target = path.Join(path.Dir(from.path), u.Path)
	}
	if _, err := os.Stat(filepath.Join(root, target)); err != nil {
		return err
	}
	if u.Fragment == "" {
		return nil
	}
	for _, p := range pages {
		if p.path == target {
			if !p.anchors[u.Fragment] {
				return fmt.Errorf("%s has no heading #%s", target, u.Fragment)
			}
			return nil
		}
	}
	return fmt.Errorf("%s is no page and has no headings", target)
}

// documentation is that of the package.
func documentation() (*doc.Package, error) {
	listed, err := build.ImportDir(root, 0)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range listed.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return doc.NewFromFiles(fset, files, library)
}

// exported are the names that the documentation has.
func exported(p *doc.Package) map[string]bool {
	names := map[string]bool{}
	for _, f := range p.Funcs {
		names[f.Name] = true
	}
	for _, t := range p.Types {
		names[t.Name] = true
		for _, f := range append(t.Funcs, t.Methods...) {
			names[f.Name] = true
		}
	}
	return names
}

// TestEachFunctionHasAPlace wants the pages that list the functions to name
// them all.
func TestEachFunctionHasAPlace(t *testing.T) {
	documented, err := documentation()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"README.md", "CHANGELOG.md", "docs/which.md"} {
		page, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range documented.Funcs {
			// A form for half floats has its place with the others.
			name := strings.TrimSuffix(strings.TrimSuffix(f.Name, "Float16"), "B")
			if !regexp.MustCompile(`\b` + name + `\b`).Match(page) {
				t.Errorf("%s does not name %s", path, f.Name)
			}
		}
	}
}

// Each kind of broken link is found, and each kind of good one is not.
func TestFollow(t *testing.T) {
	pages := []page{
		parse("README.md", []byte("# A title: of `code`\n\n## Again\n\n## Again\n")),
		parse("docs/which.md", []byte("# Which\n")),
	}
	names := map[string]bool{"InPlace": true}
	for _, good := range []string{"https://example.com", "which.md", "../README.md#a-title-of-code", "../README.md#again-1", "#which", "../docs", published + "#InPlace", hosted + "docs/which.md#which"} {
		if err := follow(pages[1], good, pages, names); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, broken := range []string{"README.md", "../README.md#nothing", "#nothing", "../LICENSE#which", published + "#Nothing", hosted + "docs/nothing.md"} {
		if follow(pages[1], broken, pages, names) == nil {
			t.Errorf("%s is taken for good", broken)
		}
	}
}
