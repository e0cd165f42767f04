package main

import (
	"math"
	"testing"
)

// TestHalves goes there and back: each half is the nearest to itself, and to what
// lies a little beside it; a number in the middle goes to the even one.
func TestHalves(t *testing.T) {
	for _, h := range []half{float16, bfloat16} {
		infinity := uint16(1<<(15-h.mantissa)-1) << h.mantissa
		value := func(b uint16) float64 {
			e, m := int(b>>h.mantissa), float64(b&(1<<h.mantissa-1))
			if e == 0 {
				return math.Ldexp(m, h.least-h.mantissa)
			}
			return math.Ldexp(m+math.Ldexp(1, h.mantissa), h.least+e-1-h.mantissa)
		}
		for b := range infinity {
			v, next := value(b), value(b+1)
			even := b + b&1
			for _, c := range []struct {
				v    float64
				want uint16
			}{{v, b}, {v + (next-v)*0.49, b}, {v + (next-v)/2, even}, {v + (next-v)*0.51, b + 1}} {
				got, ok := h.bits(c.v)
				if got != c.want || ok != (c.want < infinity) {
					t.Fatalf("%s: %v is %#04x, %v; want %#04x", h.name, c.v, got, ok, c.want)
				}
				if minus, _ := h.bits(-c.v); minus != c.want|1<<15 {
					t.Fatalf("%s: %v is %#04x; want %#04x", h.name, -c.v, minus, c.want|1<<15)
				}
			}
		}
	}
	for text, want := range map[string]string{
		"65520": "is beyond float16, which ends at 65504",
		"1e400": "is beyond float64, which ends at 1.7976931348623157e+308",
	} {
		if _, err := float16.number(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", text, err, want)
		}
	}
	if b, err := float16.number("inf"); err != nil || b != 0x7C00 {
		t.Errorf("inf is %#04x, %v", b, err)
	}
}
