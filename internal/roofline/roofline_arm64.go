//go:build !purego && !msan && !asan

package roofline

func copyBy(kernel string, dst, src *byte, n int) bool {
	switch kernel {
	case "neon":
		copyNEON(dst, src, n)
	default:
		return false
	}
	return true
}

func copyOf2By(kernel string, dst, a, b *byte, n int) bool {
	switch kernel {
	case "neon":
		copyOf2NEON(dst, a, b, n)
	default:
		return false
	}
	return true
}

func readBy(kernel string, src *byte, words int) bool {
	switch kernel {
	case "neon":
		readNEON(src, words)
	default:
		return false
	}
	return true
}
