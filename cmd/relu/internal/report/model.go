// Package report draws what relu bench measured: as a page that compares CPUs,
// and as one picture.
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
)

// Read reads files that relu bench wrote: the runs in all of them.
func Read(paths []string) ([]benchfile.File, error) {
	var runs []benchfile.File
	for _, path := range paths {
		more, err := benchfile.ReadFile(path)
		if err != nil {
			return nil, err
		}
		runs = append(runs, more...)
	}
	return runs, nil
}

// model is what the page's script gets. A run and a kernel are numbered by
// their place in Runs and Kernels.
type model struct {
	Runs    []run    `json:"runs"`
	Kernels []string `json:"kernels"` // the plain loop is one, the last
	Panels  []panel  `json:"panels"`
	Rows    []row    `json:"rows"`
}

// run is what was measured on a CPU at a time.
type run struct {
	ID     string  `json:"id"` // a letter, to name it where room is short
	Name   string  `json:"name"`
	Chosen string  `json:"chosen"` // the kernel
	CPU    string  `json:"cpu"`
	File   string  `json:"-"`
	Caches []cache `json:"caches"`

	benchfile.Host `json:"-"`
}

type cache struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
}

// panel is an operation on a type.
type panel struct {
	Op      string   `json:"op"`
	Type    string   `json:"type"`
	Size    int      `json:"size"`   // of an element
	Arrays  int      `json:"arrays"` // that a call goes through
	Lengths []int    `json:"lengths"`
	Series  []series `json:"series"`
}

// series are the times of one kernel in one run, or of its limit.
type series struct {
	Run     int       `json:"run"`
	Kernel  int       `json:"kernel"`
	Limit   bool      `json:"limit"`
	Times   []float64 `json:"times"`   // in ns, by length; 0 where not measured
	Spreads []float64 `json:"spreads"` // in percent
}

// row is one of the table of speed-ups.
type row struct {
	Run, Panel, Kernel int
	benchfile.Row
}

// MarshalJSON writes an array, because there are many rows.
func (r row) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{r.Run, r.Panel, r.Kernel, r.Place, r.N, r.Nanoseconds, benchfile.Round(r.OfLimit), benchfile.Round(r.OfLoop), percent(r.Spread)})
}

// percent keeps a tenth.
func percent(share float64) float64 { return math.Round(1000*share) / 10 }

// kernelOrder is how kernels are listed: the wider the earlier, the loop last.
var kernelOrder = []string{"avx512", "avx2", "sse2", "neon", "rvv", "lasx", "lsx", "vsx", "vx", "generic"}

func newModel(files []benchfile.File) model {
	m := model{Runs: newRuns(files), Kernels: kernelsOf(files), Rows: []row{}}
	m.Panels = panelsOf(files)
	for i := range m.Panels {
		p := &m.Panels[i]
		for run, f := range files {
			for kernel, name := range m.Kernels {
				p.add(f.Results, name, series{Run: run, Kernel: kernel})
				p.add(f.Results, benchfile.Copy(name), series{Run: run, Kernel: kernel, Limit: true})
			}
		}
	}
	for run, f := range files {
		for _, r := range benchfile.Summarize(f.Host, f.Results) {
			m.Rows = append(m.Rows, row{
				Run:    run,
				Panel:  slices.IndexFunc(m.Panels, func(p panel) bool { return p.Op == r.Op && p.Type == r.Type }),
				Kernel: slices.Index(m.Kernels, r.Kernel),
				Row:    r,
			})
		}
	}
	return m
}

// add adds a line, if any of it was measured.
func (p *panel) add(r *benchfile.Results, name string, s series) {
	for _, n := range p.Lengths {
		at := benchfile.Point{Op: p.Op, Type: p.Type, Kernel: name, N: n}
		s.Times = append(s.Times, r.Time(at))
		s.Spreads = append(s.Spreads, percent(r.Spread(at)))
	}
	if slices.Max(s.Times) > 0 {
		p.Series = append(p.Series, s)
	}
}

// newRuns names the runs apart: by the CPU, by the labels of those of one CPU,
// else by their dates, else by their files, else by their letters.
func newRuns(files []benchfile.File) []run {
	var runs []run
	for i, f := range files {
		r := run{
			ID: letter(i), CPU: cmp.Or(f.Host.CPU, "unknown CPU"), File: f.Name, Chosen: f.Host.Kernel,
			Caches: cachesOf(f.Host), Host: f.Host,
		}
		var others []benchfile.File
		for j, g := range files {
			if j != i && g.Host.CPU == f.Host.CPU {
				others = append(others, g)
			}
		}
		r.Name = r.CPU
		if len(others) > 0 {
			r.Name += ", " + markOf(f, r.ID, others)
		}
		runs = append(runs, r)
	}
	return runs
}

// markOf tells a file from others.
func markOf(f benchfile.File, id string, others []benchfile.File) string {
	for _, of := range []func(benchfile.File) string{
		func(f benchfile.File) string { return f.Host.Label },
		func(f benchfile.File) string { return f.Host.Date },
		func(f benchfile.File) string { return benchfile.Printable(f.Name) },
	} {
		same := func(g benchfile.File) bool { return of(g) == of(f) }
		if of(f) != "" && !slices.ContainsFunc(others, same) {
			return of(f)
		}
	}
	return id
}

// letter is A for 0, and A1 after Z.
func letter(i int) string {
	id := string(rune('A' + i%26))
	if i >= 26 {
		id += fmt.Sprint(i / 26)
	}
	return id
}

// cachesOf are the caches whose size is known.
func cachesOf(h benchfile.Host) []cache {
	return slices.DeleteFunc([]cache{{"L1", h.L1Data}, {"L2", h.L2}, {"L3", h.L3}}, func(c cache) bool { return c.Bytes == 0 })
}

// kernelsOf are the kernels that were measured, and the loop if it was.
func kernelsOf(files []benchfile.File) []string {
	var names []string
	for _, f := range files {
		for _, p := range f.Results.Points() {
			if _, limit := benchfile.Copied(p.Kernel); !limit && !slices.Contains(names, p.Kernel) {
				names = append(names, p.Kernel)
			}
		}
	}
	place := func(name string) int {
		switch i := slices.Index(kernelOrder, name); {
		case name == benchfile.Loop:
			return len(kernelOrder) + 1
		case i < 0:
			return len(kernelOrder)
		default:
			return i
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	return names
}

// panelsOf are the operations and types that were measured, without lines.
func panelsOf(files []benchfile.File) []panel {
	var panels []panel
	for _, f := range files {
		for _, q := range f.Results.Points() {
			i := slices.IndexFunc(panels, func(p panel) bool { return p.Op == q.Op && p.Type == q.Type })
			if i < 0 {
				i = len(panels)
				panels = append(panels, panel{Op: q.Op, Type: q.Type, Size: ops.Size(q.Type), Arrays: ops.Arrays(q.Op)})
			}
			if p := &panels[i]; !slices.Contains(p.Lengths, q.N) {
				p.Lengths = append(p.Lengths, q.N)
			}
		}
	}
	for i := range panels {
		slices.Sort(panels[i].Lengths)
	}
	slices.SortStableFunc(panels, func(a, b panel) int { return cmp.Compare(a.place(), b.place()) })
	return panels
}

// place is where the operation stands in the table of operations; one of another
// version comes last.
func (p *panel) place() int {
	if i := slices.IndexFunc(ops.All, func(o ops.Op) bool { return o.Name == p.Op && o.Type == p.Type }); i >= 0 {
		return i
	}
	return len(ops.All)
}
