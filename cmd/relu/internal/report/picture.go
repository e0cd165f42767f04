package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

//go:embed picture.svg
var pictureSVG string

var pictureTemplate = template.Must(template.New("picture").Parse(pictureSVG))

// picture is what the template draws.
type picture struct {
	Title, Subtitle          string
	Width, Height            float64
	Left, Right, Top, Bottom float64 // the edges of the chart
	XTicks, YTicks           []tick
	Caches                   []tick
	Lines                    []line
	Legend                   []key
}

type tick struct {
	At    float64
	Label string
	Ink   int // of caches
}

// line is drawn in one of the inks, which tells CPUs apart, or kernels if
// there is one CPU; so does its marker. The dash tells kernels apart.
type line struct {
	Ink    int
	Marker string // a path
	Dash   string
	Path   string
	Points []at
}

type at struct{ X, Y float64 }

// key is an entry of the legend.
type key struct {
	at
	line
	Label string
}

const inkPlain = -1 // of a legend's entry that stands for all CPUs

// The inks are those of page.css.
const inks = 7

// markers are paths around 0,0.
var markers = []string{
	"M3.5,0A3.5,3.5 0 1 1 3.5,-.01Z",
	"M-3,-3H3V3H-3Z",
	"M0,-4L3.8,3L-3.8,3Z",
	"M0,-4.4L4.4,0L0,4.4L-4.4,0Z",
	"M0,4L3.8,-3L-3.8,-3Z",
}

const limitDash = "1.5 4"

var dashes = map[string]string{
	"avx512": "16 4 4 4", "avx2": "12 4", "sse2": "6 4", "generic": "12 4 2 4", benchfile.Loop: "3 4",
}

// Axis is what a picture shows against length.
type Axis int

const (
	Throughput Axis = iota // GB/s
	Time                   // of a call, in ns
)

// WritePicture writes an SVG picture of one operation on one type. With one
// file it shows every kernel, with several the one that is chosen on each.
func WritePicture(w io.Writer, files []File, op, typ string, y Axis) error {
	m := newModel(files)
	i := slices.IndexFunc(m.Panels, func(p panel) bool { return p.Op == op && p.Type == typ })
	if i < 0 {
		return fmt.Errorf("no file has figures of %s %s", op, typ)
	}
	p := m.draw(&m.Panels[i], y)
	if len(p.Lines) == 0 {
		return fmt.Errorf("no file has figures of %s %s by the kernel that it names", op, typ)
	}
	return pictureTemplate.Execute(w, p)
}

func (m *model) draw(panel *panel, y Axis) picture {
	p := picture{
		Title: panel.Op + ", " + panel.Type, Subtitle: y.String() + " against the number of elements",
		Width: 860, Left: 62, Right: 840, Top: 76, Bottom: 400,
	}
	one := len(m.CPUs) == 1
	if one {
		p.Subtitle = m.CPUs[0].Name + ": " + p.Subtitle
	}

	shown := slices.DeleteFunc(slices.Clone(panel.Series), func(s series) bool {
		name, chosen := m.Kernels[s.Kernel], m.CPUs[s.CPU].Kernel
		if one && !s.Limit {
			return false
		}
		return name != chosen && (name != benchfile.Loop || s.Limit)
	})
	xOf, yOf := p.scales(panel, shown, y)

	for cpu, c := range m.CPUs {
		for _, cache := range c.Caches {
			n := float64(cache.Bytes) / float64(panel.Size*panel.Arrays)
			if x := xOf(n); x > p.Left && x < p.Right {
				ink := inkPlain
				if !one {
					ink = cpu % inks
				}
				p.Caches = append(p.Caches, tick{x, cache.Name, ink})
			}
		}
	}
	for _, s := range shown {
		look := s.Kernel
		if !one {
			look = s.CPU
		}
		l := line{Ink: look % inks, Marker: markers[look%len(markers)], Dash: dashes[m.Kernels[s.Kernel]]}
		switch {
		case s.Limit:
			l.Dash, l.Marker = limitDash, ""
		case m.Kernels[s.Kernel] == m.CPUs[s.CPU].Kernel:
			l.Dash = "" // the chosen one is solid
		}
		for i, n := range panel.Lengths {
			if s.Times[i] > 0 {
				l.Points = append(l.Points, at{xOf(float64(n)), yOf(y.value(panel, n, s.Times[i]))})
			}
		}
		l.Path = pathThrough(l.Points)
		p.Lines = append(p.Lines, l)
	}
	p.Legend = m.legend(shown, p.Lines)
	p.layLegend()
	return p
}

func (y Axis) String() string {
	if y == Time {
		return "time of a call"
	}
	return "GB/s"
}

