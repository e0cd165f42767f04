// Package benchfile writes and reads what relu bench measured, in the Go
// benchmark format.
package benchfile

import (
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
	Kernel   string // the one that relu chooses
	Version  string // of relu
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

// Median is the median time of one call in nanoseconds, the lower one of two,
// so that it is a figure of the file; 0 if the point was not measured.
func (r *Results) Median(p Point) float64 {
	var times []float64
	for _, s := range r.samples[p] {
		times = append(times, s.Nanoseconds)
	}
	if times == nil {
		return 0
	}
	slices.Sort(times)
	return times[(len(times)-1)/2]
}

// named is a number by the name of an operation or a type.
type named struct {
	name   string
	number int
}

// ops are the operations, and the slices of N elements that each reads or
// writes: one in place.
var ops = []named{{"InPlace", 1}, {"To", 2}, {"Leaky", 2}, {"Clip", 2}, {"Grad", 3}, {"Add", 3}, {"Bias", 2}}

// types are the types, and the bytes of an element.
var types = []named{
	{"float32", 4}, {"float64", 8}, {"float16", 2}, {"bfloat16", 2},
	{"int8", 1}, {"int16", 2}, {"int32", 4}, {"int64", 8},
}

// Ops are the names of the operations.
func Ops() []string { return names(ops) }

// Types are the names of the types.
func Types() []string { return names(types) }

// Arrays is the number of slices of N elements that an operation reads or
// writes, which is what has to find room in a cache; 0 if there is no such
// operation.
func Arrays(op string) int { return number(ops, op) }

// Size is the bytes of an element of a type, 0 if there is no such type.
func Size(typ string) int { return number(types, typ) }

func names(all []named) []string {
	var names []string
	for _, x := range all {
		names = append(names, x.name)
	}
	return names
}

func number(all []named, name string) int {
	for _, x := range all {
		if x.name == name {
			return x.number
		}
	}
	return 0
}
