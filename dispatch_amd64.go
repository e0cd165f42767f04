//go:build !amd64.v3 && !purego && !msan && !asan

package relu

import "github.com/klauspost/cpuid/v2"

// detect asks for all features that a kernel's instructions need, by the
// operating system's word too. AVX-512 is left to CPUs where it does not cost
// clock speed, Ice Lake and Zen 4 and what came after: VBMI2 marks both.
//
// Zen 4 has AVX-512 but does 512 bits in two halves: one source it reads no
// faster than avx2 does, and two sources more slowly (0.84 times in L1).
func detect() []kernel {
	order := []kernel{avx512, avx2, sse2}
	if cpuid.CPU.IsVendor(cpuid.AMD) && cpuid.CPU.Family == 0x19 {
		order = []kernel{avx2, avx512, sse2}
	}
	var found []kernel
	for _, k := range order {
		if k == avx512 && !cpuid.CPU.Has(cpuid.AVX512VBMI2) {
			continue
		}
		if cpuid.CPU.Supports(needs[k]...) {
			found = append(found, k)
		}
	}
	return append(found, generic)
}

// streamBytes is the length of dst from which stores are non-temporal: the last
// cache does not hold dst and a source.
var streamBytes = uintptr(max(cpuid.CPU.Cache.L3, 32<<20)) / 2

// nonTemporal tells whether stores to so many bytes are non-temporal, which sse2 has none of.
func nonTemporal(bytes uintptr) bool { return bytes >= streamBytes && active != sse2 }
