package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// computesHalves tells whether a kernel computes with half floats, which is by way of
// the float32s that they are.
func computesHalves(k kernel) bool {
	computed := []string{"leaky", "leakyGrad", "square", "add"}
	return k.elem.half() && (slices.Contains(computed, k.op.name) || slices.Contains(computed, k.op.plain))
}

// nearestEven is VCVTPS2PH's operand to round to the nearest, and ties to even.
const nearestEven = 0

// halfConverter is an x86 machine that computes with half floats.
type halfConverter interface {
	do(name string, operands ...operand.Op)
	reg() reg.VecVirtual
	// single is the register that holds float32s, for one that the machine has made.
	single(r reg.VecVirtual) vec
	// wide are the float32s that half floats are. Float16 has them in order, in one or
	// two vectors; bfloat16 has the even ones and the odd ones.
	wide(v vec) []vec
	wideScalar(v vec) vec // the float32 of a scalar, in each lane
	wideZero() vec
	// narrow16 rounds what wide gave, to the nearest half float and ties to even. The
	// NaNs among them have no bit that a bfloat16 has not, and stay NaNs.
	narrow16(w []vec) vec
	even(v vec) vec // 1 in each lane of half floats that is even, else 0
}

// byFloat32 does an instruction on float32s that half floats are.
func byFloat32(m halfConverter, instruction string, a, b []vec) vec {
	var r []vec
	for i := range a {
		r = append(r, m.single(m.reg()))
		m.do(instruction, b[i], a[i], r[i])
	}
	return m.narrow16(r)
}

// squareHalf is square for half floats.
func squareHalf(m halfConverter, x vec) vec {
	w := m.wide(x)
	for i, v := range w {
		m.do("VMAXPS", v, m.wideZero(), w[i]) // NaN gives the first operand
	}
	return byFloat32(m, "VMULPS", w, w)
}

// roundUpper rounds to bfloat16s, of float32s of which it is given the upper and the
// lower 16 bits: 1 more where the lower are above half, or are half and the upper odd.
func roundUpper(m halfConverter, upper, lower vec) vec {
	m.do("VPSUBUSW", m.even(upper), lower, lower)
	m.do("VPSRLW", operand.U8(15), lower, lower)
	m.do("VPADDW", lower, upper, upper)
	return upper
}
