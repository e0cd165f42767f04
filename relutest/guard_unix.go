//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package relutest

import (
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu"
	"golang.org/x/sys/unix"
)

// guarded is memory for n elements between two pages that cannot be touched. It
// ends beside the second, and starts beside the first where it fills its pages.
func guarded[T relu.Number](t testing.TB, n int) []T {
	t.Helper()
	page, size := unix.Getpagesize(), n*int(unsafe.Sizeof(T(0)))
	whole := (size + page - 1) / page * page
	mem, err := unix.Mmap(-1, 0, whole+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal("relutest: mmap:", err)
	}
	t.Cleanup(func() { unix.Munmap(mem) })
	for _, guard := range [][]byte{mem[:page], mem[page+whole:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Fatal("relutest: mprotect:", err)
		}
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[page+whole-size])), n)
}
