package ops

import "math/rand/v2"

// types are the types, the bytes of an element, and data.
var types = []struct {
	name string
	size int
	data Pattern
}{
	{"float32", 4, Pattern{0x807FFFFF807FFFFF, 0x3F8000003F800000}},
	{"float64", 8, Pattern{0x800FFFFFFFFFFFFF, 0x3FF0000000000000}},
	{"float16", 2, Pattern{0x83FF83FF83FF83FF, 0x3C003C003C003C00}},
	{"bfloat16", 2, Pattern{0x807F807F807F807F, 0x3F803F803F803F80}},
	{"uint8", 1, anyInteger}, {"int8", 1, anyInteger}, {"int16", 2, anyInteger}, {"int32", 4, anyInteger}, {"int64", 8, anyInteger},
}

// Pattern makes elements of random bits: of each eight bytes it keeps those in
// Keep and sets those in Set. Floats are of either sign and from 1 up to 2, so
// that no element is a NaN, an infinity or a subnormal, on which a CPU's
// arithmetic may be slower.
type Pattern struct{ Keep, Set uint64 }

var anyInteger = Pattern{Keep: ^uint64(0)}

// RandomWords are made at random, and repeated: more than a branch predictor
// remembers.
const RandomWords = 32 << 10

// Fill makes elements.
func (p Pattern) Fill(random *rand.PCG, x []uint64) {
	first := x[:min(len(x), RandomWords)]
	for i := range first {
		first[i] = random.Uint64()&p.Keep | p.Set
	}
	for x = x[len(first):]; len(x) > 0; x = x[min(len(x), len(first)):] {
		copy(x, first)
	}
}

// Types are the names of the types.
func Types() []string {
	var names []string
	for _, t := range types {
		names = append(names, t.name)
	}
	return names
}

// Size is the bytes of an element of a type, 0 if there is no such type.
func Size(typ string) int {
	for _, t := range types {
		if t.name == typ {
			return t.size
		}
	}
	return 0
}

// PatternOf is the data of a type.
func PatternOf(typ string) Pattern {
	for _, t := range types {
		if t.name == typ {
			return t.data
		}
	}
	return anyInteger
}
