package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"slices"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// uPlot draws the charts: https://github.com/leeoniya/uPlot.

//go:embed uplot/uPlot.iife.min.js
var uPlotJS string

//go:embed uplot/uPlot.min.css
var uPlotCSS string

//go:embed uplot/LICENSE
var uPlotLicence string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"size": size}).Parse(pageHTML))

// WritePage writes one self-contained HTML page that compares the files.
func WritePage(w io.Writer, files []benchfile.File) error {
	m := newModel(files)
	return pageTemplate.Execute(w, struct {
		CSS      template.CSS
		Scripts  []template.JS
		Model    model
		Warnings []string
	}{
		CSS:      template.CSS(uPlotCSS + pageCSS),
		Scripts:  []template.JS{template.JS("/*\n" + uPlotLicence + "*/\n" + uPlotJS), template.JS(pageJS)},
		Model:    m,
		Warnings: m.warnings(),
	})
}

// warnings are what spoils the figures of the runs, and why some are missing.
func (m *model) warnings() []string {
	var all []string
	for _, r := range m.Runs {
		for _, w := range append(slices.Clone(r.Warnings), r.Note) {
			switch {
			case w == "":
			case len(m.Runs) > 1:
				all = append(all, r.ID+": "+w)
			default:
				all = append(all, w)
			}
		}
	}
	return all
}

// pageMark is in every page, pictureMark in every picture, so that no other file
// is written over.
const (
	pageMark    = `<meta name="generator" content="relu report">`
	pictureMark = `<metadata>relu report</metadata>`
)

// Ours reports whether a file, by its first bytes, is one that this package
// wrote, or empty.
func Ours(start []byte) bool {
	return len(start) == 0 || bytes.Contains(start, []byte(pageMark)) || bytes.Contains(start, []byte(pictureMark))
}

// MarkWithin is how many bytes of a file Ours needs to see.
const MarkWithin = 1 << 10
