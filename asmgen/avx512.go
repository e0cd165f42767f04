package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx512 keeps its comparisons in mask registers.
type avx512 struct{ avx2 }

// widths is 32 where a vector becomes one of float32s.
func (m avx512) widths() []int {
	if m.inOrder() {
		return []int{32}
	}
	return []int{64}
}

// unroll is 8 for what most calls are, and where it is worth 3 to 8 %.
func (m avx512) unroll() int {
	switch m.k.op.name {
	case "relu":
		return 8
	case "clipGrad", "leakyGrad":
		if m.k.elem.float {
			return 8
		}
	}
	return m.amd64.unroll()
}

// inOrder tells whether the kernel computes with half floats that become float32s in
// order.
func (m avx512) inOrder() bool { return computesHalves(m.k) && m.k.elem == float16s }

// begin leaves what is shorter than two vectors to AVX2 before it loads the arguments.
func (m avx512) begin(k kernel) {
	m.declare(k)
	if !k.rows && k.signature == "" {
		m.CMPQ(m.basic("n").Addr, m.elements(2*64))
		m.JGE(operand.LabelRef("long"))
		m.leave(k.name() + m.shorter())
		m.Label("long")
	}
	m.arguments(k)
}

// shorter is AVX2: a masked 512-bit vector costs more than two of 256 bits.
func (m avx512) shorter() string { return "AVX2" }

func (m avx512) load(source int, at place) vec {
	if m.folds(source) {
		return m.address(m.srcs[source], at)
	}
	r := m.reg()
	m.do(m.move(), m.address(m.srcs[source], at), r)
	return r
}

func (m avx512) store(v vec, at place) { m.do(m.move(), v, m.target(at)) }

// move loads and stores a vector.
func (m avx512) move() string {
	if m.width == 32 {
		return "VMOVDQU"
	}
	return "VMOVDQU64"
}

func (m avx512) zero() vec {
	return m.constant("zero", func(r vec) { m.VPXORQ(r, r, r) })
}

func (m avx512) floor() vec {
	if m.k.elem.magnitude == 0 {
		return m.zero()
	}
	return m.constant("floor", func(r vec) {
		m.VPTERNLOGD(operand.U8(0xff), r, r, r)
		m.do("VPSLL"+m.integer(), operand.U8(m.k.elem.magnitude), r, r)
	})
}

// where is v where the mask is set and 0 elsewhere.
func (m avx512) where(v vec, mask reg.Register) vec {
	r := m.reg()
	m.do(fmt.Sprintf("VMOVDQU%d_Z", 8*m.k.elem.size), v, mask, r)
	return r
}

func (m avx512) rectify(x vec) vec {
	if m.inOrder() { // with no mask: those of 32 bytes are AVX512VL's
		return m.avx2.rectify(x)
	}
	if m.k.elem.magnitude == 0 {
		r := m.reg()
		m.do("VPMAXS"+m.integer(), m.zero(), x, r)
		return r
	}
	mask := m.K()
	m.do("VPCMPGT"+m.integer(), m.floor(), x, mask)
	return m.where(x, mask)
}

func (m avx512) gate(g, x vec) vec { return m.where(g, m.passes(x)) }

func (m avx512) minus1() vec {
	return m.constant("-1", func(r vec) { m.VPTERNLOGD(operand.U8(0xff), r, r, r) })
}

// passes tells where x is not <= 0, by the bits, in one comparison, which has half as
// many ports as the arithmetic before it: raised to floor+1, what is zeroed but 0 is
// less, unsigned, than what it was raised to, all else is itself, and 0-1 is the
// greatest.
func (m avx512) passes(x vec) reg.Register {
	least := m.constant("floor+1", func(r vec) {
		minus1 := m.minus1()
		m.do("VPSLL"+m.integer(), operand.U8(m.k.elem.magnitude), minus1, r)
		m.do("VPSUB"+m.integer(), minus1, r, r)
	})
	r, mask := m.reg(), m.K()
	m.do("VPMAXS"+m.integer(), least, x, r)
	m.do("VPADD"+m.integer(), m.minus1(), r, r)
	m.do("VPCMPU"+m.integer(), operand.U8(6), r, x, mask) // x > r
	return mask
}

