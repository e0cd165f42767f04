package interop

import (
	"fmt"
	"testing"

	"github.com/seed88f7e06c/relu"
	"github.com/x448/float16"
)

// Example_float16 needs no conversion: float16.Float16 is a uint16.
func Example_float16() {
	x := []float16.Float16{
		float16.Fromfloat32(-1.5),
		float16.Fromfloat32(0.1),
		float16.Inf(-1),
		float16.Inf(1),
		float16.NaN(),
	}
	relu.InPlaceFloat16(x)
	fmt.Println(x)
	// Output: [0 0.099975586 0 +Inf NaN]
}

// TestEveryFloat16 holds all 65536 against the type's own conversion.
func TestEveryFloat16(t *testing.T) {
	x := make([]float16.Float16, 1<<16)
	for bits := range x {
		x[bits] = float16.Frombits(uint16(bits))
	}
	relu.InPlaceFloat16(x)
	for bits, got := range x {
		want := float16.Frombits(uint16(bits))
		if want.Float32() <= 0 {
			want = 0
		}
		if got != want {
			t.Errorf("%#04x (%v): %#04x, want %#04x", bits, float16.Frombits(uint16(bits)), got.Bits(), want.Bits())
		}
	}
}
