package main

import "github.com/mmcloughlin/avo/operand"

// sse2 is the baseline of amd64. Its instructions overwrite their last operand.
type sse2 struct{ *amd64 }

func (m sse2) widths() []int { return []int{16, 8} }

func (m sse2) shorter() string { return m.k.shortByGo() }

func (m sse2) load(source int, at place) vec {
	r := m.reg()
	if m.width == 8 {
		m.MOVQ(m.address(m.srcs[source], at), r)
	} else {
		m.MOVOU(m.address(m.srcs[source], at), r)
	}
	return r
}

func (m sse2) store(v vec, at place) {
	if m.width == 8 {
		m.MOVQ(v, m.target(at))
	} else {
		m.MOVOU(v, m.target(at))
	}
}

func (m sse2) copy(v vec) vec {
	r := m.reg()
	m.MOVO(v, r)
	return r
}

func (m sse2) zero() vec {
	return m.constant("zero", func(r vec) { m.PXOR(r, r) })
}

// ones is all ones shifted left (or, for a negative count, right).
func (m sse2) ones(name string, shift int) vec {
	return m.constant(name, func(r vec) {
		m.PCMPEQL(r, r)
		if shift > 0 {
			m.do("PSLL"+m.wide(), operand.U8(shift), r)
		} else {
			m.do("PSRL"+m.wide(), operand.U8(-shift), r)
		}
	})
}

func (m sse2) floor() vec {
	if m.k.elem.magnitude == 0 {
		return m.zero()
	}
	return m.ones("floor", m.k.elem.magnitude)
}

// wide is the suffix of an SSE integer instruction.
func (m sse2) wide() string {
	return map[int]string{1: "B", 2: "W", 4: "L", 8: "Q"}[m.k.elem.size]
}

func (m sse2) scalar(name string) vec {
	return m.constant(name, func(r vec) {
		mem := m.scalarAddress(name)
		switch e := m.k.elem; {
		case e.float && e.size == 4:
			m.MOVSS(mem, r)
			m.PSHUFD(operand.U8(0), r, r)
		case e.size == 8:
			m.MOVQ(mem, r)
			m.PSHUFD(operand.U8(0x44), r, r)
		default:
			gp := m.GP32()
			switch e.size {
			case 1:
				m.MOVBLZX(mem, gp)
			case 2:
				m.MOVWLZX(mem, gp)
			case 4:
				m.MOVL(mem, gp)
			}
			m.MOVD(gp, r)
			if e.size == 1 {
				m.PUNPCKLBW(r, r)
			}
			if e.size <= 2 {
				m.PUNPCKLWL(r, r)
			}
			m.PSHUFD(operand.U8(0), r, r)
		}
	})
}

// spreadSign fills each 64-bit lane of v with its top bit.
func (m sse2) spreadSign(v vec) {
	m.PSHUFD(operand.U8(0xf5), v, v)
	m.PSRAL(operand.U8(31), v)
}

// negative is all ones where a 64-bit x is to be zeroed, which SSE2 has no
// compare for. The sign bit tells for integers. A float is to be zeroed if its
// sign is set and it is no NaN, that is, if adding the greatest mantissa does
// not carry out of the exponent and clear the sign.
func (m sse2) negative(x vec) vec {
	r := m.copy(x)
	if m.k.elem.float {
		m.PADDQ(m.ones("mantissa", m.k.elem.magnitude-64), r)
		m.PAND(x, r)
	}
	m.spreadSign(r)
	return r
}

func (m sse2) rectify(x vec) vec {
	switch e := m.k.elem; {
	case e.size == 8:
		r := m.negative(x)
		m.PANDN(x, r)
		return r
	case e.size == 2 && e.magnitude == 0:
		m.PMAXSW(m.zero(), x)
		return x
	}
	floor := m.floor()
	r := m.copy(x)
	m.do("PCMPGT"+m.wide(), floor, r)
	m.PAND(x, r)
	return r
}

func (m sse2) gate(g, x vec) vec {
	zero := m.zero()
	if m.k.elem.size == 8 {
		r := m.negative(x)
		m.PANDN(g, r)
		isZero, swapped := m.copy(x), m.reg()
		m.PCMPEQL(zero, isZero)
		m.PSHUFD(operand.U8(0xb1), isZero, swapped)
		m.PAND(swapped, isZero)
		m.PANDN(r, isZero)
		return isZero
	}
	floor := m.floor()
	r, isZero := m.copy(x), m.copy(x)
	m.do("PCMPGT"+m.wide(), floor, r)
	m.PAND(g, r)
	m.do("PCMPEQ"+m.wide(), zero, isZero)
	m.PANDN(r, isZero)
	return isZero
}

func (m sse2) halves() []string { return []string{"grad", "clip", "clipGrad"} }

