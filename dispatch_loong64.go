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

// nonTemporal tells whether stores to so many bytes are non-temporal: none are.
func nonTemporal(uintptr) bool { return false }
