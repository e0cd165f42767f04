package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx2 has three-operand instructions: dst = f(a, b) is written f b, a, dst.
type avx2 struct{ *amd64 }

func (m avx2) widths() []int { return []int{32, 16, 8} }

// unroll is 4 where arithmetic, or loads, take longer than the loop's own
// instructions.
func (m avx2) unroll() int {
	e := m.k.elem
	switch m.k.op.name {
	case "add", "addRows", "gate", "gateGrad", "clipGrad":
		return 4
	case "leaky", "leakyGrad", "square", "clip":
		if e.half() {
			return 4
		}
	case "clamp":
		if e.size == 8 && !e.float {
			return 4
		}
	}
	return 8
}

func (m avx2) load(source int, at place) vec {
	if m.folds(source) {
		return m.address(m.srcs[source], at)
	}
	r := m.reg()
	switch m.width {
	case 4:
		m.VMOVD(m.address(m.srcs[source], at), r)
	case 8:
		m.VMOVQ(m.address(m.srcs[source], at), r)
	default:
		m.VMOVDQU(m.address(m.srcs[source], at), r)
	}
	return r
}

// folds tells whether the instruction that uses a source loads it too, which
// spares an instruction. That which widens float16s does twice: their lower and upper
// half would have to be taken apart.
func (m avx2) folds(source int) bool {
	if computesHalves(m.k) {
		return m.width > 8 && m.k.elem == float16s
	}
	return m.width > 8 && m.k.sources[source] == m.k.once && (m.k.elem.float || len(m.k.sources) > 1)
}

func (m avx2) store(v vec, at place) {
	switch m.width {
	case 4:
		m.VMOVD(v, m.target(at))
	case 8:
		m.VMOVQ(v, m.target(at))
	default:
		m.VMOVDQU(v, m.target(at))
	}
}

func (m avx2) storeNonTemporal(v vec, at place) { m.VMOVNTDQ(v, m.target(at)) }

func (m avx2) zero() vec {
	return m.constant("zero", func(r vec) { m.VPXOR(r, r, r) })
}

func (m avx2) floor() vec {
	if m.k.elem.magnitude == 0 {
		return m.zero()
	}
	return m.constant("floor", func(r vec) {
		m.VPCMPEQD(r, r, r)
		m.do("VPSLL"+m.integer(), operand.U8(m.k.elem.magnitude), r, r)
	})
}

func (m avx2) scalar(name string) vec {
	return m.constant(name, func(r vec) {
		if m.k.elem.size == 4 {
			// go vet takes the D of VPBROADCASTD for eight bytes.
			m.VBROADCASTSS(m.scalarAddress(name), r)
		} else {
			m.do("VPBROADCAST"+m.integer(), m.scalarAddress(name), r)
		}
	})
}

func (m avx2) rectify(x vec) vec {
	r := m.reg()
	if e := m.k.elem; e.magnitude == 0 && e.size < 8 {
		m.do("VPMAXS"+m.integer(), m.zero(), x, r)
		return r
	}
	m.do("VPCMPGT"+m.integer(), m.floor(), x, r)
	m.VPAND(x, r, r)
	return r
}

func (m avx2) halves() []string {
	return []string{"grad", "clip", "clipGrad", "leaky", "leakyGrad", "square", "add"}
}

// single is a register for float32s that half floats become.
func (m avx2) single(r reg.VecVirtual) vec {
	if m.k.elem == float16s && m.width == 16 {
		m.converts = true
		return r.AsY()
	}
	return r
}

func (m avx2) wide(v vec) []vec {
	if m.k.elem == bfloat16s {
		even, odd := m.reg(), m.reg()
		m.VPSLLD(operand.U8(16), v, even)
		m.VPBLENDW(operand.U8(0xaa), v, m.zero(), odd)
		return []vec{even, odd}
	}
	low := m.single(m.reg())
	m.VCVTPH2PS(v, low)
	if m.width < 32 {
		return []vec{low}
	}
	upper := m.reg()
	m.VCVTPH2PS(v.(operand.Mem).Offset(16), upper)
	return []vec{low, upper}
}