// inf is +Inf in each lane of half floats.
func (m sse2) inf() vec {
	return m.constant("inf", func(r vec) {
		m.PCMPEQL(r, r)
		m.PSLLW(operand.U8(m.k.elem.magnitude+1), r)
		m.PSRLW(operand.U8(1), r)
	})
}

func (m sse2) gateWithin(g, x, limit vec) vec {
	if m.k.elem.half() {
		below := m.greater(limit, x)
		m.POR(m.greater(x, m.inf()), below)
		g = m.gate(g, x)
		m.PAND(below, g)
		return g
	}
	g = m.gate(g, x)
	below := m.copy(limit)
	m.do("CMP"+m.fp(), x, below, operand.U8(6)) // not limit <= x
	m.PAND(g, below)
	return below
}

func (m sse2) scale(v, x, slope vec) vec {
	zero := m.zero()
	mask, product := m.copy(x), m.copy(slope)
	m.do("CMP"+m.fp(), zero, mask, operand.U8(2)) // x <= 0
	m.do("MUL"+m.fp(), v, product)
	return m.choose(mask, product, v)
}

func (m sse2) scaleMax(x, slope vec) vec {
	product := m.copy(slope)
	m.do("MUL"+m.fp(), x, product)
	m.do("MAX"+m.fp(), x, product) // NaN, and equals, give the first operand
	return product
}

// choose is a where mask is set and b elsewhere; it takes all three over.
func (m sse2) choose(mask, a, b vec) vec {
	m.PAND(mask, a)
	m.PANDN(b, mask)
	m.POR(a, mask)
	return mask
}

func (m sse2) clip(x, limit vec) vec {
	v := m.rectify(x)
	above := m.copy(limit)
	switch e := m.k.elem; {
	case e.float:
		m.do("MIN"+m.fp(), v, above) // NaN gives the first operand
		return above
	case e.half():
		m.PMINSW(v, above)
		return m.choose(m.greater(v, m.inf()), v, above)
	case e.size == 2:
		m.PMINSW(v, above)
		return above
	case e.size == 8:
		m.PSUBQ(v, above) // both are >= 0: the sign is right
		m.spreadSign(above)
	default:
		above = m.copy(v)
		m.do("PCMPGT"+m.wide(), limit, above)
	}
	return m.choose(above, m.copy(limit), v)
}

func (m sse2) clamp(x, lo, hi vec) vec {
	switch e := m.k.elem; {
	case e.float:
		r, v := m.copy(lo), m.copy(hi)
		m.do("MAX"+m.fp(), x, r) // NaN, and equals, give the first operand
		m.do("MIN"+m.fp(), r, v)
		return v
	case e.size == 1 && e.unsigned:
		m.PMAXUB(lo, x)
		m.PMINUB(hi, x)
		return x
	case e.size == 2 && e.unsigned:
		// Differences that are 0 where they would be less.
		m.PSUBUSW(lo, x)
		m.PADDW(lo, x)
		over := m.copy(x)
		m.PSUBUSW(hi, over)
		m.PSUBW(over, x)
		return x
	case e.size == 2:
		m.PMAXSW(lo, x)
		m.PMINSW(hi, x)
		return x
	}
	x = m.choose(m.greater(lo, x), m.copy(lo), x)
	return m.choose(m.greater(x, hi), m.copy(hi), x)
}

// greater is all ones where a > b, as signed integers.
func (m sse2) greater(a, b vec) vec {
	r := m.copy(a)
	m.do("PCMPGT"+m.wide(), b, r)
	return r
}

// lacks tells of what has no instruction, and is no faster than pure Go: 64-bit
// integers cannot be compared.
func (m sse2) lacks(k kernel) bool {
	return k.public == "Clamp" && k.elem.size == 8 && !k.elem.float
}

func (m sse2) gateBetween(g, x, lo, hi vec) vec {
	below := m.copy(hi)
	m.do("CMP"+m.fp(), x, below, operand.U8(6)) // not hi <= x
	m.do("CMP"+m.fp(), lo, x, operand.U8(6))    // not x <= lo
	m.PAND(x, g)
	m.PAND(below, g)
	return g
}

func (m sse2) add(a, b vec) vec {
	m.do("ADD"+m.fp(), b, a)
	return a
}

func (m sse2) mul(a, b vec) vec {
	m.do("MUL"+m.fp(), b, a)
	return a
}

func (m sse2) square(x vec) vec {
	r := m.copy(m.zero())
	m.do("MAX"+m.fp(), x, r) // NaN gives the first operand
	m.do("MUL"+m.fp(), r, r)
	return r
}

func (m sse2) pass(v, x vec) vec {
	mask := m.copy(x)
	m.do("CMP"+m.fp(), m.zero(), mask, operand.U8(6)) // not x <= 0
	m.PAND(v, mask)
	return mask
}

