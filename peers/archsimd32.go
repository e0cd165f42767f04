//go:build goexperiment.simd && amd64

package main

import "simd/archsimd"

// archsimdMissing is what to say where the package is not.
var archsimdMissing []string

var archsimd32 = []peer[float32]{
	{"archsimd", archsimdInPlace32, archsimdTo32, func(x []float32, n int) {
		for i := 0; i+n <= len(x); i += n {
			archsimdInPlace32(x[i : i+n])
		}
	}},
}

func archsimdInPlace32(x []float32) { archsimdTo32(x, x) }

// archsimdTo32 does four vectors an iteration, then one, then single elements.
func archsimdTo32(dst, src []float32) {
	dst = dst[:len(src)]
	var zero archsimd.Float32x8
	for len(src) >= 32 && len(dst) >= 32 {
		d, s := (*[32]float32)(dst), (*[32]float32)(src)
		store32(load32((*[8]float32)(s[0:])).Max(zero), (*[8]float32)(d[0:]))
		store32(load32((*[8]float32)(s[8:])).Max(zero), (*[8]float32)(d[8:]))
		store32(load32((*[8]float32)(s[16:])).Max(zero), (*[8]float32)(d[16:]))
		store32(load32((*[8]float32)(s[24:])).Max(zero), (*[8]float32)(d[24:]))
		dst, src = dst[32:], src[32:]
	}
	for len(src) >= 8 && len(dst) >= 8 {
		store32(load32((*[8]float32)(src)).Max(zero), (*[8]float32)(dst))
		dst, src = dst[8:], src[8:]
	}
	archsimd.ClearAVXUpperBits()
	for i, v := range src {
		dst[i] = max(0, v)
	}
}
