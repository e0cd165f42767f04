//go:build cgo && (asan || msan)

package cmemory

// #include <stdlib.h>
import "C"

import "unsafe"

// Alloc returns memory that nothing has been written to.
func Alloc(size int) unsafe.Pointer { return C.malloc(C.size_t(size)) }

func Free(p unsafe.Pointer) { C.free(p) }
