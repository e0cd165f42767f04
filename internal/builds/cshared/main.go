// Command cshared is a library for programs in C: go build -buildmode=c-shared.
package main

import "C"

import (
	"unsafe"

	"github.com/seed88f7e06c/relu"
)

// relu_inplace is [relu.InPlace] on n floats of C's memory.
//
//export relu_inplace
func relu_inplace(x *C.float, n C.size_t) {
	relu.InPlace(unsafe.Slice((*float32)(x), int(n)))
}

// relu_assembly is 1 unless the kernel is the one in Go.
//
//export relu_assembly
func relu_assembly() C.int {
	if relu.Kernel() == "generic" {
		return 0
	}
	return 1
}

func main() {}
