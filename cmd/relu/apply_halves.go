package main

import (
	"fmt"
	"math"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/npy"
)

// half is a format of half floats, which the library takes as uint16.
type half struct {
	name     string
	mantissa int // bits
	least    int // exponent of the least normal number
}

var (
	float16  = half{"float16", 10, -14}
	bfloat16 = half{"bfloat16", 7, -126}
)

// bits are those of the half nearest to v, to even in between, and false where
// that is infinite though v is not.
func (h half) bits(v float64) (uint16, bool) {
	sign, exponents := uint16(0), 15-h.mantissa
	if math.Signbit(v) {
		sign = 1 << 15
	}
	infinity := uint16(1<<exponents-1) << h.mantissa
	switch v = math.Abs(v); {
	case v != v:
		return sign | infinity | 1<<(h.mantissa-1), true
	case math.IsInf(v, 0):
		return sign | infinity, true
	}
	e := h.least
	if v > 0 {
		_, e = math.Frexp(v)
		e = max(e-1, h.least)
	}
	units := math.RoundToEven(math.Ldexp(v, h.mantissa-e)) // of the last place
	// Counted in units, neighbouring exponents follow each other.
	b := int(units) + (e-h.least)<<h.mantissa
	return sign | uint16(min(b, int(infinity))), b < int(infinity)
}

// number is text as a half, to which it is rounded. The error goes on after the
// text.
func (h half) number(text string) (uint16, error) {
	v, err := number[float64](text)
	if err != nil {
		return 0, err
	}
	if b, ok := h.bits(v); ok {
		return b, nil
	}
	largest := math.Ldexp(2-math.Ldexp(1, -h.mantissa), 1-h.least)
	return 0, fmt.Errorf("is beyond %s, which ends at %v", h.name, largest)
}

func withHalf(flag string, format half, f func(dst, src []uint16, number uint16)) form {
	return func(o *operation, h *npy.Header) (rectify, error) {
		n, err := format.number(*o.numbers[flag])
		if err != nil {
			return nil, fmt.Errorf("is %s: --%s %s %w", format.name, flag, *o.numbers[flag], err)
		}
		return func(part []byte, _ int64) {
			x := npy.Elements[uint16](part)
			f(x, x, n)
		}, nil
	}
}
