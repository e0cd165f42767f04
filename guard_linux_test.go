package relu

import (
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// guarded is memory between two pages that cannot be read or written.
func guarded(t *testing.T, size int) []byte {
	t.Helper()
	page := unix.Getpagesize()
	size = (size + page - 1) / page * page
	mem, err := unix.Mmap(-1, 0, size+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal("mmap:", err)
	}
	t.Cleanup(func() { unix.Munmap(mem) })
	for _, guard := range [][]byte{mem[:page], mem[page+size:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Fatal("mprotect:", err)
		}
	}
	return mem[page : page+size]
}

// TestGuardPages lets each slice begin, and then end, right beside a page that
// cannot be touched.
func TestGuardPages(t *testing.T) {
	var mem [4][]byte
	for i := range mem {
		mem[i] = guarded(t, maxTrial*8)
	}
	eachTrial(t, func(t *testing.T, tr trial) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // of this goroutine
		for _, n := range tr.bounds() {
			for _, atEnd := range []bool{false, true} {
				place := func(i int) unsafe.Pointer {
					if atEnd {
						return unsafe.Add(unsafe.Pointer(&mem[i][0]), len(mem[i])-n*tr.size)
					}
					return unsafe.Pointer(&mem[i][0])
				}
				src := []unsafe.Pointer{place(1), place(2), place(3)}[:tr.sources]
				dst := place(0)
				if tr.inPlace {
					dst = src[0]
				}
				func() {
					defer func() {
						if fault := recover(); fault != nil {
							t.Fatalf("kernel %v, %s on %s, length %d, at the end of a page %v: %v", active, tr.call, tr.elem, n, atEnd, fault)
						}
					}()
					tr.run(dst, src, n)
				}()
			}
		}
	})
}
