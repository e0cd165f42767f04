//go:build !amd64.v3 && !purego && !msan && !asan

package relu

import "github.com/klauspost/cpuid/v2"

// detect asks for all features that a kernel's instructions need, by the
// operating system's word too. AVX-512 is left to CPUs where it does not cost
// clock speed, Ice Lake and Zen 4 and what came after: VBMI2 marks both.
func detect() []kernel {
	var found []kernel
	for _, k := range []kernel{avx512, avx2, sse2} {
		if k == avx512 && !cpuid.CPU.Has(cpuid.AVX512VBMI2) {
			continue
		}
		if cpuid.CPU.Supports(needs[k]...) {
			found = append(found, k)
		}
	}
	return append(found, generic)
}

// pastBytes is where To goes past the caches: beyond the last of them.
var pastBytes = uintptr(max(cpuid.CPU.Cache.L3, 32<<20))

func selected() kernel { return active }
