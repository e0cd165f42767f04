package relu_test

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed88f7e06c/relu"
)

func ExampleInPlace() {
	x := []int{-2, -1, 0, 1, 2}
	relu.InPlace(x)
	fmt.Println(x)
	// Output: [0 0 0 1 2]
}

// NaN stays, and -0 becomes +0, at every position.
func ExampleInPlace_specialValues() {
	x := []float64{math.NaN(), math.Inf(-1), math.Inf(1), math.Copysign(0, -1)}
	relu.InPlace(x)
	fmt.Println(x)
	// Output: [NaN 0 +Inf 0]
}

func ExampleTo() {
	src := []float32{-1.5, 2.5, -0.5}
	dst := make([]float32, len(src))
	relu.To(dst, src)
	fmt.Println(dst)
	// Output: [0 2.5 0]
}

// 0xBC00 is -1 and 0x4000 is 2 as IEEE 754 half floats.
func ExampleInPlaceFloat16() {
	x := []uint16{0xBC00, 0x4000}
	relu.InPlaceFloat16(x)
	fmt.Printf("%#04x\n", x)
	// Output: [0x0000 0x4000]
}

// 0xBF80 is -1 and 0x4000 is 2 as bfloat16.
func ExampleInPlaceBFloat16() {
	x := []uint16{0xBF80, 0x4000}
	relu.InPlaceBFloat16(x)
	fmt.Printf("%#04x\n", x)
	// Output: [0x0000 0x4000]
}

// The output of the forward pass is enough for the backward one.
func ExampleGrad() {
	x := []float32{-3, 0, 2, 5}
	relu.InPlace(x)
	grad := []float32{1, 1, 1, 10}
	relu.Grad(grad, grad, x)
	fmt.Println(grad)
	// Output: [0 0 1 10]
}

func ExampleLeaky() {
	x := []float64{-4, 0, 2}
	relu.Leaky(x, x, 0.25)
	fmt.Println(x)
	// Output: [-1 0 2]
}

func ExampleLeakyGrad() {
	x := []float64{-4, 0, 2}
	grad := []float64{8, 8, 8}
	relu.LeakyGrad(grad, grad, x, 0.25)
	fmt.Println(grad)
	// Output: [2 2 8]
}

// Two channels of three neighbouring pixels each, as in NCHW.
func ExamplePReLU() {
	x := []float32{-1, -2, 3, -1, -2, 3}
	relu.PReLU(x, x, []float32{0.5, 0.25}, 3)
	fmt.Println(x)
	// Output: [-0.5 -1 3 -0.25 -0.5 3]
}

func ExamplePReLUGrad() {
	x := []float32{-1, -2, 3, -1, -2, 3}
	grad := []float32{1, 1, 1, 2, 2, 2}
	slopes := []float32{0.5, 0.25}
	dslopes := make([]float32, len(slopes))
	relu.PReLUGrad(grad, dslopes, grad, x, slopes, 3)
	fmt.Println(grad, dslopes)
	// Output: [0.5 0.5 1 0.5 0.5 2] [-3 -6]
}

// ReLU6.
func ExampleClip() {
	x := []float32{-1, 3, 6, 9}
	relu.Clip(x, x, 6)
	fmt.Println(x)
	// Output: [0 3 6 6]
}

func ExampleClipGrad() {
	x := []float32{-1, 3, 6, 9}
	grad := []float32{1, 1, 1, 1}
	relu.ClipGrad(grad, grad, x, 6)
	fmt.Println(grad)
	// Output: [0 1 0 0]
}

// Two rows of a dense layer's output, and its bias.
func ExampleBias() {
	x := []float32{1, -2, 3, 4, 5, -6}
	relu.Bias(x, x, []float32{0.5, 1, -10})
	fmt.Println(x)
	// Output: [1.5 0 0 4.5 6 0]
}

func ExampleAdd() {
	branch := []float32{1, -2, 3}
	shortcut := []float32{1, 1, -9}
	relu.Add(branch, branch, shortcut)
	fmt.Println(branch)
	// Output: [2 0 0]
}

func ExampleParallel() {
	x := make([]float32, 8<<20) // 32 MiB
	x[0], x[len(x)-1] = -1, 2
	relu.Parallel(x)
	fmt.Println(x[0], x[len(x)-1])
	// Output: 0 2
}

func ExampleKernel() {
	fmt.Println(slices.Contains(relu.Kernels(), relu.Kernel()))
	// Output: true
}

func ExampleKernels() {
	for _, name := range relu.Kernels() {
		if name == relu.Kernel() {
			fmt.Println("one of the kernels is in use")
		}
	}
	// Output: one of the kernels is in use
}

// A quantized tensor whose zero is 128.
func ExampleClamp() {
	x := []uint8{0, 100, 128, 200, 255}
	relu.Clamp(x, x, 128, 240)
	fmt.Println(x)
	// Output: [128 128 128 200 240]
}

func ExampleClampGrad() {
	x := []float32{-2, -0.5, 0.5, 2}
	grad := []float32{1, 2, 3, 4}
	relu.ClampGrad(grad, grad, x, -1, 1)
	fmt.Println(grad)
	// Output: [0 2 3 0]
}