func (m avx2) wideScalar(v vec) vec {
	w := m.constant("float32s", func(r vec) {
		if m.k.elem == bfloat16s {
			m.VPSLLD(operand.U8(16), v, r)
		} else {
			m.VCVTPH2PS(v.(reg.VecVirtual).AsX(), r.(reg.VecVirtual).AsY())
		}
	})
	return m.single(w.(reg.VecVirtual))
}

func (m avx2) wideZero() vec {
	if m.k.elem == bfloat16s {
		return m.zero()
	}
	w := m.constant("0 as float32s", func(r vec) {
		y := r.(reg.VecVirtual).AsY()
		m.VXORPS(y, y, y)
	})
	return m.single(w.(reg.VecVirtual))
}

func (m avx2) narrow16(w []vec) vec {
	if m.k.elem == bfloat16s {
		even, odd := w[0], w[1]
		upper, lower := m.reg(), m.reg()
		m.VPSRLD(operand.U8(16), even, upper)
		m.VPBLENDW(operand.U8(0xaa), odd, upper, upper)
		m.VPSLLD(operand.U8(16), odd, lower)
		m.VPBLENDW(operand.U8(0xaa), lower, even, lower)
		return roundUpper(m, upper, lower)
	}
	r := m.reg()
	if len(w) == 1 {
		m.VCVTPS2PH(operand.U8(nearestEven), w[0], r)
		return r
	}
	// Whole registers are written before their lower halves: avo takes the upper half
	// of any other for an argument.
	low, upper := w[0].(reg.VecVirtual), w[1].(reg.VecVirtual)
	m.VCVTPS2PH(operand.U8(nearestEven), low, low.AsX())
	m.VCVTPS2PH(operand.U8(nearestEven), upper, upper.AsX())
	m.VINSERTI128(operand.U8(1), upper.AsX(), low, r)
	return r
}

func (m avx2) even(v vec) vec {
	one := m.constant("1", func(r vec) { m.VPCMPEQD(r, r, r); m.VPSRLW(operand.U8(15), r, r) })
	r := m.reg()
	m.VPANDN(one, v, r)
	return r
}

// scaleHalf is scale for half floats.
func (m avx2) scaleHalf(v, x, slope vec) vec {
	factor := m.wideScalar(slope)
	r := byFloat32(m, "VMULPS", m.wide(v), []vec{factor, factor})
	if v, ok := x.(operand.Mem); ok {
		x = m.reg()
		m.VMOVDQU(v, x)
	}
	m.VPBLENDVB(m.halfPasses(x), v, r, r)
	return r
}

// inf is +Inf in each lane of half floats.
func (m avx2) inf() vec {
	return m.constant("inf", func(r vec) {
		m.VPCMPEQD(r, r, r)
		m.VPSLLW(operand.U8(m.k.elem.magnitude+1), r, r)
		m.VPSRLW(operand.U8(1), r, r)
	})
}

// halfPasses is all ones where a half float is not <= 0.
func (m avx2) halfPasses(x vec) vec {
	passes, zero := m.reg(), m.reg()
	m.VPCMPGTW(m.floor(), x, passes)
	m.VPCMPEQW(m.zero(), x, zero)
	m.VPANDN(passes, zero, passes)
	return passes
}

func (m avx2) gate(g, x vec) vec {
	if m.k.elem.half() {
		r := m.halfPasses(x)
		m.VPAND(g, r, r)
		return r
	}
	positive := m.reg()
	m.do("VPCMPGT"+m.integer(), m.zero(), x, positive)
	return m.gateNaN(g, x, positive)
}

