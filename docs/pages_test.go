// Package docs holds the pages of the repository, its README among them, to
// what they speak of: links lead somewhere, Go code compiles, programs print
// what the page says, and commands name targets, folders, verbs and flags that
// exist.
package docs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

const root = ".." // of the repository

// A page is a Markdown file.
type page struct {
	path    string // from the root of the repository
	anchors map[string]bool
	links   []string
	blocks  []block
}

// A block is a fenced block of code.
type block struct {
	where    string // path:line of its first line
	language string // and what else stands behind the fence
	text     string
}

// files are those of a pattern that git knows or would.
func files(pattern string) ([]string, error) {
	cmd := exec.Command("git", "ls-files", "-co", "--exclude-standard", "-z", pattern)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd, err)
	}
	return strings.Split(strings.TrimRight(string(out), "\x00"), "\x00"), nil
}

// pages are the Markdown files that git knows or would.
var pages = sync.OnceValues(func() ([]page, error) {
	paths, err := files("*.md")
	if err != nil {
		return nil, err
	}
	var pages []page
	for _, path := range paths {
		source, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return nil, err
		}
		pages = append(pages, parse(path, source))
	}
	return pages, nil
})

func parse(path string, source []byte) page {
	p := page{path: path, anchors: map[string]bool{}}
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	line := func(offset int) int { return bytes.Count(source[:offset], []byte("\n")) + 1 }
	ast.Walk(markdown.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if id, ok := n.AttributeString("id"); ok {
				p.anchors[string(id.([]byte))] = true
			}
		case *ast.Link:
			p.links = append(p.links, string(n.Destination))
		case *ast.Image:
			p.links = append(p.links, string(n.Destination))
		case *ast.FencedCodeBlock:
			b := block{where: path}
			if n.Info != nil {
				b.language = string(n.Info.Value(source))
			}
			if lines := n.Lines(); lines.Len() > 0 {
				b.where = fmt.Sprintf("%s:%d", path, line(lines.At(0).Start))
				b.text = string(lines.Value(source))
			}
			p.blocks = append(p.blocks, b)
		case *ast.CodeBlock:
			p.blocks = append(p.blocks, block{where: fmt.Sprintf("%s:%d", path, line(n.Lines().At(0).Start)), language: "indented"})
		}
		return ast.WalkContinue, nil
	})
	return p
}

// eachBlock runs check as a subtest for every block in the language, of which
// there must be one.
func eachBlock(t *testing.T, language string, check func(*testing.T, block)) {
	pages, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, p := range pages {
		for _, b := range p.blocks {
			if b.language == language {
				count++
				t.Run(b.where, func(t *testing.T) { check(t, b) })
			}
		}
	}
	if count == 0 {
		t.Errorf("no page has a block of %s", language)
	}
}

// TestLanguages wants each block to say what it is, because that is how it is
// checked. Only text is not.
func TestLanguages(t *testing.T) {
	pages, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"go": true, "sh": true, "console": true, "yaml": true, "text": true}
	for _, p := range pages {
		for _, b := range p.blocks {
			if !known[b.language] {
				t.Errorf("%s: a block of %q, which is none of go, sh, console, yaml and text", b.where, b.language)
			}
		}
	}
}
