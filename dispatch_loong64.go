//go:build !purego && !msan && !asan

package relu

import "golang.org/x/sys/cpu"

// detect finds the vector extensions that the CPU has and the operating system
// keeps the registers of.
func detect() []kernel {
	var found []kernel
	if cpu.Loong64.HasLASX {
		found = append(found, lasx)
	}
	if cpu.Loong64.HasLSX {
		found = append(found, lsx)
	}
	return append(found, generic)
}

// streamBytes is a length that no slice has: no store is non-temporal.
const streamBytes = ^uintptr(0)
