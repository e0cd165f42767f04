package report

import (
	"cmp"
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
	Caches                   []mark
	Lines                    []line
	Legend                   []key
}

type tick struct {
	At    float64
	Label string
}

// mark is where the slices of a call fill a cache. Labels that would touch
// stand in rows above each other.
type mark struct {
	tick
	Ink int
	Row float64 // how far above the chart the label is
}

// line is drawn in one of the inks, which tells CPUs apart, or kernels if
// there is one CPU; so does its marker. The dash tells kernels apart.
type line struct {
	Ink    int
	Marker string // a path
	Dash   string
	Band   bool // the limit's
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

// The dashes are those of page.js.
var dashes = map[string]string{
	"avx512": "16 4 4 4", "avx2": "12 4", "sse2": "6 4", "generic": "12 4 2 4", benchfile.Loop: "2 4",
}

const otherDash = "8 4"

// Axis is what a picture shows against length.
type Axis int

const (
	Throughput Axis = iota // GB/s
	Time                   // of a call, in ns
)

// WritePicture writes an SVG picture of one operation on one type. With one
// file it shows every kernel, with several the one that is chosen on each.
func WritePicture(w io.Writer, files []benchfile.File, op, typ string, y Axis) error {
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
		Width: 860, Left: 62, Right: 840, Top: 88, Bottom: 412,
	}
	one := len(m.Runs) == 1
	if one {
		p.Subtitle = shorten(m.Runs[0].Name, 80) + ": " + p.Subtitle
	}

	shown := slices.DeleteFunc(slices.Clone(panel.Series), func(s series) bool {
		name, chosen := m.Kernels[s.Kernel], m.Runs[s.Run].Chosen
		if one && !s.Limit {
			return false
		}
		return name != chosen && (name != benchfile.Loop || s.Limit)
	})
	xOf, yOf := p.scales(panel, shown, y)

	p.Caches = m.cacheMarks(panel, func(n float64) (float64, bool) {
		x := xOf(n)
		return x, x > p.Left && x < p.Right
	})
	// The bands of the limits lie under the lines.
	slices.SortStableFunc(shown, func(a, b series) int {
		switch {
		case a.Limit == b.Limit:
			return 0
		case a.Limit:
			return -1
		}
		return 1
	})
	for _, s := range shown {
		look := s.Kernel
		if !one {
			look = s.Run
		}
		l := line{Ink: look % inks, Marker: markers[look%len(markers)], Dash: cmp.Or(dashes[m.Kernels[s.Kernel]], otherDash)}
		switch {
		case s.Limit:
			l.Dash, l.Marker, l.Band = "", "", true
		case m.Kernels[s.Kernel] == m.Runs[s.Run].Chosen:
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
	if len(m.Runs) == 1 {
		for i, s := range shown {
			label := kernelLabel(m.Kernels[s.Kernel])
			if s.Limit {
				label = "limit of " + label
			}
			keys = append(keys, key{line: lines[i], Label: label})
		}
		return keys
	}
	for i, r := range m.Runs {
		label := r.ID + ": " + shorten(r.Name, 60)
		if r.Chosen != "" {
			label += ", " + r.Chosen
		}
		keys = append(keys, key{line: line{Ink: i % inks, Marker: markers[i%len(markers)]}, Label: label})
	}
	if slices.ContainsFunc(shown, func(s series) bool { return s.Limit }) {
		keys = append(keys, key{line: line{Ink: inkPlain, Band: true}, Label: "limit"})
	}
	return append(keys, key{line: line{Ink: inkPlain, Dash: dashes[benchfile.Loop]}, Label: kernelLabel(benchfile.Loop)})
}

// cacheMarks marks the caches of all runs, those at one length once. at is where
// a length stands, and whether that is within the chart.
func (m *model) cacheMarks(panel *panel, at func(n float64) (float64, bool)) []mark {
	var marks []mark
	for i, r := range m.Runs {
		for _, c := range r.Caches {
			x, within := at(float64(c.Bytes) / float64(panel.Size*panel.Arrays))
			if !within {
				continue
			}
			same := slices.IndexFunc(marks, func(k mark) bool { return k.At == x && strings.HasPrefix(k.Label, c.Name) })
			switch {
			case len(m.Runs) == 1:
				marks = append(marks, mark{tick: tick{x, c.Name}, Ink: inkPlain})
			case same >= 0:
				marks[same].Label += r.ID
				marks[same].Ink = inkPlain
			default:
				marks = append(marks, mark{tick: tick{x, c.Name + " " + r.ID}, Ink: i % inks})
			}
		}
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.At, b.At) })
	const letter, rowHeight = 4.0, 13
	ends := []float64{math.Inf(-1), math.Inf(-1)} // of each row
	for i := range marks {
		half := letter * float64(len(marks[i].Label))
		row := slices.IndexFunc(ends, func(end float64) bool { return end < marks[i].At-half })
		if row < 0 {
			row = slices.Index(ends, slices.Min(ends))
		}
		ends[row] = marks[i].At + half
		marks[i].Row = -6 - rowHeight*float64(row)
	}
	return marks
}

// shorten leaves out the middle of a text that is longer than most letters.
func shorten(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most/2]) + "…" + string(letters[len(letters)-(most-1)/2:])
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
