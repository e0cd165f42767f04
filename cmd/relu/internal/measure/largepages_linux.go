package measure

import (
	"syscall"
	"unsafe"
)

// useLargePages asks for memory that was not touched yet in large pages. In small
// ones, which sets of a cache an array shares with another is a matter of luck,
// and of another luck in every process.
func useLargePages(x []uint64) {
	// If there are none, small ones it is.
	_ = syscall.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 8*len(x)), syscall.MADV_HUGEPAGE)
}
