package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed88f7e06c/relu"
)

// TestParts holds PReLU and Bias done part by part against the whole.
func TestParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		inner, channels := 1+rng.IntN(9), 1+rng.IntN(9)
		weights := floats(rng, channels)
		x := floats(rng, channels*rng.IntN(40))

		want, got := slices.Clone(x), slices.Clone(x)
		relu.PReLU(want, x, weights, inner)
		inParts(rng, got, func(part []float32, at int64) { byChannels(part, weights, int64(inner), at, relu.PReLU) })
		if !slices.Equal(got, want) {
			t.Fatalf("prelu, %d elements, inner %d, slopes %d:\n%v, want\n%v", len(x), inner, channels, got, want)
		}

		copy(got, x)
		relu.Bias(want, x, weights)
		inParts(rng, got, func(part []float32, at int64) { byRows(part, weights, at, relu.Bias) })
		if !slices.Equal(got, want) {
			t.Fatalf("bias, %d elements of rows of %d:\n%v, want\n%v", len(x), channels, got, want)
		}
	}
}

// floats are n random floats, none of them NaN.
func floats(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// inParts has f do x in parts of random lengths.
func inParts(rng *rand.Rand, x []float32, f func(part []float32, at int64)) {
	for at := 0; at < len(x); {
		n := min(1+rng.IntN(100), len(x)-at)
		f(x[at:at+n], int64(at))
		at += n
	}
}

// TestHugeInner checks that a product of inner and channels beyond 2^64 is no
// trouble.
func TestHugeInner(t *testing.T) {
	x := []float32{-1, -2, 3}
	byChannels(x, []float32{10, 100}, math.MaxInt, math.MaxInt-1, relu.PReLU)
	if want := []float32{-10, -200, 3}; !slices.Equal(x, want) {
		t.Errorf("%v, want %v", x, want)
	}
}

func TestZeros(t *testing.T) {
	part := bytes.Repeat([]byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80}, 3)
	for size, want := range map[int64]int64{1: 42, 2: 18, 4: 6, 8: 3} {
		if got := countZeros(part, size); got != want {
			t.Errorf("%d zeros of %d bytes, want %d", got, size, want)
		}
	}
}
