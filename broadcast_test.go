package relu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The shapes that broadcast.go tells apart, and those at its edges.
var shapes = []struct{ slopes, inner, n int }{
	{1, 1, 0}, {1, 1, 1}, {1, 1, 15}, {1, 1, 16}, {1, 1, 1000}, {1, 7, 5000},
	{2, 1, 1}, {3, 1, 100}, {16, 1, 160}, {31, 1, 31 * 30}, {32, 1, 32*40 + 5}, {33, 1, 33*20 + 32}, {4096, 1, 4096*5 + 1}, {4097, 1, 9000}, {17, 1, 17 * 40}, {100, 1, 100*30 + 37},
	{511, 1, 511 * 9}, {512, 1, 512 * 20}, {513, 1, 513 * 18}, {700, 1, 700*20 + 13}, {1100, 1, 3000}, {1100, 1, 500},
	{3, 2, 100}, {5, 9, 5 * 9 * 7}, {64, 4, 64 * 4 * 3}, {65, 4, 65*4*3 + 2}, {3, 49, 3 * 49 * 8},
	{4, 3000, 4 * 3000 * 2}, {4, 3000, 7000}, {3, math.MaxInt, 50}, {7, 16, 7 * 16 * 5}, {2, 33, 2*33*5 + 20},
}

func eachShape(t *testing.T, test func(t *testing.T, r *rand.Rand, slopes []float32, inner, n int)) {
	eachKernel(t, func(t *testing.T) {
		for _, s := range shapes {
			t.Run(fmt.Sprintf("slopes=%d/inner=%d/n=%d", s.slopes, s.inner, s.n), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(s.n), uint64(s.inner)))
				test(t, r, normal[float32](r, s.slopes), s.inner, s.n)
			})
		}
	})
}

// normal is n random numbers, some of them zero, some NaN.
func normal[T Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		switch r.IntN(40) {
		case 0:
			x[i] = 0
		case 1:
			x[i] = T(math.Copysign(0, -1))
		default:
			x[i] = T(r.NormFloat64())
		}
	}
	return x
}

func TestPReLUShapes(t *testing.T) {
	eachShape(t, func(t *testing.T, r *rand.Rand, slopes []float32, inner, n int) {
		src := normal[float32](r, n)
		dst := make([]float32, n)
		PReLU(dst, src, slopes, inner)
		for i, v := range src {
			want := v
			if v <= 0 {
				want = slopes[i/inner%len(slopes)] * v
			}
			if math.Float32bits(dst[i]) != math.Float32bits(want) {
				t.Fatalf("kernel %v, index %d: %v gave %v, want %v", active, i, v, dst[i], want)
			}
		}
	})
}

func TestPReLUGradShapes(t *testing.T) {
	eachShape(t, func(t *testing.T, r *rand.Rand, slopes []float32, inner, n int) {
		preluGradShape(t, r, slopes, inner, n, math.Float32bits)
		wide := make([]float64, len(slopes))
		for c, s := range slopes {
			wide[c] = float64(s)
		}
		preluGradShape(t, r, wide, inner, n, math.Float64bits)
	})
}

// preluGradShape follows the definition in PReLUGrad's comment, an element at a
// time, with dst apart from its sources and in the place of each.
func preluGradShape[T Float, B comparable](t *testing.T, r *rand.Rand, slopes []T, inner, n int, bits func(T) B) {
	t.Helper()
	grad, x := normal[T](r, n), normal[T](r, n)
	if n > 2 {
		x[n/2] = T(math.NaN())
	}
	want := make([]T, n)
	sums := make([][16]float64, len(slopes))
	for i, v := range x {
		c, p := i/inner%len(slopes), i%inner
		if len(slopes) == 1 {
			p = i
		}
		want[i] = grad[i]
		if v <= 0 {
			want[i] = slopes[c] * grad[i]
			sums[c][p%16] += float64(T(grad[i] * v))
		}
	}
	for _, alias := range []string{"nothing", "grad", "x"} {
		g, v := append([]T(nil), grad...), append([]T(nil), x...)
		dst, dslopes := make([]T, n), make([]T, len(slopes))
		switch alias {
		case "grad":
			dst = g
		case "x":
			dst = v
		}
		PReLUGrad(dst, dslopes, g, v, slopes, inner)
		for i := range want {
			if bits(dst[i]) != bits(want[i]) {
				t.Fatalf("kernel %v, dst over %s, index %d: x %v and grad %v gave %v, want %v", active, alias, i, x[i], grad[i], dst[i], want[i])
			}
		}
		for c, s := range sums {
			for _, half := range []int{8, 4, 2, 1} {
				for k := range half {
					s[k] += s[k+half]
				}
			}
			if bits(dslopes[c]) != bits(T(s[0])) {
				t.Fatalf("kernel %v, dst over %s: slope %d has gradient %v, want %v", active, alias, c, dslopes[c], T(s[0]))
			}
		}
	}
}

func TestBiasRows(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, row := range []int{1, 2, 3, 7, 31, 32, 33, 64, 100, 127, 128, 129, 255, 256, 257, 511, 512, 513, 2000, 4096, 4097} {
			for _, rows := range []int{0, 1, 2, 3, 9, 10, 50} {
				biasRows(t, row, rows, math.Float32bits)
				biasRows(t, row, rows, math.Float64bits)
			}
		}
	})
}

// biasRows has dst apart from src and in its place, and something behind it
// that must not change.
func biasRows[T Float, B comparable](t *testing.T, row, rows int, bits func(T) B) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(row), uint64(rows)))
	n := row * rows
	src, bias := normal[T](r, n+1), normal[T](r, row)
	src[n] = -1
	for i := range min(n, row) {
		switch i % 11 {
		case 3:
			src[i] = T(math.Inf(1 - 2*(i%2)))
		case 5:
			bias[i] = T(math.NaN())
		}
	}
	for _, alias := range []bool{false, true} {
		dst := append([]T(nil), src...)
		from := src
		if alias {
			from = dst
		}
		Bias(dst[:n], from[:n], bias)
		for i, v := range src[:n] {
			want := v + bias[i%row]
			if want <= 0 {
				want = 0
			}
			if bits(dst[i]) != bits(want) && (want == want || dst[i] == dst[i]) {
				t.Fatalf("kernel %v, %T, in place %v, rows of %d, index %d: %v+%v gave %v, want %v", active, v, alias, row, i, v, bias[i%row], dst[i], want)
			}
		}
		if dst[n] != -1 {
			t.Fatalf("kernel %v, %d rows of %d: wrote %v behind dst", active, rows, row, dst[n])
		}
	}
}

// TestLongSlices is for lengths that are cut into pieces.
func TestLongSlices(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		x := normal[float32](r, 100_003)
		dst := make([]float32, len(x))
		Leaky(dst, x, 0.1)
		for i, v := range x {
			want := v
			if v <= 0 {
				want = 0.1 * v
			}
			if math.Float32bits(dst[i]) != math.Float32bits(want) {
				t.Fatalf("kernel %v, index %d: %v gave %v, want %v", active, i, v, dst[i], want)
			}
		}
	})
}
