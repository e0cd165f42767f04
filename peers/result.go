package main

import (
	"cmp"
	"slices"
)

// tolerated is how many times a rival's time relu may take before it loses.
const tolerated = 1.05

// parallel is relu.Parallel, which is no rival of relu, but of torch-2.
const parallel = "parallel"

// A result is how long all took at one length. relu is the first, and parallel
// the second if it is there.
type result struct {
	op, elem string
	n, bytes int // of a call
	times    []timing
	lost     float64 // how many times a rival's time relu took before this was repeated, else 0
}

// A timing is how many nanoseconds a call took in each round.
type timing struct {
	peer   string
	python bool
	ns     []float64
}

func (r result) short() bool { return r.n <= mostShort }

// repeatedRounds is how many times the rounds a length gets once relu has lost there.
const repeatedRounds = 4

// worst is how many times as long as the best rival relu takes.
func (r result) worst() (ratio float64) {
	for _, t := range r.losses() {
		ratio = max(ratio, r.ratio(t))
	}
	return ratio
}

// rounds is how many a length gets when the short ones get that many: an eighth
// for a long one, and fewer above 1 MiB, but 15 at least.
func (r result) rounds(short int) int {
	if r.short() {
		return short
	}
	return min(short, max(15, short/8<<20/max(1<<20, r.bytes)))
}

// gigabytes is the speed in GB/s of slice.
func (r result) gigabytes(t timing) float64 { return float64(r.bytes) / median(t.ns) }

// ours is the timing that a rival is held against.
func (r result) ours(rival timing) timing {
	if rival.peer == "torch-2" && r.times[1].peer == parallel {
		return r.times[1]
	}
	return r.times[0]
}

// ratio is how many times as long as a rival relu took.
func (r result) ratio(rival timing) float64 { return median(r.ours(rival).ns) / median(rival.ns) }

// best is the fastest rival among those in Go.
func (r result) best() timing {
	rivals := slices.DeleteFunc(slices.Clone(r.times[1:]), func(t timing) bool { return t.python || t.peer == parallel })
	return slices.MinFunc(rivals, func(a, b timing) int { return cmp.Compare(median(a.ns), median(b.ns)) })
}

// losses are the rivals that relu loses to.
func (r result) losses() []timing {
	return slices.DeleteFunc(slices.Clone(r.times[1:]), func(t timing) bool { return t.peer == parallel || r.ratio(t) <= tolerated })
}