// gateNaN is g, or 0 where passes is not set and x is a number.
func (m avx2) gateNaN(g, x, passes vec) vec {
	r := m.reg()
	m.do("VCMP"+m.fp(), operand.U8(3), x, x, r) // unordered
	m.VPOR(passes, r, r)
	m.VPAND(g, r, r)
	return r
}

func (m avx2) gateWithin(g, x, limit vec) vec {
	if m.k.elem.half() {
		return m.gateNaNHalf(g, x, m.within(x, limit))
	}
	return m.gateBetween(g, x, m.zero(), limit)
}

// mostInteger is the greatest signed integer in each lane.
func (m avx2) mostInteger() vec {
	return m.constant("most", func(r vec) {
		m.VPCMPEQD(r, r, r)
		m.do("VPSRL"+m.integer(), operand.U8(1), r, r)
	})
}

// gateNaNHalf is gateNaN for half floats.
func (m avx2) gateNaNHalf(g, x, passes vec) vec {
	r := m.reg()
	m.VPAND(m.mostInteger(), x, r)
	m.VPCMPGTW(m.inf(), r, r)
	m.VPOR(passes, r, r)
	m.VPAND(g, r, r)
	return r
}

// within is all ones where 0 < x < limit, by one comparison of integers: moved so
// that 1 becomes the least of them, x must be below the limit.
func (m avx2) within(x, limit vec) vec {
	move := m.mostInteger()
	moved := m.constant("moved limit", func(r vec) {
		m.do("VPCMPEQ"+m.integer(), m.zero(), limit, r)
		m.do("VPSUB"+m.integer(), r, limit, r) // no x is below 0 nor between 0 and 1
		m.do("VPADD"+m.integer(), move, r, r)
	})
	r := m.reg()
	m.do("VPADD"+m.integer(), move, x, r)
	m.do("VPCMPGT"+m.integer(), r, moved, r)
	return r
}

func (m avx2) scale(v, x, slope vec) vec {
	if m.k.elem.half() {
		return m.scaleHalf(v, x, slope)
	}
	mask, r := m.reg(), m.reg()
	m.do("VCMP"+m.fp(), operand.U8(0x12), m.zero(), x, mask) // x <= 0
	m.do("VMUL"+m.fp(), slope, v, r)
	m.do("VBLENDV"+m.fp(), mask, r, v, r)
	return r
}

func (m avx2) scaleMax(x, slope vec) vec {
	r := m.reg()
	m.do("VMUL"+m.fp(), slope, x, r)
	m.do("VMAX"+m.fp(), x, r, r) // NaN, and equals, give the first operand
	return r
}

func (m avx2) clip(x, limit vec) vec {
	r := m.reg()
	switch e := m.k.elem; {
	case e.float:
		m.do("VMIN"+m.fp(), x, limit, r) // NaN gives the first operand
		return m.rectify(r)
	case e.half():
		v, nan := m.rectify(x), m.reg()
		m.VPCMPGTW(m.inf(), v, nan)
		m.VPMINSW(v, limit, r)
		m.VPBLENDVB(nan, v, r, r)
	case e.size < 8:
		m.do("VPMINS"+m.integer(), m.rectify(x), limit, r)
	default:
		// The sign bit is what blends: x's own, and then that of limit-v, which
		// is right since both are >= 0.
		v := m.reg()
		m.VBLENDVPD(x, m.zero(), x, v)
		m.VPSUBQ(v, limit, r)
		m.VBLENDVPD(r, limit, v, r)
	}
	return r
}

func (m avx2) clamp(x, lo, hi vec) vec {
	r := m.reg()
	switch e := m.k.elem; {
	case e.float:
		m.do("VMAX"+m.fp(), x, lo, r) // NaN, and equals, give the first operand
		m.do("VMIN"+m.fp(), r, hi, r)
	case e.size < 8:
		m.do(m.bound("MAX"), lo, x, r)
		m.do(m.bound("MIN"), hi, r, r)
	default:
		mask := m.reg()
		m.VPCMPGTQ(x, lo, mask)
		m.VBLENDVPD(mask, lo, x, r)
		m.VPCMPGTQ(hi, r, mask)
		m.VBLENDVPD(mask, hi, r, r)
	}
	return r
}

