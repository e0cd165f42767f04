package ops

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/seed88f7e06c/relu/internal/roofline"
)

// limit is a copy with the loads and stores of operations and without their
// arithmetic.
type limit struct {
	arrays int
	shared bool // all rows share one of b
	from   int  // as in Op
	copy   func(kernel string, dst, a, b unsafe.Pointer, n, size int)
}

// LeastCopy is the least number of bytes that the limit's copies take.
const LeastCopy = 8

// HasLimit reports whether there is a limit for a kernel in this build.
func HasLimit(kernel string) bool {
	var x uint64
	return roofline.Copy(kernel, unsafe.Pointer(&x), unsafe.Pointer(&x), 8)
}

func (l limit) calls(kernel string, size int) Calls {
	return func(r Rows) {
		for i := 0; i < r.Count*r.N*size; i += r.N * size {
			b := r.B
			if !l.shared {
				b = unsafe.Add(b, i)
			}
			l.copy(kernel, unsafe.Add(r.Dst, i), unsafe.Add(r.A, i), b, r.N, size)
		}
	}
}

var (
	// copyInPlace copies a slice onto itself.
	copyInPlace = limit{arrays: 1, copy: func(kernel string, dst, _, _ unsafe.Pointer, n, size int) {
		roofline.Copy(kernel, dst, dst, n*size)
	}}
	copyOf1 = limit{arrays: 2, copy: func(kernel string, dst, a, _ unsafe.Pointer, n, size int) {
		roofline.Copy(kernel, dst, a, n*size)
	}}
	copyOf2 = limit{arrays: 3, copy: func(kernel string, dst, a, b unsafe.Pointer, n, size int) {
		roofline.CopyOf2(kernel, dst, a, b, n*size)
	}}
	// readOf1 reads, and writes nothing. Of what is short of 256 bytes it copies a part
	// onto itself.
	readOf1 = limit{arrays: 1, copy: func(kernel string, dst, _, _ unsafe.Pointer, n, size int) {
		if n*size < 256 || !roofline.Read(kernel, dst, n*size/256*256) {
			roofline.Copy(kernel, dst, dst, n*size)
		}
	}}
	// copyOfRows reads the same row of b again and again, as a bias is.
	copyOfRows = limit{arrays: 2, shared: true, copy: func(kernel string, dst, a, b unsafe.Pointer, n, size int) {
		row := min(n, RowLength) * size
		for i := 0; i < n*size; i += row {
			roofline.CopyOf2(kernel, unsafe.Add(dst, i), unsafe.Add(a, i), b, row)
		}
	}}
	// copyInParallel copies a slice onto itself by as many goroutines as Parallel
	// has. They take equal parts.
	copyInParallel = limit{arrays: 1, from: 16 << 20, copy: func(kernel string, dst, _, _ unsafe.Pointer, n, size int) {
		var group sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		for w := range workers {
			group.Go(func() {
				first, last := n*w/workers, n*(w+1)/workers
				part := unsafe.Add(dst, first*size)
				roofline.Copy(kernel, part, part, (last-first)*size)
			})
		}
		group.Wait()
	}}
)
