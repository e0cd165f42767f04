//go:build !purego && !msan && !asan

package roofline

var copies = map[string]func(dst, src *byte, n int){
	"sse2": copySSE2, "avx2": copyAVX2, "avx512": copyAVX512,
}

var copiesOf2 = map[string]func(dst, a, b *byte, n int){
	"sse2": copyOf2SSE2, "avx2": copyOf2AVX2, "avx512": copyOf2AVX512,
}
