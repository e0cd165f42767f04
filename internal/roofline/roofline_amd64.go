//go:build !purego && !msan && !asan

package roofline

func copyBy(kernel string, dst, src *byte, n int) bool {
	switch kernel {
	case "sse2":
		copySSE2(dst, src, n)
	case "avx2":
		copyAVX2(dst, src, n)
	case "avx512":
		copyAVX512(dst, src, n)
	default:
		return false
	}
	return true
}

func copyOf2By(kernel string, dst, a, b *byte, n int) bool {
	switch kernel {
	case "sse2":
		copyOf2SSE2(dst, a, b, n)
	case "avx2":
		copyOf2AVX2(dst, a, b, n)
	case "avx512":
		copyOf2AVX512(dst, a, b, n)
	default:
		return false
	}
	return true
}

func readBy(kernel string, src *byte, words int) bool {
	switch kernel {
	case "sse2":
		readSSE2(src, words)
	case "avx2":
		readAVX2(src, words)
	case "avx512":
		readAVX512(src, words)
	default:
		return false
	}
	return true
}
