package relu

import (
	"math"
	"runtime"
	"sync"
	"testing"
)

// TestAllFloat32 puts each of the 2^32 bit patterns through InPlace.
func TestAllFloat32(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("2^32 values take some seconds")
	}
	eachKernel(t, func(t *testing.T) {
		const chunk = 1 << 14
		forEachPart(1<<32/chunk, func(part int) {
			x := make([]float32, chunk)
			first := uint32(part * chunk)
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
