package main

import (
	"github.com/seed88f7e06c/relu"
	"github.com/tphakala/simd/f64"
	"github.com/viterin/vek"
)

// zeros64 is the other operand that vek's Maximum asks for.
var zeros64 = make([]float64, mostBytes/8)

var peers64 = append([]peer[float64]{
	{"relu", relu.InPlace[float64], relu.To[float64], func(x []float64, n int) {
		for i := 0; i+n <= len(x); i += n {
			relu.InPlace(x[i : i+n])
		}
	}},
	{parallel, relu.Parallel[float64], nil, func(x []float64, n int) {
		for i := 0; i+n <= len(x); i += n {
			relu.Parallel(x[i : i+n])
		}
	}},
	{"loop", loop64, loopTo64, func(x []float64, n int) {
		for i := 0; i+n <= len(x); i += n {
			loop64(x[i : i+n])
		}
	}},
	{"vek-zeros", func(x []float64) {
		vek.Maximum_Inplace(x, zeros64[:len(x)])
	}, func(dst, src []float64) {
		vek.Maximum_Into(dst, src, zeros64[:len(src)])
	}, func(x []float64, n int) {
		for i := 0; i+n <= len(x); i += n {
			vek.Maximum_Inplace(x[i:i+n], zeros64[:n])
		}
	}},
	{"vek", func(x []float64) {
		vek.MaximumNumber_Inplace(x, 0)
	}, func(dst, src []float64) {
		vek.MaximumNumber_Into(dst, src, 0)
	}, func(x []float64, n int) {
		for i := 0; i+n <= len(x); i += n {
			vek.MaximumNumber_Inplace(x[i:i+n], 0)
		}
	}},
	{"tphakala", f64.ReLUInPlace, f64.ReLU, func(x []float64, n int) {
		for i := 0; i+n <= len(x); i += n {
			f64.ReLUInPlace(x[i : i+n])
		}
	}},
}, archsimd64...)

//go:noinline
func loop64(x []float64) {
	for i, v := range x {
		x[i] = max(0, v)
	}
}

//go:noinline
func loopTo64(dst, src []float64) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = max(0, v)
	}
}
