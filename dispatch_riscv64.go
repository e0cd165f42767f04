//go:build !purego && !msan && !asan

package relu

import "golang.org/x/sys/cpu"

// detect finds version 1.0 of the vector extension, with vectors of 128 bits or
// more.
func detect() []kernel {
	if !cpu.RISCV64.HasV {
		return []kernel{generic}
	}
	return []kernel{rvv, generic}
}

// nonTemporal tells whether stores to so many bytes are non-temporal: none are.
func nonTemporal(uintptr) bool { return false }