// bound is the instruction for the MAX or MIN of integers.
func (m avx2) bound(which string) string {
	if m.k.elem.unsigned {
		return "VP" + which + "U" + m.integer()
	}
	return "VP" + which + "S" + m.integer()
}

func (m avx2) gateBetween(g, x, lo, hi vec) vec {
	above, below := m.reg(), m.reg()
	m.do("VCMP"+m.fp(), operand.U8(0x16), lo, x, above) // not x <= lo
	m.do("VCMP"+m.fp(), operand.U8(0x19), hi, x, below) // not x >= hi
	m.VPAND(above, below, below)
	m.VPAND(g, below, below)
	return below
}

func (m avx2) add(a, b vec) vec {
	if m.k.elem.half() {
		return byFloat32(m, "VADDPS", m.wide(a), m.wide(b))
	}
	r := m.reg()
	m.do("VADD"+m.fp(), b, a, r)
	return r
}

func (m avx2) mul(a, b vec) vec {
	r := m.reg()
	m.do("VMUL"+m.fp(), a, b, r)
	return r
}

func (m avx2) square(x vec) vec {
	if m.k.elem.half() {
		return squareHalf(m, x)
	}
	r := m.reg()
	m.do("VMAX"+m.fp(), x, m.zero(), r) // NaN gives the first operand
	m.do("VMUL"+m.fp(), r, r, r)
	return r
}

func (m avx2) pass(v, x vec) vec {
	r := m.reg()
	m.do("VCMP"+m.fp(), operand.U8(0x16), m.zero(), x, r) // not x <= 0
	m.VPAND(v, r, r)
	return r
}

func (m avx2) loadSums(i int) vec {
	r := m.reg()
	m.VMOVUPD(m.column(i), r)
	return r
}

func (m avx2) storeSums(v vec, i int) { m.VMOVUPD(v, m.column(i)) }

func (m avx2) prepare() { m.zero() }

func (m avx2) scaleWithTerms(g, x, slope vec) (scaled, terms vec) {
	mask, scaled, terms := m.reg(), m.reg(), m.reg()
	m.do("VCMP"+m.fp(), operand.U8(0x12), m.zero(), x, mask) // x <= 0
	m.do("VMUL"+m.fp(), slope, g, scaled)
	m.do("VMUL"+m.fp(), g, x, terms)
	m.do("VBLENDV"+m.fp(), mask, scaled, g, scaled)
	m.do("VAND"+m.fp(), mask, terms, terms)
	return scaled, terms
}

func (m avx2) addTerms(sums []vec, terms vec) {
	if m.k.elem.size == 8 {
		m.VADDPD(terms, sums[0], sums[0])
		return
	}
	low, high, half := m.reg(), m.reg(), m.XMM()
	m.VCVTPS2PD(terms.(reg.VecVirtual).AsX(), low)
	m.VEXTRACTF128(operand.U8(1), terms, half)
	m.VCVTPS2PD(half, high)
	m.VADDPD(low, sums[0], sums[0])
	m.VADDPD(high, sums[1], sums[1])
}

// narrow makes a vector of elements of so many bytes, 0 where those of twice as many
// are. They come from the lower halves of the vectors first.
func (m avx2) narrow(size int, vector func() vec) vec {
	if size == m.k.elem.size {
		return vector()
	}
	a := m.narrow(2*size, vector)
	b := m.narrow(2*size, vector)
	r := m.reg()
	if size == 1 {
		m.VPACKSSWB(b, a, r)
	} else {
		m.VPACKSSDW(b, a, r) // 64-bit elements are two of 32 bits
	}
	return r
}

