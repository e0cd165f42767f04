package main

import "github.com/mmcloughlin/avo/operand"

// avx2 has three-operand instructions: dst = f(a, b) is written f b, a, dst.
type avx2 struct{ *amd64 }

func (m avx2) widths() []int { return []int{32, 16, 8} }

func (m avx2) load(source int, at place) vec {
	if m.folds(source) {
		return m.address(m.srcs[source], at)
	}
	r := m.reg()
	if m.width == 8 {
		m.VMOVQ(m.address(m.srcs[source], at), r)
	} else {
		m.VMOVDQU(m.address(m.srcs[source], at), r)
	}
	return r
}

// folds tells whether the instruction that uses a source loads it too, which
// spares an instruction.
func (m avx2) folds(source int) bool {
	return m.width > 8 && m.k.sources[source] == m.k.once
}

func (m avx2) store(v vec, at place) {
	if m.width == 8 {
		m.VMOVQ(v, m.target(at))
	} else {
		m.VMOVDQU(v, m.target(at))
	}
}

func (m avx2) storePast(v vec, at place) { m.VMOVNTDQ(v, m.target(at)) }

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

func (m avx2) scalar() vec {
	return m.constant("scalar", func(r vec) {
		if m.k.elem.size == 4 {
			// go vet takes the D of VPBROADCASTD for eight bytes.
			m.VBROADCASTSS(m.scalarAddress(), r)
		} else {
			m.do("VPBROADCAST"+m.integer(), m.scalarAddress(), r)
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

func (m avx2) gate(g, x vec) vec {
	r, isZero := m.reg(), m.reg()
	m.do("VPCMPGT"+m.integer(), m.floor(), x, r)
	m.do("VPCMPEQ"+m.integer(), m.zero(), x, isZero)
	m.VPAND(g, r, r)
	m.VPANDN(r, isZero, r)
	return r
}

func (m avx2) gateBelow(g, x, limit vec) vec {
	r := m.reg()
	m.do("VCMP"+m.fp(), operand.U8(0x19), limit, x, r) // not x >= limit
	m.do("VAND"+m.fp(), g, r, r)
	return r
}

func (m avx2) scale(v, x, slope vec) vec {
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
	v := m.rectify(x)
	r := m.reg()
	switch e := m.k.elem; {
	case e.float:
		m.do("VMIN"+m.fp(), v, limit, r) // NaN gives the first operand
	case e.size < 8:
		m.do("VPMINS"+m.integer(), v, limit, r)
	default:
		m.VPCMPGTQ(limit, v, r)
		m.VBLENDVPD(r, limit, v, r)
	}
	return r
}

func (m avx2) add(a, b vec) vec {
	r := m.reg()
	m.do("VADD"+m.fp(), b, a, r)
	return r
}

func (m avx2) loadSums(i int) vec {
	r := m.reg()
	m.VMOVUPD(m.column(i), r)
	return r
}

func (m avx2) storeSums(v vec, i int) { m.VMOVUPD(v, m.column(i)) }

// doubles loads elements from column i as float64.
func (m avx2) doubles(source, i int) vec {
	r := m.reg()
	if m.k.elem.size == 4 {
		m.VCVTPS2PD(m.element(source, i), r)
	} else {
		m.VMOVUPD(m.element(source, i), r)
	}
	return r
}

func (m avx2) accumulate(sums vec, i int) vec {
	g, x, mask := m.doubles(0, i), m.doubles(1, i), m.reg()
	m.VXORPD(mask, mask, mask)
	m.VCMPPD(operand.U8(0x12), mask, x, mask) // x <= 0
	m.VMULPD(g, x, g)
	m.VANDPD(mask, g, g)
	m.VADDPD(g, sums, sums)
	return sums
}
