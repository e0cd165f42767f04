//go:build !purego && !msan && !asan

package relu

import "golang.org/x/sys/cpu"

// detect finds the vector facility of z14 and later. That of z13 has no
// arithmetic of float32, and runs the kernel in Go.
func detect() []kernel {
	if !cpu.S390X.HasVX || !cpu.S390X.HasVXE {
		return []kernel{generic}
	}
	return []kernel{vx, generic}
}

// nonTemporal tells whether stores to so many bytes are non-temporal: none are.
func nonTemporal(uintptr) bool { return false }
