package main

import (
	"github.com/seed88f7e06c/relu"
	"github.com/tphakala/simd/f32"
	"github.com/viterin/vek/vek32"
)

// zeros32 is the other operand that vek's Maximum asks for.
var zeros32 = make([]float32, mostBytes/4)

var peers32 = append([]peer[float32]{
	{"relu", relu.InPlace[float32], relu.To[float32], func(x []float32, n int) {
		for i := 0; i+n <= len(x); i += n {
			relu.InPlace(x[i : i+n])
		}
	}},
	{parallel, relu.Parallel[float32], nil, func(x []float32, n int) {
		for i := 0; i+n <= len(x); i += n {
			relu.Parallel(x[i : i+n])
		}
	}},
	{"loop", loop32, loopTo32, func(x []float32, n int) {
		for i := 0; i+n <= len(x); i += n {
			loop32(x[i : i+n])
		}
	}},
	{"vek-zeros", func(x []float32) {
		vek32.Maximum_Inplace(x, zeros32[:len(x)])
	}, func(dst, src []float32) {
		vek32.Maximum_Into(dst, src, zeros32[:len(src)])
	}, func(x []float32, n int) {
		for i := 0; i+n <= len(x); i += n {
			vek32.Maximum_Inplace(x[i:i+n], zeros32[:n])
		}
	}},
	{"vek", func(x []float32) {
		vek32.MaximumNumber_Inplace(x, 0)
	}, func(dst, src []float32) {
		vek32.MaximumNumber_Into(dst, src, 0)
	}, func(x []float32, n int) {
		for i := 0; i+n <= len(x); i += n {
			vek32.MaximumNumber_Inplace(x[i:i+n], 0)
		}
	}},
	{"tphakala", f32.ReLUInPlace, f32.ReLU, func(x []float32, n int) {
		for i := 0; i+n <= len(x); i += n {
			f32.ReLUInPlace(x[i : i+n])
		}
	}},
}, archsimd32...)

//go:noinline
func loop32(x []float32) {
	for i, v := range x {
		x[i] = max(0, v)
	}
}

//go:noinline
func loopTo32(dst, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = max(0, v)
	}
}
