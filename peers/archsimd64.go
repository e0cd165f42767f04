//go:build goexperiment.simd && amd64

package main

import "simd/archsimd"

var archsimd64 = []peer[float64]{
	{"archsimd", archsimdInPlace64, archsimdTo64, func(x []float64, n int) {
		for i := 0; i+n <= len(x); i += n {
			archsimdInPlace64(x[i : i+n])
		}
	}},
}

func archsimdInPlace64(x []float64) { archsimdTo64(x, x) }

// archsimdTo64 does four vectors an iteration, then one, then single elements.
func archsimdTo64(dst, src []float64) {
	dst = dst[:len(src)]
	var zero archsimd.Float64x4
	for len(src) >= 16 && len(dst) >= 16 {
		d, s := (*[16]float64)(dst), (*[16]float64)(src)
		store64(load64((*[4]float64)(s[0:])).Max(zero), (*[4]float64)(d[0:]))
		store64(load64((*[4]float64)(s[4:])).Max(zero), (*[4]float64)(d[4:]))
		store64(load64((*[4]float64)(s[8:])).Max(zero), (*[4]float64)(d[8:]))
		store64(load64((*[4]float64)(s[12:])).Max(zero), (*[4]float64)(d[12:]))
		dst, src = dst[16:], src[16:]
	}
	for len(src) >= 4 && len(dst) >= 4 {
		store64(load64((*[4]float64)(src)).Max(zero), (*[4]float64)(dst))
		dst, src = dst[4:], src[4:]
	}
	archsimd.ClearAVXUpperBits()
	for i, v := range src {
		dst[i] = max(0, v)
	}
}
