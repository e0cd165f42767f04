package relu

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
)

var (
	partFlag    = flag.String("part", "1/1", "which part of all values TestAllFloat32 goes through: 2/8 is the second of eight")
	float64Flag = flag.Int("float64", 20, "TestFloat64Patterns goes through 2 to the power of this many")
)

// TestAllFloat32 puts each of the 2^32 bit patterns through InPlace.
func TestAllFloat32(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("2^32 values take some seconds")
	}
	var part, parts int
	if _, err := fmt.Sscanf(*partFlag, "%d/%d", &part, &parts); err != nil || part < 1 || part > parts {
		t.Fatalf("-part %s is no part", *partFlag)
	}
	eachKernel(t, func(t *testing.T) {
		const chunk = 1 << 14
		begin, end := 1<<32/chunk*(part-1)/parts, 1<<32/chunk*part/parts
		t.Logf("kernel %v: %#x to %#x", active, uint32(begin*chunk), uint32(end*chunk-1))
		forEachPart(end-begin, func(i int) {
			x := make([]float32, chunk)
			first := uint32((begin + i) * chunk)
			for i := range x {
				x[i] = math.Float32frombits(first + uint32(i))
			}
			InPlace(x)
			for i, v := range x {
				in, got := first+uint32(i), math.Float32bits(v)
				want := in
				// The sign is set, and it is no NaN.
				if in >= 1<<31 && in <= 0xFF800000 {
					want = 0
				}
				if got != want {
					t.Errorf("kernel %v: InPlace made %#08x of %#08x, want %#08x", active, got, in, want)
					return
				}
			}
		})
	})
}

// forEachPart calls f for each part below n, on all cores.
func forEachPart(n int, f func(part int)) {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for part := w; part < n; part += workers {
				f(part)
			}
		})
	}
	wg.Wait()
}

// TestFloat64Structure goes through every exponent and sign, with mantissas
// that set each bit alone, all below it, and all above it.
func TestFloat64Structure(t *testing.T) {
	mantissas := []uint64{0}
	for bit := range 52 {
		mantissas = append(mantissas, 1<<bit, 1<<bit-1, (1<<52-1)&^(1<<bit-1), 1<<bit|1)
	}
	eachKernel(t, func(t *testing.T) {
		x := make([]float64, len(mantissas))
		for top := range uint64(1 << 12) {
			for i, m := range mantissas {
				x[i] = math.Float64frombits(top<<52 | m)
			}
			InPlace(x)
			for i, v := range x {
				in, got := top<<52|mantissas[i], math.Float64bits(v)
				want := in
				if in >= 1<<63 && in <= 0xFFF<<52 {
					want = 0
				}
				if got != want {
					t.Fatalf("kernel %v: InPlace made %#016x of %#016x, want %#016x", active, got, in, want)
				}
			}
		}
	})
}

// TestFloat64Patterns puts random numbers through InPlace, and random ones about what
// has a meaning: whole runs of set bits, exponents at the ends, and neighbours of zero
// and infinity of either sign.
func TestFloat64Patterns(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		const chunk = 1 << 14
		forEachPart(max(1, 1<<*float64Flag/chunk), func(part int) {
			r := rand.New(rand.NewPCG(uint64(part), 0))
			in, x := make([]uint64, chunk), make([]float64, chunk)
			for i := range in {
				v := r.Uint64()
				sign, low := v&(1<<63), v>>12
				switch i % 4 {
				case 1:
					v = v&(0xFFF<<52) | (1<<(low%53)-1)&^(1<<(low>>8%53)-1)
				case 2:
					v = sign | []uint64{0, 1, 0x7FE, 0x7FF}[low%4]<<52 | r.Uint64()>>12
				case 3:
					v = sign | []uint64{0, 0x7FF << 52}[low%2] + low>>1%512 - 256
				}
				in[i], x[i] = v, math.Float64frombits(v)
			}
			InPlace(x)
			for i, v := range x {
				want := in[i]
				if want >= 1<<63 && want <= 0xFFF<<52 {
					want = 0
				}
				if got := math.Float64bits(v); got != want {
					t.Errorf("kernel %v: InPlace made %#016x of %#016x, want %#016x", active, got, in[i], want)
					return
				}
			}
		})
	})
}

// TestAllSmall puts every value of 8 and 16 bits through InPlace, at every
// position in a vector.
func TestAllSmall(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for shift := range 32 {
			int8s, int16s := make([]int8, 1<<8), make([]int16, 1<<16)
			half, brain := make([]uint16, 1<<16), make([]uint16, 1<<16)
			for i := range int16s {
				int8s[i%len(int8s)] = int8(i + shift)
				int16s[i], half[i], brain[i] = int16(i+shift), uint16(i+shift), uint16(i+shift)
			}
			InPlace(int8s)
			InPlace(int16s)
			InPlaceFloat16(half)
			InPlaceBFloat16(brain)
			for i, v := range int8s {
				if want := max(0, int8(i+shift)); v != want {
					t.Fatalf("kernel %v: InPlace made %d of int8 %d, want %d", active, v, int8(i+shift), want)
				}
			}
			for i, v := range int16s {
				if want := max(0, int16(i+shift)); v != want {
					t.Fatalf("kernel %v: InPlace made %d of int16 %d, want %d", active, v, int16(i+shift), want)
				}
			}
			for i := range half {
				in := uint16(i + shift)
				want16, wantB := in, in
				if in >= 0x8000 && in <= 0xFC00 {
					want16 = 0
				}
				if in >= 0x8000 && in <= 0xFF80 {
					wantB = 0
				}
				if half[i] != want16 || brain[i] != wantB {
					t.Fatalf("kernel %v: of %#04x InPlaceFloat16 made %#04x, want %#04x; InPlaceBFloat16 %#04x, want %#04x",
						active, in, half[i], want16, brain[i], wantB)
				}
			}
		}
	})
}
