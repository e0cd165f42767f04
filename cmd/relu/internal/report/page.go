package report

import (
	_ "embed"
	"html/template"
	"io"
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
func WritePage(w io.Writer, files []File) error {
	return pageTemplate.Execute(w, struct {
		CSS     template.CSS
		Scripts []template.JS
		Model   model
	}{
		CSS:     template.CSS(uPlotCSS + pageCSS),
		Scripts: []template.JS{template.JS("/*\n" + uPlotLicence + "*/\n" + uPlotJS), template.JS(pageJS)},
		Model:   newModel(files),
	})
}