// folds is for float16s, too, that are not used but to be widened.
func (m avx512) folds(source int) bool {
	if m.inOrder() {
		return m.k.public != "Leaky" && m.k.sources[source] != "grad"
	}
	return m.k.public != "Clip" && m.avx2.folds(source)
}

func (m avx512) single(r reg.VecVirtual) vec { return r.AsZ() }

func (m avx512) wide(v vec) []vec {
	if m.inOrder() {
		w := m.ZMM()
		m.VCVTPH2PS(v, w)
		return []vec{w}
	}
	even, odd := m.reg(), m.reg()
	m.VPSLLD(operand.U8(16), v, even)
	m.VPANDD(m.upperHalf(), v, odd)
	return []vec{even, odd}
}

// upperHalf is ones in the upper 16 of 32 bits.
func (m avx512) upperHalf() vec {
	return m.constant("upper", func(r vec) {
		m.VPTERNLOGD(operand.U8(0xff), r, r, r)
		m.VPSLLD(operand.U8(16), r, r)
	})
}

func (m avx512) wideScalar(v vec) vec {
	return m.single(m.constant("float32s", func(r vec) {
		if m.inOrder() {
			m.VCVTPH2PS(v, r.(reg.VecVirtual).AsZ())
		} else {
			m.VPSLLD(operand.U8(16), v, r)
		}
	}).(reg.VecVirtual))
}

func (m avx512) wideZero() vec {
	return m.single(m.constant("0 as float32s", func(r vec) {
		z := r.(reg.VecVirtual).AsZ()
		m.VPXORQ(z, z, z)
	}).(reg.VecVirtual))
}

func (m avx512) narrow16(w []vec) vec {
	if m.inOrder() {
		r := m.reg()
		m.VCVTPS2PH(operand.U8(nearestEven), w[0], r)
		return r
	}
	// Where upperHalf has ones, bits of the second operand, elsewhere of the third.
	const chosen = 0xd8
	even, odd := w[0], w[1]
	upper := m.reg()
	m.VPSRLD(operand.U8(16), even, upper)
	m.VPTERNLOGD(operand.U8(chosen), m.upperHalf(), odd, upper)
	m.VPSLLD(operand.U8(16), odd, odd)
	m.VPTERNLOGD(operand.U8(chosen), m.upperHalf(), odd, even)
	return roundUpper(m, upper, even)
}

func (m avx512) even(v vec) vec {
	one := m.constant("1", func(r vec) {
		m.VPTERNLOGD(operand.U8(0xff), r, r, r)
		m.VPSRLW(operand.U8(15), r, r)
	})
	r := m.reg()
	m.VPANDNQ(one, v, r)
	return r
}

// scaleHalf is scale for half floats. Of float16s no float32 is a subnormal number, so
// that those can be compared whatever the CPU is set to make of such.
func (m avx512) scaleHalf(v, x, slope vec) vec {
	factor := m.wideScalar(slope)
	w, mask := m.wide(v), m.K()
	if m.inOrder() {
		c := w
		if x != v {
			c = m.wide(x)
		}
		m.VCMPPS(operand.U8(0x12), m.wideZero(), c[0], mask) // x <= 0
		m.VMULPS(factor, w[0], w[0])
		m.VCVTPS2PH(operand.U8(nearestEven), w[0], mask, v)
		return v
	}
	r := byFloat32(m, "VMULPS", w, []vec{factor, factor})
	m.VMOVDQU16(v, m.passes(x), r)
	return r
}

func (m avx512) add(a, b vec) vec {
	if m.k.elem.half() {
		return byFloat32(m, "VADDPS", m.wide(a), m.wide(b))
	}
	return m.avx2.add(a, b)
}

func (m avx512) halves() []string { return m.avx2.halves() }

func (m avx512) inf() vec {
	return m.constant("inf", func(r vec) {
		m.VPTERNLOGD(operand.U8(0xff), r, r, r)
		m.VPSLLW(operand.U8(m.k.elem.magnitude+1), r, r)
		m.VPSRLW(operand.U8(1), r, r)
	})
}

