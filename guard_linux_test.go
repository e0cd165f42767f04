package relu

import (
	"bytes"
	"runtime"
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

// TestStreamsBetweenGuardPages has the kernels with non-temporal stores, and dst at
// every alignment between canaries, beside a page that cannot be touched before and
// behind them, at lengths from 1 KiB on that have every head and rest of lines.
func TestStreamsBetweenGuardPages(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("no store is non-temporal here")
	}
	const least, most = 1 << 10, 1<<10 + 600 // bytes
	var mem, page [4][]byte
	for i := range mem {
		mem[i], page[i] = aligned(period*8), guarded(t, most+maxAligned)
	}
	type row struct {
		kernel   kernel
		op, elem string
	}
	done := map[row]bool{}
	eachTrial(t, func(t *testing.T, tr trial) {
		r := row{active, tr.op, tr.elem}
		if !tr.apart || done[r] || active == generic {
			return // one trial of a row will do, and pure Go has no such stores
		}
		done[r] = true
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // of this goroutine
		want := mem[0]
		tr.repeated([3][]byte(mem[1:]), want)
		var src []unsafe.Pointer
		for n := least / tr.size; n <= most/tr.size; n += stride(1, 7) {
			src = src[:0]
			for s := range tr.sources { // up to the page behind them
				place := page[s+1][len(page[s+1])-n*tr.size:]
				copy(place, mem[s+1])
				src = append(src, unsafe.Pointer(&place[0]))
			}
			for gap := 0; gap < maxAligned; gap += tr.size {
				for _, atEnd := range []bool{false, true} {
					around := page[0][:n*tr.size+maxAligned] // gap, dst, and the rest of a line
					begin := gap
					if atEnd {
						around, begin = page[0][len(page[0])-len(around):], maxAligned-gap
					}
					for i := range around {
						around[i] = canary[0]
					}
					dst := around[begin : begin+n*tr.size]
					func() {
						defer func() {
							if fault := recover(); fault != nil {
								t.Fatalf("%s, at the end of a page %v: %v", tr.describe(n, dst, -1), atEnd, fault)
							}
						}()
						tr.run(unsafe.Pointer(&dst[0]), src, n)
					}()
					if !bytes.Equal(dst, want[:n*tr.size]) {
						i := 0
						for bitsAt(dst, tr.size, i) == bitsAt(want, tr.size, i) {
							i++
						}
						t.Fatalf("%s, index %d: %#x, want %#x", tr.describe(n, dst, -1), i, bitsAt(dst, tr.size, i), bitsAt(want, tr.size, i))
					}
					for i, b := range around {
						if (i < begin || i >= begin+n*tr.size) && b != canary[0] {
							t.Fatalf("%s: wrote %#x %d bytes from its beginning", tr.describe(n, dst, -1), b, i-begin)
						}
					}
				}
			}
		}
	})
}
