//go:build !amd64 || purego || msan || asan

package relu

const pastBytes = ^uintptr(0)

func toPast[T Number](dst, src []T) bool { return false }
