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

// streamBytes is a length that no slice has: no store is non-temporal.
const streamBytes = ^uintptr(0)
