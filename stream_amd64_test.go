//go:build !purego && !msan && !asan

package relu

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"
)

// The kernels of stream run the trials of To, from the least length that they
// take.
func init() {
	for _, tr := range trials {
		if tr.call != "To" || !strings.HasPrefix(tr.elem, "Float") {
			continue
		}
		to := tr.run
		tr.op, tr.call = "stream", "To, past the caches"
		tr.run = func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
			defer func(least uintptr) { pastBytes = least }(pastBytes)
			pastBytes = 256 * uintptr(tr.size)
			to(dst, src, n)
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
					t.Fatalf("kernel %v, length %d, index %d: %v gave %v, want %v", active, n, i, v, dst[i], want)
				}
			}
		}
	})
}

// BenchmarkStream takes turns with the kernel that stores through the caches:
// "cached" is how many times as fast stream is, by the medians.
func BenchmarkStream(b *testing.B) {
	for mib := 1; mib <= 512; mib *= 2 {
		b.Run(fmt.Sprintf("type=float32/kernel=%s/MiB=%d", Kernel(), mib), func(b *testing.B) {
			src := random[float32](mib << 18)
			dst := make([]float32, len(src))
			median := takeTurns(b, 0, mib<<20,
				func() { streamFloat32(&dst[0], &src[0], len(src)) },
				func() { reluFloat32(&dst[0], &src[0], len(src)) })
			b.ReportMetric(median[1]/median[0], "cached")
		})
	}
}
