//go:build amd64.v4 && !purego && !msan && !asan

package relu

// GOAMD64=v4 says what the CPU has: nothing is detected, and the compiler folds
// the choice away.

func detect() []kernel { return []kernel{avx512} }

// streamBytes is where dst and src do not fit the last cache of most CPUs, whose
// size is not asked.
var streamBytes uintptr = 16 << 20

// nonTemporal tells whether stores to so many bytes are non-temporal.
func nonTemporal(bytes uintptr) bool { return bytes >= streamBytes }
