package measure

import (
	"unsafe"

	"github.com/seed88f7e06c/relu"
	"github.com/seed88f7e06c/relu/internal/roofline"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// benchCase is an operation on slices of a type, the plain Go loop that does
// the same, and its limit.
type benchCase struct {
	op, typ string
	data    pattern
	call    function
	loop    function
	limit   func(kernel string) function
	quick   bool // part of a quick run
}

// function works on slices of n elements, of which an operation in place uses
// the first alone.
type function func(dst, a, b unsafe.Pointer, n int)

func (c *benchCase) size() int     { return benchfile.Size(c.typ) }
func (c *benchCase) arrays() int   { return benchfile.Arrays(c.op) }
func (c *benchCase) inPlace() bool { return c.arrays() == 1 }

// pattern makes elements of random bits: of each eight bytes it keeps those in
// keep and sets those in set.
type pattern struct{ keep, set uint64 }

// Floats are of either sign and from 1 up to 2, so that no element is a NaN,
// an infinity or a subnormal, on which a CPU's arithmetic may be slower.
var (
	anyInteger     = pattern{keep: ^uint64(0)}
	float64Pattern = pattern{0x800FFFFFFFFFFFFF, 0x3FF0000000000000}
	float32Pattern = pattern{0x807FFFFF807FFFFF, 0x3F8000003F800000}
	float16Pattern = pattern{0x83FF83FF83FF83FF, 0x3C003C003C003C00}
	bfloat16       = pattern{0x807F807F807F807F, 0x3F803F803F803F80}
)

const (
	slope      = 0.01
	clipLimit  = 1.5  // within the data
	biasLength = 1024 // elements, if the slice has as many
)

// cases are all that is measured.
var cases = append(append(append([]benchCase{
	inPlace[float32]("float32", float32Pattern, true),
	inPlace[float64]("float64", float64Pattern, true),
	inPlace[int8]("int8", anyInteger, true),
	inPlace[int16]("int16", anyInteger, false),
	inPlace[int32]("int32", anyInteger, false),
	inPlace[int64]("int64", anyInteger, false),
}, halves()...), floats[float32]("float32", float32Pattern, true)...), floats[float64]("float64", float64Pattern, false)...)

func findCase(op, typ string) *benchCase {
	for i := range cases {
		if c := &cases[i]; c.op == op && c.typ == typ {
			return c
		}
	}
	return nil
}

// on hands a function slices.
func on[T any](f func(dst, a, b []T)) function {
	return func(dst, a, b unsafe.Pointer, n int) {
		f(unsafe.Slice((*T)(dst), n), unsafe.Slice((*T)(a), n), unsafe.Slice((*T)(b), n))
	}
}

func inPlace[T relu.Number](typ string, data pattern, quick bool) benchCase {
	return benchCase{op: "InPlace", typ: typ, data: data, quick: quick, limit: copyInPlace(benchfile.Size(typ)),
		call: on(func(x, _, _ []T) { relu.InPlace(x) }),
		loop: on(func(x, _, _ []T) {
			for i, v := range x {
				x[i] = max(0, v)
			}
		}),
	}
}

func halves() []benchCase {
	half := func(typ string, data pattern, negInf uint16, call func([]uint16)) benchCase {
		return benchCase{op: "InPlace", typ: typ, data: data, limit: copyInPlace(2),
			call: on(func(x, _, _ []uint16) { call(x) }),
			loop: on(func(x, _, _ []uint16) {
				for i, v := range x {
					if v >= 0x8000 && v <= negInf {
						x[i] = 0
					}
				}
			}),
		}
	}
	return []benchCase{
		half("float16", float16Pattern, 0xFC00, relu.InPlaceFloat16[uint16]),
		half("bfloat16", bfloat16, 0xFF80, relu.InPlaceBFloat16[uint16]),
	}
}

func floats[T relu.Float](typ string, data pattern, quick bool) []benchCase {
	size := benchfile.Size(typ)
	return []benchCase{
		{op: "To", typ: typ, data: data, limit: copyOf1(size),
			call: on(func(dst, a, _ []T) { relu.To(dst, a) }),
			loop: on(func(dst, a, _ []T) {
				for i, v := range a {
					dst[i] = max(0, v)
				}
			}),
		},
		{op: "Leaky", typ: typ, data: data, limit: copyOf1(size), quick: quick,
			call: on(func(dst, a, _ []T) { relu.Leaky(dst, a, slope) }),
			loop: on(func(dst, a, _ []T) {
				for i, v := range a {
					if v <= 0 {
						v *= slope
					}
					dst[i] = v
				}
			}),
		},
		{op: "Clip", typ: typ, data: data, limit: copyOf1(size),
			call: on(func(dst, a, _ []T) { relu.Clip(dst, a, clipLimit) }),
			loop: on(func(dst, a, _ []T) {
				for i, v := range a {
					dst[i] = min(max(0, v), clipLimit)
				}
			}),
		},
		{op: "Grad", typ: typ, data: data, limit: copyOf2(size),
			call: on(func(dst, a, b []T) { relu.Grad(dst, a, b) }),
			loop: on(func(dst, a, b []T) {
				for i, v := range b {
					g := a[i]
					if v <= 0 {
						g = 0
					}
					dst[i] = g
				}
			}),
		},
		{op: "Add", typ: typ, data: data, limit: copyOf2(size), quick: quick,
			call: on(func(dst, a, b []T) { relu.Add(dst, a, b) }),
			loop: on(func(dst, a, b []T) {
				for i, v := range a {
					dst[i] = max(0, v+b[i])
				}
			}),
		},
		{op: "Bias", typ: typ, data: data, limit: copyOfRows(size),
			call: on(func(dst, a, b []T) { relu.Bias(dst, a, b[:min(len(b), biasLength)]) }),
			loop: on(func(dst, a, b []T) {
				bias := b[:min(len(b), biasLength)]
				for len(a) > 0 {
					x, y := a[:len(bias)], dst[:len(bias)]
					for i, v := range x {
						y[i] = max(0, v+bias[i])
					}
					a, dst = a[len(bias):], dst[len(bias):]
				}
			}),
		},
	}
}

func copyInPlace(size int) func(string) function {
	return func(kernel string) function {
		return func(dst, _, _ unsafe.Pointer, n int) { roofline.Copy(kernel, dst, dst, n*size) }
	}
}

func copyOf1(size int) func(string) function {
	return func(kernel string) function {
		return func(dst, a, _ unsafe.Pointer, n int) { roofline.Copy(kernel, dst, a, n*size) }
	}
}

func copyOf2(size int) func(string) function {
	return func(kernel string) function {
		return func(dst, a, b unsafe.Pointer, n int) { roofline.CopyOf2(kernel, dst, a, b, n*size) }
	}
}

// copyOfRows reads the same row of b again and again, as a bias is.
func copyOfRows(size int) func(string) function {
	return func(kernel string) function {
		return func(dst, a, b unsafe.Pointer, n int) {
			row := min(n, biasLength) * size
			for i := 0; i < n*size; i += row {
				roofline.CopyOf2(kernel, unsafe.Add(dst, i), unsafe.Add(a, i), b, row)
			}
		}
	}
}
