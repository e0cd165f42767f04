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

// streamBytes is a length that no slice has: no store is non-temporal.
const streamBytes = ^uintptr(0)
