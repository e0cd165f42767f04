//go:build !purego && !msan && !asan

package relu

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// setStreamBytes sets from which length stores are non-temporal, and returns what
// it was.
func setStreamBytes(n uintptr) uintptr {
	was := streamBytes
	streamBytes = n
	return was
}

// TestSeamsOfStreams has non-temporal stores on every slice of more than a piece.
func TestSeamsOfStreams(t *testing.T) {
	defer setStreamBytes(setStreamBytes(0))
	TestSeams(t)
}

// TestRowsOfStreams has them for rows and runs.
func TestRowsOfStreams(t *testing.T) {
	defer setStreamBytes(setStreamBytes(0))
	TestRows(t)
	TestPReLUShapes(t)
}

func TestStreamsAllocateNothing(t *testing.T) {
	SkipWhereChecksAllocate(t)
	defer setStreamBytes(setStreamBytes(0))
	dst, a, b := make([]float64, 10_000), make([]float64, 10_000), make([]float64, 10_000)
	for name, call := range map[string]func(){
		"To":               func() { To(dst, a) },
		"Add":              func() { Add(dst, a, b) },
		"Bias":             func() { Bias(dst, a, b) },
		"Bias, short row":  func() { Bias(dst, a, b[:100]) },
		"PReLU, short row": func() { PReLU(dst, a, b[:100], 1) },
		"PReLU, runs":      func() { PReLU(dst, a, b[:2], 5000) },
	} {
		if n := testing.AllocsPerRun(10, call); n != 0 {
			t.Errorf("kernel %v: %s makes %v allocations", active, name, n)
		}
	}
}

// BenchmarkStream takes turns between the stores: "plain" is how many times as
// fast as with plain stores a call with non-temporal ones is, by the medians.
func BenchmarkStream(b *testing.B) {
	for mib := 1; mib <= 1024; mib *= 2 {
		for _, c := range slices.Concat(floatContests[float32]("float32", mib<<20), integerContests[int8]("int8", mib<<20)) {
			if c.op == "InPlace" || strings.HasPrefix(c.op, "PReLUGrad") {
				continue
			}
			b.Run(fmt.Sprintf("op=%s/type=%s/kernel=%s/MiB=%d", c.op, c.elem, Kernel(), mib), func(b *testing.B) {
				defer setStreamBytes(streamBytes)
				call, _, _ := c.prepare()
				with := func(bytes uintptr) func() {
					return func() {
						streamBytes = bytes
						call()
					}
				}
				median := takeTurns(b, 0, mib<<20, with(0), with(^uintptr(0)))
				b.ReportMetric(median[1]/median[0], "plain")
			})
		}
	}
}