func (m sse2) loadSums(i int) vec {
	r := m.reg()
	m.MOVUPD(m.column(i), r)
	return r
}

func (m sse2) storeSums(v vec, i int) { m.MOVUPD(v, m.column(i)) }

func (m sse2) prepare() { m.zero() }

func (m sse2) scaleWithTerms(g, x, slope vec) (scaled, terms vec) {
	mask, terms := m.copy(x), x
	m.do("CMP"+m.fp(), m.zero(), mask, operand.U8(2)) // x <= 0
	m.do("MUL"+m.fp(), g, terms)
	m.do("MUL"+m.fp(), g, slope)
	m.PAND(mask, terms)
	return m.choose(mask, slope, g), terms
}

func (m sse2) addTerms(sums []vec, terms vec) {
	if m.k.elem.size == 8 {
		m.ADDPD(terms, sums[0])
		return
	}
	low := m.reg()
	m.CVTPS2PD(terms, low)
	m.ADDPD(low, sums[0])
	high := m.reg()
	m.PSHUFD(operand.U8(0xee), terms, high)
	m.CVTPS2PD(high, high)
	m.ADDPD(high, sums[1])
}

// narrow makes a vector of elements of so many bytes, 0 where those of twice as many
// are.
func (m sse2) narrow(size int, vector func() vec) vec {
	if size == m.k.elem.size {
		return vector()
	}
	a := m.narrow(2*size, vector)
	b := m.narrow(2*size, vector)
	if size == 1 {
		m.PACKSSWB(b, a)
	} else {
		m.PACKSSLW(b, a) // 64-bit elements are two of 32 bits
	}
	return a
}

// eachZero calls f with each vector of bytes of a word, all ones where elements are 0.
func (m sse2) eachZero(vector func(i int) vec, f func(i int, zeros vec)) {
	next := 0
	for i := range m.k.part(m.isa) / 16 {
		r := m.narrow(1, func() vec { next++; return vector(next - 1) })
		m.PCMPEQB(m.zero(), r)
		f(i, r)
	}
}

func (m sse2) storeWord(pointer string, vector func(i int) vec) {
	m.eachZero(vector, func(i int, zeros vec) {
		bits := m.GP32()
		m.PMOVMSKB(zeros, bits)
		m.NOTL(bits)
		m.MOVW(bits.As16(), operand.Mem{Base: m.pointer(pointer), Disp: 2 * i})
	})
}

func (m sse2) sum() vec {
	return m.constant("sum", func(r vec) { m.PXOR(r, r) })
}

func (m sse2) countWord(vector func(i int) vec) {
	minus1 := m.constant("-1", func(r vec) { m.PCMPEQL(r, r) })
	sum := m.sum()
	m.eachZero(vector, func(_ int, zeros vec) {
		m.PSUBB(minus1, zeros)
		m.PSADBW(m.zero(), zeros)
		m.PADDQ(zeros, sum)
	})
}

func (m sse2) addCount() {
	sum, upper, count := m.sum(), m.reg(), m.GP64()
	m.PSHUFD(operand.U8(0xee), sum, upper)
	m.PADDQ(upper, sum)
	m.MOVQ(sum, count)
	m.ADDQ(count, operand.Mem{Base: m.dst})
}

// loadWord has the word's next 32 bits in each lane of 32 bits.
func (m sse2) loadWord(int) { m.bits = m.reg() }

// keep tests a bit in each lane of 32 bits, of which an element may have two.
func (m sse2) keep(i, source int) vec {
	perVector, lanes := m.width/m.k.elem.size, uint32(0x08040201)
	if m.k.elem.size == 8 {
		lanes = 0x02020101
	}
	bit := m.constant("bit", func(r vec) {
		gp := m.GP32()
		m.MOVL(operand.U32(lanes), gp)
		m.MOVD(gp, r)
		m.PUNPCKLBW(m.zero(), r)
		m.PUNPCKLWL(m.zero(), r)
	})
	if first := i * perVector; first%32 == 0 {
		m.MOVSS(operand.Mem{Base: m.pointer("mask"), Disp: first / 8}, m.bits)
		m.PSHUFD(operand.U8(0), m.bits, m.bits)
	} else {
		m.PSRLL(operand.U8(perVector), m.bits)
	}
	r := m.copy(m.bits)
	m.PAND(bit, r)
	m.PCMPEQL(bit, r)
	m.PAND(m.load(source, place{off: i * m.width}), r)
	return r
}

func (m sse2) addWord() {
	for i := range 256 / m.width {
		v := m.reg()
		m.MOVOU(operand.Mem{Base: m.dst, Disp: i * m.width}, v)
		m.PADDQ(v, m.readSum(i))
	}
}
