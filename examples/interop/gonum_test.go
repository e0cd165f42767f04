package interop

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/seed88f7e06c/relu"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

// rectify rectifies a matrix whose rows lie stride elements apart. What lies
// between the end of a row and the next belongs to somebody else.
func rectify[T relu.Float](data []T, rows, cols, stride int) {
	if stride == cols {
		relu.InPlace(data[:rows*cols])
		return
	}
	for r := range rows {
		relu.InPlace(data[r*stride:][:cols])
	}
}

// Example_gonumDense rectifies a matrix, and then a view into another.
func Example_gonumDense() {
	m := mat.NewDense(2, 3, []float64{
		-1, 2, -3,
		4, -5, 6,
	})
	raw := m.RawMatrix()
	rectify(raw.Data, raw.Rows, raw.Cols, raw.Stride)
	fmt.Println(mat.Formatted(m))

	whole := mat.NewDense(3, 4, []float64{
		-1, -1, -1, -1,
		-1, -1, +1, -1,
		-1, +1, -1, -1,
	})
	view := whole.Slice(1, 3, 1, 3).(*mat.Dense)
	raw = view.RawMatrix()
	rectify(raw.Data, raw.Rows, raw.Cols, raw.Stride)
	fmt.Println("a view of", raw.Cols, "columns with a stride of", raw.Stride)
	fmt.Println(mat.Formatted(whole))
	// Output:
	// ⎡0  2  0⎤
	// ⎣4  0  6⎦
	// a view of 2 columns with a stride of 4
	// ⎡-1  -1  -1  -1⎤
	// ⎢-1   0   1  -1⎥
	// ⎣-1   1   0  -1⎦
}

// Example_blas32 is a dense layer: a product of float32 matrices, and then the
// bias and the rectifier in one pass over each row. The layer's output is the
// left part of a wider matrix.
func Example_blas32() {
	x := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{
		1, 2,
		3, -4,
	}}
	weights := blas32.General{Rows: 2, Cols: 3, Stride: 3, Data: []float32{
		1, -1, 0.5,
		0.5, 1, -1,
	}}
	bias := []float32{0, 0.5, 2}

	wide := []float32{
		0, 0, 0, -9,
		0, 0, 0, -9,
	}
	y := blas32.General{Rows: 2, Cols: 3, Stride: 4, Data: wide}
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, x, weights, 0, y)
	fmt.Println(wide)
	for r := range y.Rows {
		row := y.Data[r*y.Stride:][:y.Cols]
		relu.Bias(row, row, bias)
	}
	fmt.Println(wide)
	// Output:
	// [2 1 -1.5 -9 1 -7 5.5 -9]
	// [2 1.5 0.5 -9 1 0 7.5 -9]
}

// TestViews holds views of all shapes against gonum's own Apply.
func TestViews(t *testing.T) {
	for range 1000 {
		whole := mat.NewDense(1+rand.IntN(9), 1+rand.IntN(99), nil)
		whole.Apply(func(_, _ int, _ float64) float64 { return rand.NormFloat64() }, whole)
		want := mat.DenseCopyOf(whole)

		rows, cols := whole.Dims()
		top, left := rand.IntN(rows), rand.IntN(cols)
		bottom, right := top+1+rand.IntN(rows-top), left+1+rand.IntN(cols-left)
		view := want.Slice(top, bottom, left, right).(*mat.Dense)
		view.Apply(func(_, _ int, v float64) float64 { return max(0, v) }, view)

		raw := whole.Slice(top, bottom, left, right).(*mat.Dense).RawMatrix()
		rectify(raw.Data, raw.Rows, raw.Cols, raw.Stride)
		if !mat.Equal(whole, want) {
			t.Fatalf("rows %d to %d and columns %d to %d of %d×%d:\n%v\nwant\n%v",
				top, bottom, left, right, rows, cols, mat.Formatted(whole), mat.Formatted(want))
		}
	}
}