func ExampleSquare() {
	x := []float32{-3, -0.5, 0.5, 3}
	relu.Square(x, x)
	fmt.Println(x)
	// Output: [0 0 0.25 9]
}

func ExampleSquareGrad() {
	x := []float32{-3, -0.5, 0.5, 3}
	grad := []float32{1, 1, 1, 10}
	relu.SquareGrad(grad, grad, x)
	fmt.Println(grad)
	// Output: [0 0 1 60]
}

// The two halves of what a layer gives: one is the gate of the other.
func ExampleGate() {
	layer := []float32{-1, 0.5, 2, 3, 4, 5}
	gate, value := layer[:3], layer[3:]
	relu.Gate(value, gate, value)
	fmt.Println(value)
	// Output: [0 2 10]
}

func ExampleGateGrad() {
	a, b := []float32{-1, 0.5, 2}, []float32{3, 4, 5}
	grad := []float32{1, 1, 10}
	relu.GateGrad(a, b, grad, a, b)
	fmt.Println(a, b)
	// Output: [0 4 50] [0 0.5 20]
}

// A bit for each element, the first one lowest.
func ExampleMask() {
	x := []float32{-1, 2, 0, 3}
	mask := make([]uint64, (len(x)+63)/64)
	relu.Mask(mask, x)
	fmt.Printf("%04b\n", mask)
	// Output: [1010]
}

// Of the forward pass only a bit for each element is kept.
func ExampleInPlaceMask() {
	x := []float32{-1, 2, 0, 3}
	mask := make([]uint64, 1)
	relu.InPlaceMask(x, mask)
	fmt.Println(x)
	grad := []float32{1, 1, 1, 10}
	relu.GradMask(grad, grad, mask)
	fmt.Println(grad)
	// Output:
	// [0 2 0 3]
	// [0 1 0 10]
}

func ExampleGradMask() {
	grad := []float32{1, 2, 3, 4}
	relu.GradMask(grad, grad, []uint64{0b0110})
	fmt.Println(grad)
	// Output: [0 2 3 0]
}

func ExampleActive() {
	fmt.Println(relu.Active([]float32{-1, 2, 0, 3}))
	// Output: 2
}

// 0xBC00 is -1 and 0x4000 is 2 as IEEE 754 half floats.
func ExampleMaskFloat16() {
	mask := make([]uint64, 1)
	relu.MaskFloat16(mask, []uint16{0xBC00, 0x4000})
	fmt.Printf("%02b\n", mask)
	// Output: [10]
}

// 0xBF80 is -1 and 0x4000 is 2 as bfloat16.
func ExampleMaskBFloat16() {
	mask := make([]uint64, 1)
	relu.MaskBFloat16(mask, []uint16{0xBF80, 0x4000})
	fmt.Printf("%02b\n", mask)
	// Output: [10]
}

// 0xBC00 is -1, 0x3C00 is 1 and 0x3800 is 0.5 as IEEE 754 half floats.
func ExampleLeakyFloat16() {
	x := []uint16{0xBC00, 0x3C00}
	relu.LeakyFloat16(x, x, 0x3800)
	fmt.Printf("%#04x\n", x)
	// Output: [0xb800 0x3c00]
}

// 0x3F80 is 1, 0xC040 is -3 and 0x4000 is 2 as bfloat16.
func ExampleAddBFloat16() {
	a, b := []uint16{0x3F80, 0xC040}, []uint16{0x3F80, 0x4000}
	relu.AddBFloat16(a, a, b)
	fmt.Printf("%#04x\n", a)
	// Output: [0x4000 0x0000]
}

// 0xBC00 is -1 and 0x4000 is 2 as IEEE 754 half floats.
func ExampleToFloat16() {
	x := []uint16{0xBC00, 0x4000}
	relu.ToFloat16(x, x)
	fmt.Printf("%#04x\n", x)
	// Output: [0x0000 0x4000]
}

// 0xBC00 is -1, 0x4000 is 2 and 0x4200 is 3 as IEEE 754 half floats.
func ExampleGradFloat16() {
	x, grad := []uint16{0xBC00, 0x4000}, []uint16{0x4200, 0x4200}
	relu.GradFloat16(grad, grad, x)
	fmt.Printf("%#04x\n", grad)
	// Output: [0x0000 0x4200]
}

// 0xBC00 is -1, 0x4000 is 2, 0x4700 is 7 and 0x4600 is 6 as IEEE 754 half floats.
func ExampleClipFloat16() {
	x := []uint16{0xBC00, 0x4000, 0x4700}
	relu.ClipFloat16(x, x, 0x4600)
	fmt.Printf("%#04x\n", x)
	// Output: [0x0000 0x4000 0x4600]
}

// 0xBC00 is -1, 0x4000 is 2, 0x4700 is 7 and 0x4600 is 6 as IEEE 754 half floats.
func ExampleClipGradFloat16() {
	x, grad := []uint16{0xBC00, 0x4000, 0x4700}, []uint16{0x4000, 0x4000, 0x4000}
	relu.ClipGradFloat16(grad, grad, x, 0x4600)
	fmt.Printf("%#04x\n", grad)
	// Output: [0x0000 0x4000 0x0000]
}

