package frameworks

import (
	"math"
	"math/rand/v2"

	"github.com/seed88f7e06c/relu"
)

// request is one call of one function of relu.
type request struct {
	Function string `json:"function"`
	Type     string `json:"type"`
	Inner    int    `json:"inner"` // how many neighbours share a channel
	Sizes    []int  `json:"sizes"` // of the arrays, in bytes

	set    string   // what the arrays hold
	arrays [][]byte // in the order of the function's arguments
}

// The sets that arrays are of.
const (
	special = "special" // every value, or every pair of values, that is listed as one
	short   = "short"   // the first few of those
	random  = "random"  // any bits
	normal  = "normal"  // normally distributed
	large   = "large"   // the same, in a length where frameworks take their widest paths
	whole   = "whole"   // whole numbers, so small that their sums are exact in any order
)

const (
	smallLen  = 8 * 27 * 19
	largeSize = 4 << 20 // in bytes
)

// requests are the same in every process.
func requests() []request {
	source := rand.New(rand.NewPCG(20, 10))
	all := floatRequests[float32]("float32", source)
	all = append(all, floatRequests[float64]("float64", source)...)

	for i, name := range []string{"int8", "int16", "int32", "int64"} {
		x, limit := randomBits(smallLen<<i, source), make([]byte, 1<<i)
		limit[0] = 6
		all = append(all,
			newRequest("To", name, random, 1, x),
			newRequest("InPlace", name, random, 1, x),
			newRequest("Clip", name, random, 1, x, limit),
			newRequest("Mask", name, random, 1, x),
			newRequest("InPlaceMask", name, random, 1, x),
			newRequest("Active", name, random, 1, x))
	}
	clamp := func(name string, array, bounds []byte) {
		all = append(all, newRequest("Clamp", name, random, 1, array, bounds))
	}
	clamp("int8", randomBits(smallLen, source), encode([]int8{-6, 100}))
	clamp("int16", randomBits(2*smallLen, source), encode([]int16{-6, 20000}))
	clamp("int32", randomBits(4*smallLen, source), encode([]int32{-6, 1 << 30}))
	clamp("int64", randomBits(8*smallLen, source), encode([]int64{-6, 1 << 62}))
	clamp("uint8", randomBits(smallLen, source), encode([]uint8{3, 200}))
	clamp("uint16", randomBits(2*smallLen, source), encode([]uint16{3, 50000}))
	all = append(all, halfRequests("float16", []uint16{0x211F, 0xB800, 0, 0x8000, 0x4200, 0x7C00}, []uint16{0x4600, 0x3A00}, source)...)
	all = append(all, halfRequests("bfloat16", []uint16{0x3C24, 0xBF00, 0, 0x8000, 0x4040, 0x7F80}, []uint16{0x40C0, 0x3F40}, source)...)

	var patterns []uint16
	for bits := range 1 << 16 {
		patterns = append(patterns, uint16(bits))
	}
	return append(all,
		newRequest("InPlaceFloat16", "float16", special, 1, encode(patterns)),
		newRequest("InPlaceBFloat16", "bfloat16", special, 1, encode(patterns)))
}

// halfRequests are those for half floats: pairs of special values, pairs of any bits,
// and all there are.
func halfRequests(name string, slopes, limits []uint16, source *rand.Rand) []request {
	var all []request
	ask := func(function, set string, arrays ...[]byte) {
		all = append(all, newRequest(function, name, set, 1, arrays...))
	}
	var patterns []uint16
	for bits := range 1 << 16 {
		patterns = append(patterns, uint16(bits))
	}
	for _, o := range []operands{
		pairs(formats[name], formats[name].special()),
		{set: random, x: encode(patterns), y: randomBits(2<<16, source), row: 64},
	} {
		ask("To", o.set, o.x)
		ask("Mask", o.set, o.x)
		ask("Square", o.set, o.x)
		ask("Grad", o.set, o.y, o.x)
		ask("Add", o.set, o.x, o.y)
		ask("Bias", o.set, o.x, o.y[:2*o.row])
		for _, slope := range slopes {
			ask("Leaky", o.set, o.x, encode([]uint16{slope}))
			ask("LeakyGrad", o.set, o.y, o.x, encode([]uint16{slope}))
		}
		for _, limit := range limits {
			ask("Clip", o.set, o.x, encode([]uint16{limit}))
			ask("ClipGrad", o.set, o.y, o.x, encode([]uint16{limit}))
		}
	}
	return all
}

// operands are two arrays, and the ways to divide the first.
type operands struct {
	set    string
	x, y   []byte
	row    int     // the length of a bias, of which y starts with one
	shapes []shape // for a slope per channel
}

type shape struct{ channels, inner int }

