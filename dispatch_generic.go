//go:build (!amd64 && !arm64 && !loong64 && !ppc64le && !riscv64 && !s390x) || purego || msan || asan

package relu

func detect() []kernel { return []kernel{generic} }

// nonTemporal tells whether stores to so many bytes are non-temporal: none are.
func nonTemporal(uintptr) bool { return false }
