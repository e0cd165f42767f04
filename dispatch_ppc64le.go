//go:build !purego && !msan && !asan

package relu

// detect asks nothing: the kernels need what POWER8 has, which Go's ppc64le
// port requires.
func detect() []kernel { return []kernel{vsx, generic} }

// streamBytes is a length that no slice has: no store is non-temporal.
const streamBytes = ^uintptr(0)
