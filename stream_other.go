//go:build !amd64 || purego || msan || asan

package relu

func toPast[T Number](dst, src []T) bool { return false }
