package relu

import (
	"math/rand/v2"
	"testing"
)

// stride thins out a sweep in -short mode and under instrumentation.
func stride(full, short int) int {
	if testing.Short() || raceEnabled {
		return short
	}
	return full
}

func TestSpecialValuesAtEveryPosition(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		b := newBench()
		for _, tr := range trials {
			for n := 0; n <= 150; n += stride(1, 13) {
				for shift := range tr.specials {
					b.run(t, tr, n, 0, tr.aliases()[0], tr.special(shift))
				}
			}
		}
	})
}

func TestEveryLengthAndAlignment(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		b := newBench()
		for _, tr := range trials {
			for n := 0; n <= 600; n += stride(1, 37) {
				for offset := range maxAligned / tr.size {
					b.run(t, tr, n, offset, tr.aliases()[(n+offset)%len(tr.aliases())], tr.special(n+offset))
				}
			}
		}
	})
}

func TestPairsOfSpecialValues(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		b := newBench()
		for _, tr := range trials {
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
		}
	})
}

func TestRandomBits(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		b := newBench()
		r := rand.New(rand.NewPCG(1, 2))
		for _, tr := range trials {
			mask := uint64(1)<<(8*tr.size-1)<<1 - 1
			for range stride(200, 20) {
				alias := tr.aliases()[r.IntN(len(tr.aliases()))]
				b.run(t, tr, r.IntN(maxTrial-maxAligned), r.IntN(maxAligned/tr.size), alias,
					func(int, int) uint64 { return r.Uint64() & mask })
			}
		}
	})
}
