//go:build !purego && !msan && !asan

package relu

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"
)

// The streaming kernels run the trials of those that are not, from the least
// length that they take.
func init() {
	streams := map[string]string{"To": "streamRelu", "Add": "streamAdd", "Bias": "streamAdd"}
	for _, tr := range trials {
		op := streams[tr.call]
		if op == "" || !strings.HasPrefix(tr.elem, "Float") {
			continue
		}
		run := tr.run
		tr.op, tr.call, tr.least = op, tr.call+", past the caches", 256
		tr.run = func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
			defer func(least uintptr) { pastBytes = least }(pastBytes)
			pastBytes = 256 * uintptr(tr.size)
			run(dst, src, n)
		}
		trials = append(trials, tr)
	}
}

// TestStreamOfPieces is for lengths that are cut into pieces.
func TestStreamOfPieces(t *testing.T) {
	defer func(least uintptr) { pastBytes = least }(pastBytes)
	pastBytes = 0
	eachKernel(t, func(t *testing.T) {
		for _, n := range []int{16384, 16385, 16384 + 255, 16384 + 256, 100_003} {
			src := random[float32](n + 1)[1:]
			dst := make([]float32, n)
			To(dst, src)
			for i, v := range src {
				if want := max(0, v); dst[i] != want {
					t.Fatalf("kernel %v, To, length %d, index %d: %v gave %v, want %v", active, n, i, v, dst[i], want)
				}
			}
			Add(dst, src, src)
			for i, v := range src {
				if want := max(0, v+v); dst[i] != want {
					t.Fatalf("kernel %v, Add, length %d, index %d: %v gave %v, want %v", active, n, i, v, dst[i], want)
				}
			}
			const row = 300 // 256 of it by one kernel, the rest by the other
			whole := n / row * row
			Bias(dst[:whole], src[:whole], src[:row])
			for i, v := range src[:whole] {
				if want := max(0, v+src[i%row]); dst[i] != want {
					t.Fatalf("kernel %v, Bias, length %d, index %d: %v gave %v, want %v", active, n, i, v, dst[i], want)
				}
			}
		}
	})
}

func TestNothingAllocatesPastTheCaches(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	defer func(least uintptr) { pastBytes = least }(pastBytes)
	pastBytes = 0
	dst, a, b := make([]float64, 10_000), make([]float64, 10_000), make([]float64, 10_000)
	for name, call := range map[string]func(){
		"To":              func() { To(dst, a) },
		"Add":             func() { Add(dst, a, b) },
		"Bias":            func() { Bias(dst, a, b) },
		"Bias, short row": func() { Bias(dst, a, b[:100]) },
	} {
		if n := testing.AllocsPerRun(10, call); n != 0 {
			t.Errorf("kernel %v: %s makes %v allocations", active, name, n)
		}
	}
}

// BenchmarkStream takes turns with the kernel that stores through the caches:
// "cached" is how many times as fast stream is, by the medians.
func BenchmarkStream(b *testing.B) {
	for mib := 1; mib <= 512; mib *= 2 {
		b.Run(fmt.Sprintf("type=float32/kernel=%s/MiB=%d", Kernel(), mib), func(b *testing.B) {
			src := random[float32](mib << 18)
			dst := make([]float32, len(src))
			median := takeTurns(b, 0, mib<<20,
				func() { streamReluFloat32(&dst[0], &src[0], len(src)) },
				func() { reluFloat32(&dst[0], &src[0], len(src)) })
			b.ReportMetric(median[1]/median[0], "cached")
		})
	}
}
