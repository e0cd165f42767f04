//go:build amd64.v3 && !amd64.v4 && !purego && !msan && !asan

package relu

// GOAMD64=v3 says what the CPU has: nothing is detected, and the compiler folds
// the choice away.

func detect() []kernel { return []kernel{avx2} }

func selected() kernel { return avx2 }

// pastBytes is where dst and src do not fit the last cache of most CPUs: its
// size is not asked.
var pastBytes uintptr = 16 << 20
