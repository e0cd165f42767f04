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
		preluShape(t, r, slopes, inner, n, math.Float32bits)
		preluShape(t, r, widened(slopes), inner, n, math.Float64bits)
	})
}

func preluShape[T Float, B comparable](t *testing.T, r *rand.Rand, slopes []T, inner, n int, bits func(T) B) {
	t.Helper()
	src := normal[T](r, n)
	dst := make([]T, n)
	PReLU(dst, src, slopes, inner)
	op := rowOps[T]()["prelu"]
	for i, v := range src {
		if want := op.want(v, slopes[i/inner%len(slopes)]); bits(dst[i]) != bits(want) {
			t.Fatalf("kernel %v, %T, index %d: %v gave %v, want %v", active, v, i, v, dst[i], want)
		}
	}
}

func widened(x []float32) []float64 {
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	return wide
}

func TestPReLUGradShapes(t *testing.T) {
	eachShape(t, func(t *testing.T, r *rand.Rand, slopes []float32, inner, n int) {
		preluGradShape(t, r, slopes, inner, n, math.Float32bits)
		preluGradShape(t, r, widened(slopes), inner, n, math.Float64bits)
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

// rowOps are the operations that have kernels by rows, by what one element of
// src and one of the row give.
func rowOps[T Float]() map[string]struct {
	call func(dst, src, row []T)
	want func(v, w T) T
} {
	return map[string]struct {
		call func(dst, src, row []T)
		want func(v, w T) T
	}{
		"add": {Bias[T], func(v, w T) T {
			sum := v + w
			if sum <= 0 {
				return 0
			}
			return sum
		}},
		"prelu": {func(dst, src, row []T) { PReLU(dst, src, row, 1) }, func(v, w T) T {
			if v <= 0 {
				return w * v
			}
			return v
		}},
	}
}

// TestRows has rows of every length, so that each has every rest of vectors, and
// the lengths at which rows are put together and cut.
func TestRows(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		rows[float32](t, "Float32", math.Float32bits)
		rows[float64](t, "Float64", math.Float64bits)
	})
}

func rows[T Float, B comparable](t *testing.T, elem string, bits func(T) B) {
	r := rand.New(rand.NewPCG(3, 4))
	src, row := normal[T](r, 50_000), normal[T](r, 10_000)
	for i := 0; i < len(src); i += 97 {
		src[i] = T(math.Inf(1 - 2*(i%2)))
	}
	for i := 0; i < len(row); i += 89 {
		row[i] = T(math.NaN())
		if i%2 == 0 {
			row[i] = T(math.Float64frombits(0xFFF8 << 48)) // the least of those that are quiet, as integers
		}
	}
	work := make([]T, len(src))
	for name, op := range rowOps[T]() {
		t.Run(name+"Rows"+elem, func(t *testing.T) {
			test := func(length, n int) {
				for _, alias := range []bool{false, true} {
					dst := work[:n+1]
					from := src[:n]
					if alias {
						from = dst[:n]
						copy(from, src)
					}
					dst[n] = -1
					op.call(dst[:n], from, row[:length])
					for i, j := 0, 0; i < n; i, j = i+1, j+1 {
						if j == length {
							j = 0
						}
						want := op.want(src[i], row[j])
						if bits(dst[i]) != bits(want) && (want == want || dst[i] == dst[i]) {
							t.Fatalf("kernel %v, in place %v, rows of %d, length %d, index %d: %v and %v gave %v, want %v", active, alias, length, n, i, src[i], row[j], dst[i], want)
						}
					}
					if dst[n] != -1 {
						t.Fatalf("kernel %v, rows of %d, length %d: wrote %v behind dst", active, length, n, dst[n])
					}
				}
			}
			for length := 1; length <= 700; length++ {
				test(length, 3*length)
				if name == "prelu" { // whose last row may be short
					test(length, 2*length+length/2)
				}
			}
			for _, length := range []int{1, 2, 3, 7, 31, 32, 33, 64, 100, 127, 128, 129, 255, 256, 257, 511, 512, 513, 2000, 4095, 4096, 4097, 8191, 8192, 8193} {
				for _, rows := range []int{0, 1, 2, 9, 10, 11, 50} {
					if length*rows < len(src) {
						test(length, length*rows)
					}
				}
			}
		})
	}
}
