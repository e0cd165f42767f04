package ops

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/seed88f7e06c/relu"
)

// arrays are those of calls, as bytes.
type arrays struct{ dst, a, b []byte }

func newArrays(o *Op, n, count int) arrays {
	random := rand.NewPCG(1, 2)
	array := func() []byte {
		bytes := n * count * Size(o.Type)
		x := make([]uint64, (bytes+7)/8)
		PatternOf(o.Type).Fill(random, x)
		return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), bytes)
	}
	return arrays{array(), array(), array()}
}

func (x arrays) rows(n, count int) Rows {
	return Rows{n, count, unsafe.Pointer(&x.dst[0]), unsafe.Pointer(&x.a[0]), unsafe.Pointer(&x.b[0])}
}

// TestLoops holds every plain loop to what relu gives: it measures the same
// work.
func TestLoops(t *testing.T) {
	for i := range All {
		o := &All[i]
		for _, n := range []int{1, 2, 64, 1024, 4096} {
			t.Run(fmt.Sprintf("%s/%s/%d", o.Name, o.Type, n), func(t *testing.T) {
				const count = 3
				x := newArrays(o, n, count)
				before := bytes.Clone(x.dst)
				o.Loop(x.rows(n, count))
				byLoop := bytes.Clone(x.dst)
				copy(x.dst, before)
				o.Call(x.rows(n, count))
				if !bytes.Equal(x.dst, byLoop) {
					t.Error("the loop gives something else than relu")
				}
				last := n * (count - 1) * Size(o.Type)
				reads := o.Name == "Mask" || o.Name == "Active"
				if n >= 64 && !reads && bytes.Equal(x.dst[last:], before[last:]) {
					t.Error("nothing happens to the last row")
				}
			})
		}
	}
}

// TestLimits asks of every limit that it copies as much as the operation
// writes.
func TestLimits(t *testing.T) {
	kernel := relu.Kernels()[0]
	if !HasLimit(kernel) {
		t.Skipf("this build has no limit for %s", kernel)
	}
	for i := range All {
		o := &All[i]
		t.Run(o.Name+"/"+o.Type, func(t *testing.T) {
			const n, count = 4096, 3
			x := newArrays(o, n, count)
			want := bytes.Clone(x.a)
			if o.Arrays == 1 {
				want = bytes.Clone(x.dst)
			}
			o.Limit(kernel)(x.rows(n, count))
			if !bytes.Equal(x.dst, want) {
				t.Error("the limit is not a copy")
			}
		})
	}
}

// TestTableIsComplete wants every operation of the package measured, and those on
// half floats as such.
func TestTableIsComplete(t *testing.T) {
	count := 0
	for _, file := range []string{"relu.go", "half.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), "../../../../"+file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok || !d.Name.IsExported() || d.Type.TypeParams == nil {
				continue
			}
			count++
			name, typ := d.Name.Name, "float32"
			for _, half := range []string{"BFloat16", "Float16"} {
				if base, ok := strings.CutSuffix(name, half); ok {
					name, typ = base, strings.ToLower(half)
				}
			}
			if Find(name, typ) == nil {
				t.Errorf("%s is not measured", d.Name.Name)
			}
		}
	}
	if count < 30 {
		t.Errorf("the package has %d operations", count)
	}
	for _, typ := range Types() {
		if Find("InPlace", typ) == nil && typ != "uint8" { // which has no negative numbers
			t.Errorf("InPlace is not measured for %s", typ)
		}
	}
}

// TestNoCostOfItsOwn holds the table's way of making calls to a loop that anyone
// would write, where a call is shortest.
func TestNoCostOfItsOwn(t *testing.T) {
	const n, count = 1, 1024
	o := Find("InPlace", "float32")
	x := newArrays(o, n, count)
	rows := x.rows(n, count)
	slice := make([]float32, n*count)
	table := fastest(func() { o.Call(rows) })
	plain := fastest(func() { plainly(slice, n) })
	t.Logf("%.2f ns a call, %.2f ns by the table", float64(plain)/count, float64(table)/count)
	// By way of a function variable it would be twice as long.
	if float64(table) > 1.25*float64(plain) {
		t.Errorf("a call takes %.2f ns, and %.2f ns by the table", float64(plain)/count, float64(table)/count)
	}
}

//go:noinline
func plainly(x []float32, n int) {
	for i := 0; i < len(x); i += n {
		relu.InPlace(x[i : i+n])
	}
}

// fastest is the shortest time of many.
func fastest(f func()) time.Duration {
	shortest := time.Hour
	for range 2000 {
		start := time.Now()
		f()
		shortest = min(shortest, time.Since(start))
	}
	return shortest
}
