// Package roofline holds the limits that the kernels' speed is measured
// against: functions with the loads, stores, vector width and tail of a kernel
// and none of its arithmetic. In place, the copy reads and writes each byte
// where it stands, which no rectifier can avoid.
package roofline

import "unsafe"

// Copy copies n bytes from src to dst, which may be the same address, by the
// instructions of the named kernel. n is at least 8. It reports whether this
// build has such a copy; the caller must know that the CPU can run it, for
// instance from relu.Kernels.
func Copy(kernel string, dst, src unsafe.Pointer, n int) bool {
	return copyBy(kernel, (*byte)(dst), (*byte)(src), n)
}

// CopyOf2 is [Copy] from a, with the same loads from b and no use for them.
func CopyOf2(kernel string, dst, a, b unsafe.Pointer, n int) bool {
	return copyOf2By(kernel, (*byte)(dst), (*byte)(a), (*byte)(b), n)
}

// Read loads n bytes of src, a multiple of 256 and not 0, and adds them up for
// nobody: the limit of what writes next to nothing. It reports what [Copy] does.
func Read(kernel string, src unsafe.Pointer, n int) bool {
	return readBy(kernel, (*byte)(src), n/256)
}
