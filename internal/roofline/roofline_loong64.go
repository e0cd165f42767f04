//go:build !purego && !msan && !asan

package roofline

func copyBy(kernel string, dst, src *byte, n int) bool {
	switch kernel {
	case "lsx":
		copyLSX(dst, src, n)
	case "lasx":
		copyLASX(dst, src, n)
	default:
		return false
	}
	return true
}

func copyOf2By(kernel string, dst, a, b *byte, n int) bool {
	switch kernel {
	case "lsx":
		copyOf2LSX(dst, a, b, n)
	case "lasx":
		copyOf2LASX(dst, a, b, n)
	default:
		return false
	}
	return true
}

// readBy reads by LSX for LASX too, as masks do.
func readBy(kernel string, src *byte, words int) bool {
	switch kernel {
	case "lsx", "lasx":
		readLSX(src, words)
	default:
		return false
	}
	return true
}