// gateWithin asks for 0 < x < limit by one comparison of integers.
func (m avx512) gateWithin(g, x, limit vec) vec {
	r, mask := m.reg(), m.K()
	if m.k.elem.half() {
		// Of what is not within, that which is no NaN: without its sign it is <= +Inf.
		const notLess, lessOrEqual = 5, 2
		below := m.constant("limit-1", func(r vec) {
			m.VPADDW(m.minus1(), limit, r)
			m.VPMAXSW(m.zero(), r, r)
		})
		twiceInf := m.constant("2*inf", func(r vec) { m.VPADDW(m.inf(), m.inf(), r) })
		within := m.K()
		m.VPADDW(m.minus1(), x, r)
		m.VPCMPUW(operand.U8(notLess), below, r, within)
		m.VPADDW(x, x, r)
		m.VPCMPUW(operand.U8(lessOrEqual), twiceInf, r, within, mask)
		m.VMOVDQU64(g, r)
		m.VMOVDQU16(m.zero(), mask, r)
		return r
	}
	// -0 (7) for NaN, which is the least integer, x itself (1) where x > 0, else +Inf (5).
	table := m.table("classes", 0x15551577)
	most := m.constant("limit, not -0", func(r vec) { m.do("VPMAXS"+m.integer(), m.zero(), limit, r) })
	m.VPXORQ(r, r, r) // not to wait for what it was
	m.do("VFIXUPIMM"+m.fp(), operand.U8(0), table, x, r)
	m.do("VPCMPGT"+m.integer(), r, most, mask)
	return m.where(g, mask)
}

// table is VFIXUPIMM's: four bits say what stands for x of a class. Those of quiet and of
// signalling NaN are the lowest; then come 0, 1, -Inf, +Inf, what is < 0 and what is > 0.
func (m avx512) table(name string, classes uint32) vec {
	return m.constant(name, func(r vec) {
		gp := m.GP32()
		m.MOVL(operand.U32(classes), gp)
		m.VPBROADCASTD(gp, r)
	})
}

// scale blends: to multiply under a mask takes longer.
func (m avx512) scale(v, x, slope vec) vec {
	if m.k.elem.half() {
		return m.scaleHalf(v, x, slope)
	}
	r, mask := m.reg(), m.K()
	m.do("VMUL"+m.fp(), slope, v, r)
	m.do("VCMP"+m.fp(), operand.U8(0x12), m.zero(), x, mask) // x <= 0
	m.do("VBLENDM"+m.fp(), r, v, mask, r)
	return r
}

func (m avx512) clip(x, limit vec) vec {
	mask, r := m.K(), m.reg()
	m.do("VPCMPGT"+m.integer(), m.floor(), x, mask)
	if m.k.elem.float {
		m.do("VMIN"+m.fp()+"_Z", x, limit, mask, r) // NaN gives the first operand
	} else {
		m.do("VPMINS"+m.integer()+"_Z", x, limit, mask, r)
	}
	if m.k.elem.half() {
		nan := m.K()
		m.VPCMPGTW(m.inf(), x, nan)
		m.VMOVDQU16(x, nan, r)
	}
	return r
}

func (m avx512) clamp(x, lo, hi vec) vec {
	if m.k.elem.float {
		return m.avx2.clamp(x, lo, hi)
	}
	r := m.reg()
	m.do(m.bound("MAX"), lo, x, r)
	m.do(m.bound("MIN"), hi, r, r)
	return r
}

func (m avx512) gateBetween(g, x, lo, hi vec) vec {
	above, within := m.K(), m.K()
	m.do("VCMP"+m.fp(), operand.U8(0x16), lo, x, above)         // not x <= lo
	m.do("VCMP"+m.fp(), operand.U8(0x19), hi, x, above, within) // nor x >= hi
	return m.where(g, within)
}

func (m avx512) square(x vec) vec {
	if m.k.elem.half() {
		return squareHalf(m, x)
	}
	r := m.reg()
	m.do("VMAX"+m.fp(), x, m.zero(), r) // NaN gives the first operand
	m.do("VMUL"+m.fp(), r, r, r)
	return r
}

func (m avx512) mulPass(a, b, x vec) vec {
	r, mask := m.reg(), m.K()
	m.do("VCMP"+m.fp(), operand.U8(0x16), m.zero(), x, mask) // not x <= 0
	m.do("VMUL"+m.fp()+"_Z", a, b, mask, r)
	return r
}

