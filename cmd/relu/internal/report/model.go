// Package report draws what relu bench measured: as a page that compares CPUs,
// and as one picture.
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// File is what one file tells.
type File struct {
	Path    string
	Host    benchfile.Host
	Results *benchfile.Results
}

// Read reads files that relu bench wrote.
func Read(paths []string) ([]File, error) {
	var files []File
	for _, path := range paths {
		host, results, err := benchfile.Read(path)
		if err != nil {
			return nil, err
		}
		files = append(files, File{path, host, results})
	}
	return files, nil
}

// model is what the page's script gets. A CPU and a kernel are numbered by
// their place in CPUs and Kernels.
type model struct {
	CPUs    []cpuModel `json:"cpus"`
	Kernels []string   `json:"kernels"` // the plain loop is one, the last
	Chosen  []string   `json:"chosen"`  // the kernels that relu chooses on these CPUs
	Panels  []panel    `json:"panels"`
	Rows    []row      `json:"rows"`
}

type cpuModel struct {
	Name   string  `json:"name"`
	File   string  `json:"file"`
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

// series are the times of one kernel on one CPU, or of its limit.
type series struct {
	CPU    int       `json:"cpu"`
	Kernel int       `json:"kernel"`
	Limit  bool      `json:"limit"`
	Times  []float64 `json:"times"` // in ns, by length; 0 where not measured
}

// row is one of the table of speed-ups.
type row struct {
	CPU, Panel, Kernel int
	benchfile.Row
}

// MarshalJSON writes an array, because there are many rows.
func (r row) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{r.CPU, r.Panel, r.Kernel, r.Place, r.N, r.Nanoseconds, benchfile.Round(r.OfLimit), benchfile.Round(r.OfLoop)})
}

// kernelOrder is how kernels are listed: the wider the earlier, the loop last.
var kernelOrder = []string{"avx512", "avx2", "sse2", "neon", "generic"}

func newModel(files []File) model {
	m := model{CPUs: newCPUs(files), Kernels: kernelsOf(files), Rows: []row{}}
	for _, f := range files {
		if k := f.Host.Kernel; k != "" && !slices.Contains(m.Chosen, k) {
			m.Chosen = append(m.Chosen, k)
		}
	}
	m.Panels = panelsOf(files)
	for i := range m.Panels {
		p := &m.Panels[i]
		for cpu, f := range files {
			for kernel, name := range m.Kernels {
				p.add(f.Results, name, series{CPU: cpu, Kernel: kernel})
				p.add(f.Results, benchfile.Copy(name), series{CPU: cpu, Kernel: kernel, Limit: true})
			}
		}
	}
	for cpu, f := range files {
		for _, r := range benchfile.Summarize(f.Host, f.Results) {
			m.Rows = append(m.Rows, row{
				CPU:    cpu,
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
		s.Times = append(s.Times, r.Median(benchfile.Point{Op: p.Op, Type: p.Type, Kernel: name, N: n}))
	}
	if slices.Max(s.Times) > 0 {
		p.Series = append(p.Series, s)
	}
}

// newCPUs names the CPUs apart, by their files where they have the same name.
func newCPUs(files []File) []cpuModel {
	count := map[string]int{}
	for _, f := range files {
		count[f.Host.CPU]++
	}
	var cpus []cpuModel
	for _, f := range files {
		c := cpuModel{Name: cmp.Or(f.Host.CPU, "unknown CPU"), File: filepath.Base(f.Path), Caches: cachesOf(f.Host), Host: f.Host}
		if count[f.Host.CPU] > 1 {
			c.Name = fmt.Sprintf("%s (%s)", c.Name, c.File)
		}
		cpus = append(cpus, c)
	}
	return cpus
}

// cachesOf are the caches whose size is known.
func cachesOf(h benchfile.Host) []cache {
	return slices.DeleteFunc([]cache{{"L1", h.L1Data}, {"L2", h.L2}, {"L3", h.L3}}, func(c cache) bool { return c.Bytes == 0 })
}

// kernelsOf are the kernels that were measured, and the loop if it was.
func kernelsOf(files []File) []string {
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
func panelsOf(files []File) []panel {
	var panels []panel
	for _, f := range files {
		for _, q := range f.Results.Points() {
			i := slices.IndexFunc(panels, func(p panel) bool { return p.Op == q.Op && p.Type == q.Type })
			if i < 0 {
				i = len(panels)
				panels = append(panels, panel{Op: q.Op, Type: q.Type, Size: benchfile.Size(q.Type), Arrays: benchfile.Arrays(q.Op)})
			}
			if p := &panels[i]; !slices.Contains(p.Lengths, q.N) {
				p.Lengths = append(p.Lengths, q.N)
			}
		}
	}
	for i := range panels {
		slices.Sort(panels[i].Lengths)
	}
	return panels
}
