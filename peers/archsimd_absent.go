//go:build !goexperiment.simd || !amd64

package main

// Without GOEXPERIMENT=simd, and on other architectures, the standard library
// has no package archsimd.
var (
	archsimd32 []peer[float32]
	archsimd64 []peer[float64]
)

var archsimdMissing = []string{"simd/archsimd, which takes GOEXPERIMENT=simd and amd64"}
