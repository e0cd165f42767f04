package benchfile

import (
	"math"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
)

// Row is a point that stands for a place in memory, held against the plain Go
// loop and against the limit.
type Row struct {
	Point
	Place       string  // "short", "L1", "L2", "L3", "memory", or "longest" where the caches are unknown
	Nanoseconds float64 // of one call
	Throughput  float64 // of one slice, in GB/s
	OfLimit     float64 // a share of the limit's speed, 0 if unknown
	OfLoop      float64 // times the plain loop's speed, 0 if unknown
	Spread      float64 // as Results.Spread
}

// short is the length of slices that fit a few registers.
const short = 64

// Summarize picks, for each operation, type and kernel, one length for short
// slices and one for each place that slices can be in: the longest whose slices
// fill at most half of a cache, and the longest of all if they do not fit the
// caches.
func Summarize(h Host, r *Results) []Row {
	type subject struct{ op, typ string }
	var subjects []subject
	kernels := map[subject][]string{}
	lengths := map[subject][]int{}
	for _, p := range r.Points() {
		s := subject{p.Op, p.Type}
		if _, known := kernels[s]; !known {
			subjects = append(subjects, s)
		}
		if _, limit := Copied(p.Kernel); p.Kernel != Loop && !limit {
			kernels[s] = appendNew(kernels[s], p.Kernel)
		}
		lengths[s] = appendNew(lengths[s], p.N)
	}

	var rows []Row
	for _, s := range subjects {
		for _, place := range places(h, lengths[s], ops.Size(s.typ)*ops.Arrays(s.op)) {
			for _, kernel := range kernels[s] {
				p := Point{s.op, s.typ, kernel, place.n}
				time := r.Time(p)
				if time == 0 {
					continue
				}
				row := Row{Point: p, Place: place.name, Nanoseconds: time, Spread: r.Spread(p)}
				row.Throughput = float64(p.N*ops.Size(p.Type)) / time
				p.Kernel = Copy(kernel)
				row.OfLimit = r.Time(p) / time
				p.Kernel = Loop
				row.OfLoop = r.Time(p) / time
				rows = append(rows, row)
			}
		}
	}
	return rows
}

type place struct {
	name string
	n    int
}

// places are the lengths to show, for calls that go through a number of bytes
// per element.
func places(h Host, lengths []int, elementBytes int) []place {
	longest := func(most int) (n int) {
		for _, l := range lengths {
			if l <= most && l > n {
				n = l
			}
		}
		return n
	}
	var found []place
	last := 0
	add := func(name string, most int) {
		if n := longest(most); n > last {
			found = append(found, place{name, n})
			last = n
		}
	}
	add("short", short)
	beyond := 0
	for _, cache := range []struct {
		name string
		size int
	}{{"L1", h.L1Data}, {"L2", h.L2}, {"L3", h.L3}} {
		add(cache.name, cache.size/2/elementBytes)
		beyond = max(beyond, cache.size)
	}
	if n := longest(math.MaxInt); beyond > 0 && n*elementBytes > beyond {
		add("memory", n)
	} else {
		add("longest", n)
	}
	return found
}

func appendNew[T comparable](list []T, x T) []T {
	for _, y := range list {
		if x == y {
			return list
		}
	}
	return append(list, x)
}