// 0xBC00 is -1, 0x4200 is 3, 0x4000 is 2, 0x3800 is 0.5 and 0x3C00 is 1 as IEEE 754 half floats.
func ExampleLeakyGradFloat16() {
	x, grad := []uint16{0xBC00, 0x4200}, []uint16{0x4000, 0x4000}
	relu.LeakyGradFloat16(grad, grad, x, 0x3800)
	fmt.Printf("%#04x\n", grad)
	// Output: [0x3c00 0x4000]
}

// 0xBC00 is -1, 0x4200 is 3 and 0x4880 is 9 as IEEE 754 half floats.
func ExampleSquareFloat16() {
	x := []uint16{0xBC00, 0x4200}
	relu.SquareFloat16(x, x)
	fmt.Printf("%#04x\n", x)
	// Output: [0x0000 0x4880]
}

// 0x3C00 is 1, 0xC200 is -3 and 0x4000 is 2 as IEEE 754 half floats.
func ExampleAddFloat16() {
	a, b := []uint16{0x3C00, 0xC200}, []uint16{0x3C00, 0x4000}
	relu.AddFloat16(a, a, b)
	fmt.Printf("%#04x\n", a)
	// Output: [0x4000 0x0000]
}

// 0x3C00 is 1, 0xC200 is -3, 0x4000 is 2 and 0x4200 is 3 as IEEE 754 half floats.
func ExampleBiasFloat16() {
	rows := []uint16{0x3C00, 0xC200, 0x4000, 0x3C00}
	relu.BiasFloat16(rows, rows, []uint16{0x3C00, 0x4000})
	fmt.Printf("%#04x\n", rows)
	// Output: [0x4000 0x0000 0x4200 0x4200]
}

// 0xBF80 is -1 and 0x4000 is 2 as bfloat16.
func ExampleToBFloat16() {
	x := []uint16{0xBF80, 0x4000}
	relu.ToBFloat16(x, x)
	fmt.Printf("%#04x\n", x)
	// Output: [0x0000 0x4000]
}

// 0xBF80 is -1, 0x4000 is 2 and 0x4040 is 3 as bfloat16.
func ExampleGradBFloat16() {
	x, grad := []uint16{0xBF80, 0x4000}, []uint16{0x4040, 0x4040}
	relu.GradBFloat16(grad, grad, x)
	fmt.Printf("%#04x\n", grad)
	// Output: [0x0000 0x4040]
}

// 0xBF80 is -1, 0x4000 is 2, 0x40E0 is 7 and 0x40C0 is 6 as bfloat16.
func ExampleClipBFloat16() {
	x := []uint16{0xBF80, 0x4000, 0x40E0}
	relu.ClipBFloat16(x, x, 0x40C0)
	fmt.Printf("%#04x\n", x)
	// Output: [0x0000 0x4000 0x40c0]
}

// 0xBF80 is -1, 0x4000 is 2, 0x40E0 is 7 and 0x40C0 is 6 as bfloat16.
func ExampleClipGradBFloat16() {
	x, grad := []uint16{0xBF80, 0x4000, 0x40E0}, []uint16{0x4000, 0x4000, 0x4000}
	relu.ClipGradBFloat16(grad, grad, x, 0x40C0)
	fmt.Printf("%#04x\n", grad)
	// Output: [0x0000 0x4000 0x0000]
}

// 0xC080 is -4, 0x4040 is 3, 0x3F00 is 0.5 and 0xC000 is -2 as bfloat16.
func ExampleLeakyBFloat16() {
	x := []uint16{0xC080, 0x4040}
	relu.LeakyBFloat16(x, x, 0x3F00)
	fmt.Printf("%#04x\n", x)
	// Output: [0xc000 0x4040]
}

// 0xBF80 is -1, 0x4040 is 3, 0x4000 is 2, 0x3F00 is 0.5 and 0x3F80 is 1 as bfloat16.
func ExampleLeakyGradBFloat16() {
	x, grad := []uint16{0xBF80, 0x4040}, []uint16{0x4000, 0x4000}
	relu.LeakyGradBFloat16(grad, grad, x, 0x3F00)
	fmt.Printf("%#04x\n", grad)
	// Output: [0x3f80 0x4000]
}

// 0xBF80 is -1, 0x4040 is 3 and 0x4110 is 9 as bfloat16.
func ExampleSquareBFloat16() {
	x := []uint16{0xBF80, 0x4040}
	relu.SquareBFloat16(x, x)
	fmt.Printf("%#04x\n", x)
	// Output: [0x0000 0x4110]
}

// 0x3F80 is 1, 0xC040 is -3, 0x4000 is 2 and 0x4040 is 3 as bfloat16.
func ExampleBiasBFloat16() {
	rows := []uint16{0x3F80, 0xC040, 0x4000, 0x3F80}
	relu.BiasBFloat16(rows, rows, []uint16{0x3F80, 0x4000})
	fmt.Printf("%#04x\n", rows)
	// Output: [0x4000 0x0000 0x4040 0x4040]
}
