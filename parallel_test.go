package relu

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu/internal/roofline"
)

// TestParallel is for lengths about the edges of shares, at odd addresses.
func TestParallel(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		parallelSlices[float32](t)
		parallelSlices[float64](t)
		parallelSlices[int8](t)
	})
}

func parallelSlices[T Number](t *testing.T) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	size := int(unsafe.Sizeof(T(0)))
	least, share := parallelBytes/size, shareBytes/size
	whole := random[T](least + 3*share)
	for _, offset := range []int{0, 1, 7, 1000} {
		for _, n := range []int{0, 1, least - 1, least, least + 1, least + share - offset, least + share + 1, least + 2*share} {
			x := slices.Clone(whole)
			Parallel(x[offset : offset+n])
			for i, v := range whole {
				want := v
				if i >= offset && i < offset+n {
					want = max(0, v)
				}
				if x[i] != want {
					t.Fatalf("kernel %v, %T, slice [%d:%d], index %d: %v gave %v, want %v", active, v, offset, offset+n, i, v, x[i], want)
				}
			}
		}
	}
}

// TestParallelCalls has several calls under way at once.
func TestParallelCalls(t *testing.T) {
	forEachPart(4, func(part int) {
		x := random[float32](parallelBytes/4 + 1000*part)
		Parallel(x)
		if least := slices.Min(x); least != 0 || math.Signbit(float64(least)) {
			t.Errorf("the least element is %v", least)
		}
	})
}

func TestParallelAllocatesLittle(t *testing.T) {
	SkipWhereChecksAllocate(t)
	allocs := func(n int) float64 {
		x := make([]float32, n)
		return testing.AllocsPerRun(5, func() { Parallel(x) })
	}
	if small := allocs(parallelBytes/4 - 1); small != 0 {
		t.Errorf("%v allocations where InPlace would do", small)
	}
	if short, long := allocs(parallelBytes/4), allocs(parallelBytes); long > short+1 {
		t.Errorf("%v allocations for a slice and %v for one four times as long", short, long)
	}
}

// BenchmarkParallel takes turns with InPlace, and with copies by as many
// goroutines, each of one part: "inplace" is how many times as fast as InPlace
// Parallel is, by the medians, and "limit" its speed as a share of the copies'.
func BenchmarkParallel(b *testing.B) {
	for kib := 1; kib <= 1<<20; kib *= 2 {
		b.Run(fmt.Sprintf("type=float32/kernel=%s/procs=%d/KiB=%d", Kernel(), runtime.GOMAXPROCS(0), kib), func(b *testing.B) {
			x := random[float32](kib << 8)
			copies := func() {
				parts := runtime.GOMAXPROCS(0)
				each := kib << 10 / parts
				forEachPart(parts, func(part int) {
					p := unsafe.Pointer(&x[part*each/4])
					roofline.Copy(Kernel(), p, p, each)
				})
			}
			median := takeTurns(b, 2<<20, kib<<10, func() { Parallel(x) }, func() { InPlace(x) }, copies)
			b.ReportMetric(median[1]/median[0], "inplace")
			if kib<<10 >= parallelBytes {
				b.ReportMetric(median[2]/median[0], "limit")
			}
		})
	}
}