// eachZero calls f with each vector of bytes of a word, all ones where elements are 0.
func (m avx2) eachZero(vector func(i int) vec, f func(i int, zeros vec)) {
	next := 0
	for i := range 2 {
		r := m.narrow(1, func() vec { next++; return vector(next - 1) })
		zeros := m.reg()
		m.VPCMPEQB(m.zero(), r, zeros)
		f(i, zeros)
	}
}

func (m avx2) storeWord(pointer string, vector func(i int) vec) {
	m.eachZero(vector, func(i int, zeros vec) {
		r := zeros
		if m.k.elem.size > 1 {
			m.VPERMQ(operand.U8(0xd8), r, r)
		}
		switch m.k.elem.size {
		case 4:
			m.VPSHUFD(operand.U8(0xd8), r, r)
		case 8:
			upper := m.reg()
			m.VPSHUFD(operand.U8(0xee), r, upper)
			m.VPUNPCKLWD(upper, r, r)
		}
		bits := m.GP32()
		m.VPMOVMSKB(r, bits)
		m.NOTL(bits)
		m.MOVL(bits, operand.Mem{Base: m.pointer(pointer), Disp: 4 * i})
	})
}

func (m avx2) sum() vec {
	return m.constant("sum", func(r vec) { m.VPXOR(r, r, r) })
}

func (m avx2) countWord(vector func(i int) vec) {
	minus1 := m.constant("-1", func(r vec) { m.VPCMPEQD(r, r, r) })
	sum := m.sum()
	m.eachZero(vector, func(_ int, zeros vec) {
		m.VPSUBB(minus1, zeros, zeros)
		m.VPSADBW(m.zero(), zeros, zeros)
		m.VPADDQ(zeros, sum, sum)
	})
}

func (m avx2) addCount() {
	sum, upper, count := m.sum().(reg.VecVirtual), m.XMM(), m.GP64()
	m.VEXTRACTI128(operand.U8(1), sum, upper)
	m.VPADDQ(upper, sum.AsX(), sum.AsX())
	m.VPSHUFD(operand.U8(0xee), sum.AsX(), upper)
	m.VPADDQ(upper, sum.AsX(), sum.AsX())
	m.VMOVQ(sum.AsX(), count)
	m.ADDQ(count, operand.Mem{Base: m.dst})
}

// loadWord has the word's next 32 bits, or all, in each lane.
func (m avx2) loadWord(int) { m.bits = m.reg() }

// keep moves the bit of each lane to its sign, which a masked load asks for.
func (m avx2) keep(i, source int) vec {
	perVector := m.width / m.k.elem.size
	suffix, counts := "D", uint64(0x18191A1B1C1D1E1F)
	if m.k.elem.size == 8 {
		suffix, counts = "Q", 0x3C3D3E3F
	}
	shifts := m.constant("shifts", func(r vec) {
		gp, x := m.GP64(), r.(reg.VecVirtual).AsX()
		m.MOVQ(operand.U64(counts), gp)
		m.VMOVQ(gp, x)
		m.do("VPMOVZXB"+suffix, x, r)
	})
	word := operand.Mem{Base: m.pointer("mask"), Disp: i * perVector / 8}
	if i*perVector%(8*m.k.elem.size) == 0 {
		m.do("VPBROADCAST"+suffix, word, m.bits)
	} else {
		m.do("VPSRL"+suffix, operand.U8(perVector), m.bits, m.bits)
	}
	signs, r := m.reg(), m.reg()
	m.do("VPSLLV"+suffix, shifts, m.bits, signs)
	m.do("VMASKMOV"+m.fp(), m.address(m.srcs[source], place{off: i * m.width}), signs, r)
	return r
}

func (m avx2) addWord() {
	for i := range 256 / m.width {
		m.do("VPADDQ", operand.Mem{Base: m.dst, Disp: i * m.width}, m.readSum(i), m.readSum(i))
	}
}
