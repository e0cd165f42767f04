package relu

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// stride thins out a sweep in -short mode and under instrumentation.
func stride(full, short int) int {
	if testing.Short() || raceEnabled {
		return short
	}
	return full
}

// SkipWhereChecksAllocate skips a test of allocations in a build whose checks
// make some: the race detector's, and -d=checkptr=2, under which every conversion
// of a pointer lets it escape.
func SkipWhereChecksAllocate(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	if strings.Contains(buildSetting("-gcflags"), "checkptr") {
		t.Skip("under checkptr, pointers escape")
	}
}

// buildSetting is the value of a flag that the test was built with.
func buildSetting(flag string) string {
	info, _ := debug.ReadBuildInfo()
	for _, setting := range info.Settings {
		if setting.Key == flag {
			return setting.Value
		}
	}
	return ""
}

// eachTrial runs a test on every trial under every kernel. Its subtests are
// named after the row of the table, which may have several trials.
func eachTrial(t *testing.T, test func(t *testing.T, tr trial)) {
	t.Helper()
	eachKernel(t, func(t *testing.T) {
		byRow := map[string][]trial{}
		for _, tr := range trials {
			row := tr.op + tr.elem
			byRow[row] = append(byRow[row], tr)
		}
		for _, row := range slices.Sorted(maps.Keys(byRow)) {
			t.Run(row, func(t *testing.T) {
				for _, tr := range byRow[row] {
					test(t, tr)
				}
			})
		}
	})
}

func TestSpecialValuesAtEveryPosition(t *testing.T) {
	b := newBench()
	eachTrial(t, func(t *testing.T, tr trial) {
		for _, n := range tr.bounds() {
			// Among many lanes of a vector, each value is in one before long. Few
			// elements take all pairs of values.
			step, end := 1, len(tr.specials)
			switch {
			case n > 24 && tr.apart:
				step = 5 // the steps are those of the row without
			case n > 24:
				step = stride(2, 5)
			case n <= 3 && tr.sources > 1:
				end *= len(tr.specials)
			}
			for shift := n % step; shift < end; shift += step {
				b.run(t, tr, n, 0, tr.aliases()[0], tr.special(shift))
			}
		}
	})
}

func TestEveryLengthAndAlignment(t *testing.T) {
	b := newBench()
	eachTrial(t, func(t *testing.T, tr trial) {
		lengths := tr.bounds()
		if stride(1, 0) == 1 {
			lengths = lengths[:0]
			for n := range 601 {
				lengths = append(lengths, n)
			}
		}
		for i, n := range lengths {
			// A long slice takes every fourth alignment, and its neighbours the others.
			each := max(1, maxAligned/tr.size/4)
			if stride(1, 0) == 1 && n <= 100 {
				each = 1
			}
			for offset := i % each; offset < maxAligned/tr.size; offset += each {
				b.run(t, tr, n, offset, tr.aliases()[(n+offset)%len(tr.aliases())], tr.special(n+offset))
			}
		}
	})
}

// TestSeams is for lengths about those at which a call is cut into pieces, and
// for every source at every seam.
func TestSeams(t *testing.T) {
	const most = 3<<17 + 4096
	var mem [4][]byte
	for i := range mem {
		mem[i] = aligned(most)
	}
	want := make([]byte, most)
	eachTrial(t, func(t *testing.T, tr trial) {
		tr.repeated([3][]byte(mem[1:]), want)
		src := []unsafe.Pointer{unsafe.Pointer(&mem[1][0]), unsafe.Pointer(&mem[2][0]), unsafe.Pointer(&mem[3][0])}[:tr.sources]
		for size := 1 << 13; size <= 1<<17; size *= 2 {
			for _, seams := range []int{1, 3} {
				for n := size*seams/tr.size - 1; n <= size*seams/tr.size+1; n++ {
					dst := mem[0]
					if tr.inPlace {
						copy(dst, mem[1])
						src[0] = unsafe.Pointer(&dst[0])
					}
					end := dst[n*tr.size : n*tr.size+len(canary)]
					copy(end, canary)
					tr.run(unsafe.Pointer(&dst[0]), src, n)
					if !bytes.Equal(dst[:n*tr.size], want[:n*tr.size]) {
						i := 0
						for bitsAt(dst, tr.size, i) == bitsAt(want, tr.size, i) {
							i++
						}
						t.Fatalf("kernel %v, %s on %s, length %d, index %d: %#x, want %#x",
							active, tr.call, tr.elem, n, i, bitsAt(dst, tr.size, i), bitsAt(want, tr.size, i))
					}
					if !bytes.Equal(end, canary) {
						t.Fatalf("kernel %v, %s on %s, length %d: wrote %x behind it", active, tr.call, tr.elem, n, end)
					}
				}
			}
		}
	})
}

func TestPairsOfSpecialValues(t *testing.T) {
	b := newBench()
	eachTrial(t, func(t *testing.T, tr trial) {
		count := len(tr.specials)
		for _, alias := range tr.aliases() {
			for third := range count {
				b.run(t, tr, count*count, 0, alias, func(source, i int) uint64 {
					return tr.specials[[]int{i % count, i / count, third}[source]]
				})
				if tr.sources < 3 {
					break
				}
			}
		}
	})
}

func TestRandomBits(t *testing.T) {
	b := newBench()
	r := rand.New(rand.NewPCG(1, 2))
	eachTrial(t, func(t *testing.T, tr trial) {
		mask := uint64(1)<<(8*tr.size-1)<<1 - 1
		for range stride(200, 20) {
			alias := tr.aliases()[r.IntN(len(tr.aliases()))]
			b.run(t, tr, r.IntN(maxTrial-maxAligned), r.IntN(maxAligned/tr.size), alias,
				func(int, int) uint64 { return r.Uint64() & mask })
		}
	})
}
