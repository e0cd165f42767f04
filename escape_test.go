//go:build !race && !asan && !msan

package relu_test

import (
	"testing"

	"github.com/seed88f7e06c/relu"
)

// TestNothingAllocates calls every function on arrays of its caller, which stay
// on the stack as long as no argument escapes.
func TestNothingAllocates(t *testing.T) {
	relu.SkipWhereChecksAllocate(t)
	for name, call := range map[string]func(){
		"InPlace":         func() { var x [64]float32; relu.InPlace(x[:]) },
		"InPlace, ints":   func() { var x [64]int; relu.InPlace(x[:]) },
		"InPlaceFloat16":  func() { var x [64]uint16; relu.InPlaceFloat16(x[:]) },
		"InPlaceBFloat16": func() { var x [64]uint16; relu.InPlaceBFloat16(x[:]) },
		"To":              func() { var x, y [64]float32; relu.To(x[:], y[:]) },
		"Grad":            func() { var x, y, z [64]float32; relu.Grad(x[:], y[:], z[:]) },
		"Leaky":           func() { var x, y [64]float64; relu.Leaky(x[:], y[:], 0.1) },
		"LeakyGrad":       func() { var x, y, z [64]float32; relu.LeakyGrad(x[:], y[:], z[:], 0.1) },
		"PReLU":           func() { var x, y [64]float32; var s [4]float32; relu.PReLU(x[:], y[:], s[:], 1) },
		"PReLU, runs":     func() { var x, y [640]float32; var s [4]float32; relu.PReLU(x[:], y[:], s[:], 160) },
		"PReLUGrad": func() {
			var x, y, z [640]float32
			var s, d [4]float32
			relu.PReLUGrad(x[:], d[:], y[:], z[:], s[:], 1)
		},
		"PReLUGrad, runs": func() {
			var x, y, z [640]float32
			var s, d [4]float32
			relu.PReLUGrad(x[:], d[:], y[:], z[:], s[:], 160)
		},
		"Clip":      func() { var x, y [64]int16; relu.Clip(x[:], y[:], 6) },
		"ClipGrad":  func() { var x, y, z [64]float32; relu.ClipGrad(x[:], y[:], z[:], 6) },
		"Clamp":     func() { var x, y [64]uint8; relu.Clamp(x[:], y[:], 3, 200) },
		"ClampGrad": func() { var x, y, z [64]float32; relu.ClampGrad(x[:], y[:], z[:], -1, 6) },
		"Bias":      func() { var x, y [640]float32; var b [10]float32; relu.Bias(x[:], y[:], b[:]) },
		"Add":       func() { var x, y, z [64]float32; relu.Add(x[:], y[:], z[:]) },
	} {
		if n := testing.AllocsPerRun(10, call); n != 0 {
			t.Errorf("kernel %s: %s makes %v allocations", relu.Kernel(), name, n)
		}
	}
}
