// Package benchfile writes and reads what relu bench measured, in the Go
// benchmark format.
package benchfile

import (
	"cmp"
	"slices"
	"strings"
)

// Host is what a file tells of the CPU that was measured, and of the program
// that measured it. A size is 0 where unknown.
type Host struct {
	CPU      string
	GOOS     string
	GOARCH   string
	L1Data   int // the caches, in bytes
	L2       int
	L3       int
	CPUs     int    // of the machine
	Kernel   string // the one that relu chooses
	Version  string // of relu, or the commit
	Date     string // 2026-11-25
	Label    string // what the user calls it
	Go       string
	Warnings []string // what may have spoilt the figures
	Note     string   // why figures are missing
}

// Point is one thing that was measured: an operation on slices of N elements of
// a type by a kernel, by the plain Go loop, or by the copy that is the limit.
type Point struct {
	Op, Type, Kernel string
	N                int
}

// Loop is the name, in place of a kernel's, of the plain Go loop.
const Loop = "loop"

const copyPrefix = "copy-"

// Copy is the name, in place of a kernel's, of the loads and stores of that
// kernel without its arithmetic.
func Copy(kernel string) string { return copyPrefix + kernel }

// Copied is the kernel whose limit has this name, if it is a limit.
func Copied(name string) (kernel string, ok bool) { return strings.CutPrefix(name, copyPrefix) }

// Sample is what one call takes, by a number of calls.
type Sample struct {
	Calls       int
	Nanoseconds float64
}

// Results are what was measured: samples by point, and the points in their
// order.
type Results struct {
	points  []Point
	samples map[Point][]Sample
}

// Add adds samples of a point.
func (r *Results) Add(p Point, s ...Sample) {
	if r.samples == nil {
		r.samples = map[Point][]Sample{}
	}
	if _, known := r.samples[p]; !known {
		r.points = append(r.points, p)
	}
	r.samples[p] = append(r.samples[p], s...)
}

// Points are the points in the order in which they came.
func (r *Results) Points() []Point { return r.points }

// Samples are the samples of a point.
func (r *Results) Samples(p Point) []Sample { return r.samples[p] }

// Kept is how many samples a file has of a point: as many as benchstat needs for
// a 95% confidence interval.
const Kept = 6

// Time is the time of one call in nanoseconds; 0 if the point was not measured.
func (r *Results) Time(p Point) float64 { return Time(r.samples[p]) }

// Time is the lower median of samples; 0 if there is none.
func Time(samples []Sample) float64 {
	if len(samples) == 0 {
		return 0
	}
	return Fastest(samples, len(samples))[(len(samples)-1)/2].Nanoseconds
}

// Spread is by how much the slowest sample is slower than the fastest, as a share.
func (r *Results) Spread(p Point) float64 {
	samples := r.samples[p]
	if len(samples) == 0 {
		return 0
	}
	sorted := Fastest(samples, len(samples))
	return sorted[len(sorted)-1].Nanoseconds/sorted[0].Nanoseconds - 1
}

// Agreement is what two figures of a point may differ by, as a share, to count as
// the same, and the samples of a settled point among themselves.
const Agreement = 0.05

// Settled reports whether the samples of a point agree.
func (r *Results) Settled(p Point) bool { return r.Spread(p) <= Agreement }

// Fastest are the fastest samples, at most n, from the fastest.
func Fastest(samples []Sample, n int) []Sample {
	sorted := slices.SortedFunc(slices.Values(samples), func(a, b Sample) int { return cmp.Compare(a.Nanoseconds, b.Nanoseconds) })
	return sorted[:min(n, len(sorted))]
}

// Difference is a point that was measured twice.
type Difference struct {
	Point
	Old, New float64 // in nanoseconds
	Settled  bool    // both times
}

// Differences are those of the points that both results have, the greatest first.
func Differences(old, new *Results) []Difference {
	var all []Difference
	for _, p := range new.Points() {
		if before := old.Time(p); before > 0 {
			all = append(all, Difference{p, before, new.Time(p), old.Settled(p) && new.Settled(p)})
		}
	}
	slices.SortStableFunc(all, func(a, b Difference) int { return cmp.Compare(b.ratio(), a.ratio()) })
	return all
}

// Same reports whether the two times agree.
func (d Difference) Same() bool { return d.ratio() <= 1+Agreement }

// ratio is that of the slower to the faster time.
func (d Difference) ratio() float64 { return max(d.New/d.Old, d.Old/d.New) }
