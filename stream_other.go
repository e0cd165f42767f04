//go:build !amd64 || purego || msan || asan

package relu

const pastBytes = ^uintptr(0)

func toPast[T Number](dst, src []T) bool { return false }

func addBiasPast[T Float](dst, src, bias []T) { addBias(dst, src, bias) }

func addPast[T Float](dst, a, b []T) { runAdd(dst, a, b) }