func (m avx512) prepare() { m.zero() }

func (m avx512) scaleWithTerms(g, x, slope vec) (scaled, terms vec) {
	mask, terms := m.K(), m.reg()
	m.do("VCMP"+m.fp(), operand.U8(0x12), m.zero(), x, mask) // x <= 0
	m.do("VMUL"+m.fp()+"_Z", g, x, mask, terms)
	m.do("VMUL"+m.fp(), slope, g, mask, g)
	return g, terms
}

func (m avx512) addTerms(sums []vec, terms vec) {
	if m.k.elem.size == 8 {
		m.VADDPD(terms, sums[0], sums[0])
		return
	}
	low, high, half := m.reg(), m.reg(), m.YMM()
	m.VCVTPS2PD(terms.(reg.VecVirtual).AsY(), low)
	m.VEXTRACTF64X4(operand.U8(1), terms, half)
	m.VCVTPS2PD(half, high)
	m.VADDPD(low, sums[0], sums[0])
	m.VADDPD(high, sums[1], sums[1])
}

// mark has +Inf for NaN.
func (m avx512) mark(x vec) vec {
	if m.k.elem.float {
		m.do("VFIXUPIMM"+m.fp(), operand.U8(0), m.table("marks", 0x55), x, x) // all but NaN stays
	}
	return x
}

// positive is the mask of what is marked, and has been made elements of a size.
func (m avx512) positive(size int, v vec) reg.Register {
	if m.k.elem.half() {
		return m.passes(v)
	}
	mask := m.K()
	m.do(map[int]string{1: "VPCMPGTB", 2: "VPCMPGTW"}[size], m.zero(), v, mask)
	return mask
}

// storeWord makes four vectors of larger elements one, in which their quarters take turns,
// before it compares: there are two ports for comparisons, and for what puts masks together.
func (m avx512) storeWord(pointer string, vector func(i int) vec) {
	next, size := 0, m.k.elem.size
	each := func() vec { next++; return vector(next - 1) }
	mask := func() reg.Register {
		if size < 4 {
			return m.positive(size, each())
		}
		order := m.constant("order", func(r vec) {
			gp, x := m.GP64(), r.(reg.VecVirtual).AsX()
			m.MOVQ(operand.U64(0x0D0905010C080400), gp)
			m.VMOVQ(gp, x)
			m.MOVQ(operand.U64(0x0F0B07030E0A0602), gp)
			m.VPINSRQ(operand.U8(1), gp, x, x)
			m.VPMOVZXBD(x, r)
		})
		v := m.narrow(size/4, each)
		m.VPERMD(v, order, v)
		return m.positive(size/4, v)
	}
	word := mask()
	if size == 2 || size == 8 {
		m.KUNPCKDQ(word, mask(), word)
	}
	m.KMOVQ(word, operand.Mem{Base: m.pointer(pointer)})
}

// count has the sum of the words so far.
func (m avx512) count() reg.Register {
	return m.atStart("count", func() operand.Op {
		r := m.GP64()
		m.XORQ(r, r)
		return r
	}).(reg.Register)
}

func (m avx512) countWord(vector func(i int) vec) {
	next, bits := 0, m.GP64()
	v := m.narrow(1, func() vec { next++; return vector(next - 1) })
	m.KMOVQ(m.positive(1, v), bits)
	m.POPCNTQ(bits, bits)
	m.ADDQ(bits, m.count())
}

func (m avx512) addCount() { m.ADDQ(m.count(), operand.Mem{Base: m.dst}) }

func (m avx512) loadWord(int) {}

func (m avx512) keep(i, source int) vec {
	k, r := m.K(), m.reg()
	m.do(map[int]string{4: "KMOVW", 8: "KMOVB"}[m.k.elem.size], operand.Mem{Base: m.pointer("mask"), Disp: i * m.width / m.k.elem.size / 8}, k)
	m.do(fmt.Sprintf("VMOVDQU%d_Z", 8*m.k.elem.size), m.address(m.srcs[source], place{off: i * m.width}), k, r)
	return r
}
