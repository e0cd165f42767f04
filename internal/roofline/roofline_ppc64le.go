//go:build !purego && !msan && !asan

package roofline

func copyBy(kernel string, dst, src *byte, n int) bool {
	switch kernel {
	case "vsx":
		copyVSX(dst, src, n)
	default:
		return false
	}
	return true
}

func copyOf2By(kernel string, dst, a, b *byte, n int) bool {
	switch kernel {
	case "vsx":
		copyOf2VSX(dst, a, b, n)
	default:
		return false
	}
	return true
}

func readBy(kernel string, src *byte, words int) bool {
	switch kernel {
	case "vsx":
		readVSX(src, words)
	default:
		return false
	}
	return true
}
