//go:build (!amd64 && !arm64 && !loong64 && !ppc64le && !riscv64 && !s390x) || purego || msan || asan

package relu

func detect() []kernel { return []kernel{generic} }

// streamBytes is a length that no slice has: no store is non-temporal.
const streamBytes = ^uintptr(0)
