//go:build !purego && !msan && !asan

package relu

import "golang.org/x/sys/cpu"

// detect finds NEON, which Go's arm64 ports require, unless the operating
// system says that it is not there.
func detect() []kernel {
	if !cpu.ARM64.HasASIMD {
		return []kernel{generic}
	}
	return []kernel{neon, generic}
}

// nonTemporal tells whether stores to so many bytes are non-temporal: none are.
func nonTemporal(uintptr) bool { return false }
