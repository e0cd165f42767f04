//go:build !purego && !msan && !asan

package relu

// detect asks nothing: the kernels need what POWER8 has, which Go's ppc64le
// port requires.
func detect() []kernel { return []kernel{vsx, generic} }

// nonTemporal tells whether stores to so many bytes are non-temporal: none are.
func nonTemporal(uintptr) bool { return false }