// label names a value: 10µs, or a number of GB/s.
func (y Axis) label(v float64) string {
	if y == Time && v >= 1 {
		return time.Duration(v).String()
	}
	return fmt.Sprintf("%.3g", v)
}

// value is where the time of a call on n elements, in ns, stands. GB/s is bytes
// per ns.
func (y Axis) value(p *panel, n int, time float64) float64 {
	if y == Time {
		return time
	}
	return float64(n*p.Size) / time
}

// scales sets the ticks and gives the coordinates of lengths and of what the
// axis shows, both logarithmic.
func (p *picture) scales(panel *panel, shown []series, y Axis) (xOf, yOf func(float64) float64) {
	shortest, longest := float64(panel.Lengths[0]), float64(slices.Max(panel.Lengths))
	low, high := math.Inf(1), 0.0
	for _, s := range shown {
		for i, n := range panel.Lengths {
			if s.Times[i] > 0 {
				v := y.value(panel, n, s.Times[i])
				low, high = min(low, v), max(high, v)
			}
		}
	}
	low, high = low/1.25, high*1.25
	longest = max(longest, 2*shortest)

	xOf = func(n float64) float64 {
		return round(p.Left + (p.Right-p.Left)*math.Log(n/shortest)/math.Log(longest/shortest))
	}
	yOf = func(v float64) float64 {
		return round(p.Bottom - (p.Bottom-p.Top)*math.Log(v/low)/math.Log(high/low))
	}
	for n := 1.0; n <= longest; n *= 16 {
		if n >= shortest {
			p.XTicks = append(p.XTicks, tick{At: xOf(n), Label: strings.ReplaceAll(binary(int(n), ""), " ", "")})
		}
	}
	steps := []float64{1}
	if high/low < 500 {
		steps = []float64{1, 2, 5}
	}
	for decade := math.Pow(10, math.Floor(math.Log10(low))); decade <= high; decade *= 10 {
		for _, step := range steps {
			if v := step * decade; v >= low && v <= high {
				p.YTicks = append(p.YTicks, tick{At: yOf(v), Label: y.label(v)})
			}
		}
	}
	return xOf, yOf
}

// legend names the lines: one by one if there is one CPU, otherwise the CPUs,
// and then what the dashes mean.
func (m *model) legend(shown []series, lines []line) []key {
	var keys []key
	if len(m.CPUs) == 1 {
		for i, s := range shown {
			label := kernelLabel(m.Kernels[s.Kernel])
			if s.Limit {
				label = "limit of " + label
			}
			keys = append(keys, key{line: lines[i], Label: label})
		}
		return keys
	}
	for cpu, c := range m.CPUs {
		label := c.Name
		if c.Kernel != "" {
			label += ", " + c.Kernel
		}
		keys = append(keys, key{line: line{Ink: cpu % inks, Marker: markers[cpu%len(markers)]}, Label: label})
	}
	if slices.ContainsFunc(shown, func(s series) bool { return s.Limit }) {
		keys = append(keys, key{line: line{Ink: inkPlain, Dash: limitDash}, Label: "limit"})
	}
	return append(keys, key{line: line{Ink: inkPlain, Dash: dashes[benchfile.Loop]}, Label: kernelLabel(benchfile.Loop)})
}

func kernelLabel(name string) string {
	if name == benchfile.Loop {
		return "plain Go loop"
	}
	return name
}

// layLegend puts the legend's entries in rows under the chart.
func (p *picture) layLegend() {
	const sample, gap, rowHeight, letter = 44, 26, 24, 7.4
	x, y := p.Left, p.Bottom+52
	for i := range p.Legend {
		k := &p.Legend[i]
		width := sample + letter*float64(len(k.Label))
		if x > p.Left && x+width > p.Right {
			x, y = p.Left, y+rowHeight
		}
		k.X, k.Y = round(x), y
		x += width + gap
	}
	p.Height = y + 22
}

func pathThrough(points []at) string {
	var path strings.Builder
	for i, q := range points {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&path, "%s%g,%g", command, q.X, q.Y)
	}
	return path.String()
}

// round keeps a tenth of a pixel.
func round(x float64) float64 { return math.Round(10*x) / 10 }

// size is a number of bytes.
func size(bytes int) string { return binary(bytes, "B") }

// binary is a number with a prefix for a power of 1024, if it is a multiple.
func binary(n int, unit string) string {
	for _, p := range []struct {
		shift  int
		prefix string
	}{{30, "Gi"}, {20, "Mi"}, {10, "Ki"}} {
		if n >= 1<<p.shift && n%(1<<p.shift) == 0 {
			return strings.TrimSpace(fmt.Sprint(n>>p.shift, " ", p.prefix, unit))
		}
	}
	return strings.TrimSpace(fmt.Sprint(n, " ", unit))
}
