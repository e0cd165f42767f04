package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawable fails if there is no kind of picture for the name of a file.
func drawable(file string) error {
	if _, err := draw.NewFormattedCanvas(1, 1, strings.TrimPrefix(filepath.Ext(file), ".")); err != nil {
		return fmt.Errorf("-draw %s: %w", file, err)
	}
	return nil
}

// drawSilent draws how many units were silent after each epoch, a line for each
// training, from before the training on.
func drawSilent(file string, trainings []training, s settings) error {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("units silent for all test images, learning rate %v", s.rate)
	p.X.Label.Text = "epoch"
	p.Y.Label.Text = fmt.Sprintf("of %d units", s.hidden())
	p.Y.Min = 0
	p.X.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick {
		var ticks []plot.Tick
		for i := range s.epochs + 1 {
			ticks = append(ticks, plot.Tick{Value: float64(i), Label: fmt.Sprint(i)})
		}
		return ticks
	})
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	for i, t := range trainings {
		var points plotter.XYs
		for j, e := range t.epochs {
			points = append(points, plotter.XY{X: float64(j), Y: float64(e.silent)})
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return err
		}
		line.Color, line.Width = plotutil.Color(i), vg.Points(1.5)
		marks.Color, marks.Shape = plotutil.Color(i), plotutil.Shape(i)
		p.Add(line, marks)
		p.Legend.Add(t.activation, line, marks)
	}
	p.Y.Max *= 1.4 // the legend lies above the lines
	return p.Save(6*vg.Inch, 4*vg.Inch, file)
}
