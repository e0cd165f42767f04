package measure

import (
	"bytes"
	"fmt"
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// slicesFor are slices of n elements with data for a case, as bytes.
func slicesFor(c *benchCase, n int) (dst, a, b []byte) {
	w := newWorker()
	make := func() []byte {
		x := make([]uint64, (n*c.size()+7)/8)
		w.fill(x, c.data)
		return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), n*c.size())
	}
	return make(), make(), make()
}

func (f function) on(dst, a, b []byte, n int) {
	f(unsafe.Pointer(&dst[0]), unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), n)
}

// TestLoops holds every plain loop to what relu gives: it measures the same
// work.
func TestLoops(t *testing.T) {
	for i := range cases {
		c := &cases[i]
		for _, n := range []int{1, 2, 64, 1024, 4096} {
			t.Run(fmt.Sprintf("%s/%s/%d", c.op, c.typ, n), func(t *testing.T) {
				dst, a, b := slicesFor(c, n)
				before := bytes.Clone(dst)
				c.loop.on(dst, a, b, n)
				byLoop := bytes.Clone(dst)
				copy(dst, before)
				c.call.on(dst, a, b, n)
				if !bytes.Equal(dst, byLoop) {
					t.Error("the loop gives something else than relu")
				}
				if n >= 64 && bytes.Equal(dst, before) {
					t.Error("the data are such that nothing happens")
				}
			})
		}
	}
}

// TestLimits asks of every limit that it copies as much as the operation
// writes.
func TestLimits(t *testing.T) {
	kernel := relu.Kernels()[0]
	if !hasLimit(kernel) {
		t.Skipf("this build has no limit for %s", kernel)
	}
	for i := range cases {
		c := &cases[i]
		t.Run(c.op+"/"+c.typ, func(t *testing.T) {
			const n = 4096
			dst, a, b := slicesFor(c, n)
			want := bytes.Clone(a)
			if c.inPlace() {
				want = bytes.Clone(dst)
			}
			c.limit(kernel).on(dst, a, b, n)
			if !bytes.Equal(dst, want) {
				t.Error("the limit is not a copy")
			}
		})
	}
}

func TestCasesCoverTheNames(t *testing.T) {
	for _, typ := range benchfile.Types() {
		if findCase("InPlace", typ) == nil {
			t.Errorf("InPlace is not measured for %s", typ)
		}
	}
	for _, op := range benchfile.Ops() {
		for _, typ := range []string{"float32", "float64"} {
			if findCase(op, typ) == nil {
				t.Errorf("%s is not measured for %s", op, typ)
			}
		}
	}
	for _, c := range cases {
		if c.size() == 0 || c.arrays() == 0 {
			t.Errorf("%s %s has %d arrays of elements of %d bytes", c.op, c.typ, c.arrays(), c.size())
		}
	}
}
