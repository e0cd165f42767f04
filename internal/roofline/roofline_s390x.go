//go:build !purego && !msan && !asan

package roofline

func copyBy(kernel string, dst, src *byte, n int) bool {
	switch kernel {
	case "vx":
		copyVX(dst, src, n)
	default:
		return false
	}
	return true
}

func copyOf2By(kernel string, dst, a, b *byte, n int) bool {
	switch kernel {
	case "vx":
		copyOf2VX(dst, a, b, n)
	default:
		return false
	}
	return true
}

func readBy(kernel string, src *byte, words int) bool {
	switch kernel {
	case "vx":
		readVX(src, words)
	default:
		return false
	}
	return true
}