// floatRequests are those for T, which NumPy calls name.
func floatRequests[T relu.Float](name string, source *rand.Rand) []request {
	var all []request
	ask := func(function, set string, inner int, arrays ...[]byte) {
		all = append(all, newRequest(function, name, set, inner, arrays...))
	}

	size := formats[name].width / 8
	largeLen := largeSize / size
	values := formats[name].special()
	for n := range values {
		ask("To", short, 1, formats[name].pack(values[:n]))
	}

	specials := pairs(formats[name], values)
	smalls := operands{
		random, randomBits(smallLen*size, source), randomBits(smallLen*size, source),
		27, []shape{{1, smallLen}, {27, 19}, {27, 1}},
	}
	larges := operands{
		large, normals[T](largeLen, source), normals[T](largeLen, source),
		16, []shape{{16, 256}, {16, 1}},
	}
	for _, o := range []operands{specials, smalls, larges} {
		ask("To", o.set, 1, o.x)
		ask("InPlace", o.set, 1, o.x)
		ask("Grad", o.set, 1, o.y, o.x)
		ask("Add", o.set, 1, o.x, o.y)
		ask("Clamp", o.set, 1, o.x, encode([]T{-1, 6}))
		ask("ClampGrad", o.set, 1, o.y, o.x, encode([]T{-1, 6}))
		ask("Mask", o.set, 1, o.x)
		ask("InPlaceMask", o.set, 1, o.x)
		ask("GradMask", o.set, 1, o.y, o.x)
		ask("Active", o.set, 1, o.x)
		ask("Square", o.set, 1, o.x)
		ask("SquareGrad", o.set, 1, o.y, o.x)
		ask("Gate", o.set, 1, o.x, o.y)
		ask("GateGrad", o.set, 1, o.y, o.x, o.y)
		ask("Bias", o.set, 1, o.x, o.y[:o.row*size])
		slopes, limits := slopesFor[T](8), []T{6, 0.75}
		if o.set == large {
			slopes, limits = slopes[:1], limits[:1]
		}
		for _, limit := range limits {
			ask("Clip", o.set, 1, o.x, encode([]T{limit}))
			ask("ClipGrad", o.set, 1, o.y, o.x, encode([]T{limit}))
		}
		for _, slope := range slopes {
			ask("Leaky", o.set, 1, o.x, encode([]T{slope}))
			ask("LeakyGrad", o.set, 1, o.y, o.x, encode([]T{slope}))
		}
		for _, s := range o.shapes {
			ask("PReLU", o.set, s.inner, o.x, encode(slopesFor[T](s.channels)))
		}
	}

	// The gradient of a slope is a sum. With a slope for each element it is one
	// product, and equal to the bit.
	ask("PReLUGrad", special, 1, specials.y, specials.x, encode(slopesFor[T](len(values)*len(values))))
	for _, s := range smalls.shapes {
		slopes := encode(slopesFor[T](s.channels))
		ask("PReLUGrad", normal, s.inner, normals[T](smallLen, source), normals[T](smallLen, source), slopes)
		ask("PReLUGrad", whole, s.inner, wholes[T](smallLen, source), wholes[T](smallLen, source), slopes)
	}
	ask("PReLUGrad", large, 256, larges.y, larges.x, encode(slopesFor[T](16)))
	ask("PReLUGrad", whole, largeLen, wholes[T](largeLen, source), wholes[T](largeLen, source), encode(slopesFor[T](1)))
	return all
}

// newRequest asks what frameworks make of function.
func newRequest(function, typ, set string, inner int, arrays ...[]byte) request {
	r := request{Function: function, Type: typ, Inner: inner, set: set, arrays: arrays}
	for _, array := range arrays {
		r.Sizes = append(r.Sizes, len(array))
	}
	return r
}

// pairs are all pairs of values. A value of x stays until all values of y,
// and all of eight slopes in either shape, have met it.
func pairs(f format, values []uint64) operands {
	var x, y []uint64
	for _, first := range values {
		for _, second := range values {
			x, y = append(x, first), append(y, second)
		}
	}
	return operands{special, f.pack(x), f.pack(y), len(values), []shape{{1, len(x)}, {8, len(values) / 8}, {8, 1}}}
}

// slopesFor are n slopes.
func slopesFor[T relu.Float](n int) []T {
	cycle := []T{0.01, 0, T(math.Copysign(0, -1)), -0.5, 0.25, 1, 3, T(math.Inf(1))}
	slopes := make([]T, n)
	for i := range slopes {
		slopes[i] = cycle[i%len(cycle)]
	}
	return slopes
}

func randomBits(size int, source *rand.Rand) []byte {
	raw := make([]byte, size)
	for i := range raw {
		raw[i] = byte(source.Uint32())
	}
	return raw
}

// normals spread so far that some pass 6.
func normals[T relu.Float](n int, source *rand.Rand) []byte {
	x := make([]T, n)
	for i := range x {
		x[i] = T(3 * source.NormFloat64())
	}
	return encode(x)
}

// wholes are from -3 to 3: 1<<20 products of two of them add up to less than
// 1<<24, below which every whole number is a float32.
func wholes[T relu.Float](n int, source *rand.Rand) []byte {
	x := make([]T, n)
	for i := range x {
		x[i] = T(source.IntN(7) - 3)
	}
	return encode(x)
}
