//go:build goexperiment.simd && amd64 && go1.27

package main

import "simd/archsimd"

// What Go 1.27 and later calls a load and a store of one vector.

func load32(p *[8]float32) archsimd.Float32x8     { return archsimd.LoadFloat32x8Array(p) }
func store32(v archsimd.Float32x8, p *[8]float32) { v.StoreArray(p) }

func load64(p *[4]float64) archsimd.Float64x4     { return archsimd.LoadFloat64x4Array(p) }
func store64(v archsimd.Float64x4, p *[4]float64) { v.StoreArray(p) }
