package interop

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/seed88f7e06c/relu"
)

// rectified makes a new array of max(0, x). Arrow's buffers are shared and
// immutable, so those of x are only read. What is null in x is null in the
// result; the values that lie under nulls are rectified with the others, which
// is faster than stepping over them.
func rectified(mem memory.Allocator, x arrow.Array) (arrow.Array, error) {
	n, offset := x.Len(), x.Data().Offset()
	values := memory.NewResizableBuffer(mem)
	defer values.Release()
	switch x := x.(type) {
	case *array.Float32:
		values.Resize(arrow.Float32Traits.BytesRequired(n))
		relu.To(arrow.Float32Traits.CastFromBytes(values.Bytes()), x.Values())
	case *array.Float64:
		values.Resize(arrow.Float64Traits.BytesRequired(n))
		relu.To(arrow.Float64Traits.CastFromBytes(values.Bytes()), x.Values())
	case *array.Float16:
		values.Resize(arrow.Float16Traits.BytesRequired(n))
		arrow.Float16Traits.Copy(arrow.Float16Traits.CastFromBytes(values.Bytes()), x.Values())
		relu.InPlaceFloat16(arrow.Uint16Traits.CastFromBytes(values.Bytes()))
	default:
		return nil, fmt.Errorf("cannot rectify an array of %v", x.DataType())
	}

	var valid *memory.Buffer // Nil says that nothing is null.
	if x.NullN() > 0 {
		valid = memory.NewResizableBuffer(mem)
		defer valid.Release()
		valid.Resize(int(bitutil.BytesForBits(int64(n))))
		bitutil.CopyBitmap(x.NullBitmapBytes(), offset, n, valid.Bytes(), 0)
	}
	data := array.NewData(x.DataType(), n, []*memory.Buffer{valid, values}, nil, x.NullN(), 0)
	defer data.Release()
	return array.MakeFromData(data), nil
}

// Example_arrow rectifies a slice of an array, with a null in it.
func Example_arrow() {
	mem := memory.DefaultAllocator
	b := array.NewFloat32Builder(mem)
	defer b.Release()
	b.AppendValues([]float32{-1, 2, -3, -4, 5, -6}, []bool{true, true, true, false, true, true})
	whole := b.NewFloat32Array()
	defer whole.Release()
	part := array.NewSlice(whole, 1, 5)
	defer part.Release()

	y, err := rectified(mem, part)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer y.Release()
	fmt.Println(part, "of", whole)
	fmt.Println(y)
	// Output:
	// [2 -3 (null) 5] of [-1 2 -3 (null) 5 -6]
	// [2 0 (null) 5]
}

// TestArrow slices arrays at all offsets, and holds them against their own
// elements.
func TestArrow(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	for _, nulls := range []bool{false, true} {
		for _, whole := range arrays(mem, 100, nulls) {
			before := contents(whole)
			for from := range whole.Len() {
				for _, to := range []int{from, from + 1, from + (whole.Len()-from)/2, whole.Len()} {
					if to > whole.Len() {
						continue
					}
					x := array.NewSlice(whole, int64(from), int64(to))
					y, err := rectified(mem, x)
					if err != nil {
						t.Fatal(err)
					}
					compare(t, x, y)
					y.Release()
					x.Release()
				}
			}
			if !bytes.Equal(contents(whole), before) {
				t.Errorf("%v: the array was written", whole.DataType())
			}
			whole.Release()
		}
	}
}

func TestArrowOfStrings(t *testing.T) {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	x := b.NewArray()
	defer x.Release()
	if _, err := rectified(memory.DefaultAllocator, x); err == nil || err.Error() != "cannot rectify an array of utf8" {
		t.Errorf("the error is %v", err)
	}
}

// arrays are one of each type, of n elements and some nulls if those are asked
// for.
func arrays(mem memory.Allocator, n int, nulls bool) []arrow.Array {
	half, single, double := array.NewFloat16Builder(mem), array.NewFloat32Builder(mem), array.NewFloat64Builder(mem)
	special := []float64{math.Copysign(0, -1), math.Inf(-1), math.Inf(1), math.NaN(), math.Copysign(math.NaN(), -1)}
	for i := range n {
		v := rand.NormFloat64()
		if i < len(special) {
			v = special[i]
		}
		half.Append(float16.New(float32(v)))
		single.Append(float32(v))
		double.Append(v)
		if nulls && rand.IntN(3) == 0 {
			half.AppendNull()
			single.AppendNull()
			double.AppendNull()
		}
	}
	var all []arrow.Array
	for _, b := range []array.Builder{half, single, double} {
		all = append(all, b.NewArray())
		b.Release()
	}
	return all
}

// contents are the bytes of all buffers.
func contents(x arrow.Array) []byte {
	var all []byte
	for _, b := range x.Data().Buffers() {
		if b != nil {
			all = append(all, b.Bytes()...)
		}
	}
	return all
}

func compare(t *testing.T, x, y arrow.Array) {
	t.Helper()
	if y.Len() != x.Len() || y.NullN() != x.NullN() || !arrow.TypeEqual(x.DataType(), y.DataType()) {
		t.Fatalf("%d of %v with %d nulls, want %d of %v with %d",
			y.Len(), y.DataType(), y.NullN(), x.Len(), x.DataType(), x.NullN())
	}
	for i := range x.Len() {
		if x.IsNull(i) != y.IsNull(i) {
			t.Fatalf("%v: element %d: null is %v, want %v", x.DataType(), i, y.IsNull(i), x.IsNull(i))
		}
		got, want := element(y, i), element(x, i)
		if want <= 0 {
			want = 0
		}
		if x.IsValid(i) && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%v: element %d is %v, want %v", x.DataType(), i, got, want)
		}
	}
}

func element(x arrow.Array, i int) float64 {
	switch x := x.(type) {
	case *array.Float16:
		return float64(x.Value(i).Float32())
	case *array.Float32:
		return float64(x.Value(i))
	default:
		return x.(*array.Float64).Value(i)
	}
}
