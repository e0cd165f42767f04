package frameworks

import (
	"encoding/binary"
	"math"
)

// format is an element type: its width in bits and, of a float, that of its
// fraction.
type format struct{ width, fraction int }

var formats = map[string]format{
	"int8":     {width: 8},
	"int16":    {width: 16},
	"int32":    {width: 32},
	"int64":    {width: 64},
	"uint8":    {width: 8},
	"uint16":   {width: 16},
	"float16":  {16, 10},
	"bfloat16": {16, 7},
	"float32":  {32, 23},
	"float64":  {64, 52},
}

func (f format) sign() uint64  { return 1 << (f.width - 1) }
func (f format) quiet() uint64 { return 1 << (f.fraction - 1) }

// infinity is the bits of +Inf.
func (f format) infinity() uint64 { return f.sign() - 1<<f.fraction }

// bias is what the exponent field of 1 holds.
func (f format) bias() int { return 1<<(f.width-f.fraction-2) - 1 }

func (f format) magnitude(bits uint64) uint64 { return bits &^ f.sign() }
func (f format) isNaN(bits uint64) bool       { return f.magnitude(bits) > f.infinity() }
func (f format) isSignalling(bits uint64) bool {
	return f.isNaN(bits) && bits&f.quiet() == 0
}

// real is the number that bits stand for.
func (f format) real(bits uint64) float64 {
	var real float64
	switch magnitude := f.magnitude(bits); {
	case magnitude > f.infinity():
		return math.NaN()
	case magnitude == f.infinity():
		real = math.Inf(1)
	default:
		// In float64's layout the number is off by the difference of the biases.
		real = math.Float64frombits(magnitude<<(52-f.fraction)) * math.Ldexp(1, 1023-f.bias())
	}
	if bits&f.sign() != 0 {
		return -real
	}
	return real
}

// product is the bits of a*b, rounded once, for float32 and float64.
func (f format) product(a, b uint64) uint64 {
	p := f.real(a) * f.real(b)
	if f.width == 32 {
		return uint64(math.Float32bits(float32(p))) // The float64 product is exact.
	}
	return math.Float64bits(p)
}

// special are both zeros and infinities, quiet and signalling NaNs, the ends
// of the subnormal and normal ranges, 1, and the neighbours of the limits 6
// and 0.75; each with both signs.
func (f format) special() []uint64 {
	inf, quiet := f.infinity(), f.quiet()
	half := quiet // The fraction of 1.5.
	one := uint64(f.bias()) << f.fraction
	six := one + 2<<f.fraction + half
	threeQuarters := one - 1<<f.fraction + half
	var all []uint64
	for _, bits := range []uint64{
		0, inf, inf + 1, inf + quiet,
		inf + 0x55, inf + quiet - 1, inf + quiet + 0x55, inf + 2*quiet - 1,
		1, 2, 2*quiet - 1, 2 * quiet, inf - 1,
		one, six - 1, six, six + 1, threeQuarters - 1, threeQuarters, threeQuarters + 1,
	} {
		all = append(all, bits, bits|f.sign())
	}
	return all
}

// pack lays out elements as both sides of the pipe read them.
func (f format) pack(elements []uint64) []byte {
	var raw []byte
	for _, bits := range elements {
		raw = append(raw, binary.LittleEndian.AppendUint64(nil, bits)[:f.width/8]...)
	}
	return raw
}

// element is element i of what was laid out.
func (f format) element(raw []byte, i int) uint64 {
	var word [8]byte
	size := f.width / 8
	copy(word[:], raw[i*size:(i+1)*size])
	return binary.LittleEndian.Uint64(word[:])
}

// reals are the elements of what was laid out as float32 or float64.
func (f format) reals(raw []byte) []float64 {
	if f.width == 64 {
		return decode[float64](raw)
	}
	var reals []float64
	for _, v := range decode[float32](raw) {
		reals = append(reals, float64(v))
	}
	return reals
}

// encode lays out x as both sides of the pipe read it.
func encode[T any](x []T) []byte {
	raw, err := binary.Append(nil, binary.LittleEndian, x)
	if err != nil {
		panic(err)
	}
	return raw
}

// decode reads what was laid out.
func decode[T any](raw []byte) []T {
	var zero T
	x := make([]T, len(raw)/binary.Size(zero))
	if _, err := binary.Decode(raw, binary.LittleEndian, x); err != nil {
		panic(err)
	}
	return x
}
