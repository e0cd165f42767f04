package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx512 keeps its comparisons in mask registers. Short slices take the paths
// of avx2, because a masked 512-bit vector costs more than two of 256 bits.
type avx512 struct{ avx2 }

func (m avx512) widths() []int { return append([]int{64}, m.avx2.widths()...) }

func (m avx512) narrow() bool { return m.width < 64 }

func (m avx512) load(source int, at place) vec {
	if m.narrow() {
		return m.avx2.load(source, at)
	}
	if m.folds(source) {
		return m.address(m.srcs[source], at)
	}
	r := m.reg()
	m.VMOVDQU64(m.address(m.srcs[source], at), r)
	return r
}

func (m avx512) store(v vec, at place) {
	if m.narrow() {
		m.avx2.store(v, at)
		return
	}
	m.VMOVDQU64(v, m.target(at))
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

// keep is v where the mask is set and 0 elsewhere.
func (m avx512) keep(v vec, mask reg.Register) vec {
	r := m.reg()
	m.do(fmt.Sprintf("VMOVDQU%d_Z", 8*m.k.elem.size), v, mask, r)
	return r
}

func (m avx512) rectify(x vec) vec {
	if m.narrow() {
		return m.avx2.rectify(x)
	}
	if m.k.elem.magnitude == 0 {
		r := m.reg()
		m.do("VPMAXS"+m.integer(), m.zero(), x, r)
		return r
	}
	mask := m.K()
	m.do("VPCMPGT"+m.integer(), m.floor(), x, mask)
	return m.keep(x, mask)
}

func (m avx512) gate(g, x vec) vec {
	if m.narrow() {
		return m.avx2.gate(g, x)
	}
	positive, mask := m.K(), m.K()
	m.do("VPCMPGT"+m.integer(), m.floor(), x, positive)
	m.do("VPTESTM"+m.integer(), x, x, positive, mask)
	return m.keep(g, mask)
}

func (m avx512) gateBelow(g, x, limit vec) vec {
	if m.narrow() {
		return m.avx2.gateBelow(g, x, limit)
	}
	mask := m.K()
	m.do("VCMP"+m.fp(), operand.U8(0x19), limit, x, mask) // not x >= limit
	return m.keep(g, mask)
}

func (m avx512) scale(v, x, slope vec) vec {
	if m.narrow() {
		return m.avx2.scale(v, x, slope)
	}
	mask := m.K()
	m.do("VCMP"+m.fp(), operand.U8(0x12), m.zero(), x, mask) // x <= 0
	m.do("VMUL"+m.fp(), slope, v, mask, v)
	return v
}

// scaleMax compares integers, since slope*0 is 0: that is cheaper.
func (m avx512) scaleMax(x, slope vec) vec {
	if m.narrow() {
		return m.avx2.scaleMax(x, slope)
	}
	mask := m.K()
	m.do("VPCMP"+m.integer(), operand.U8(2), m.floor(), x, mask) // x <= floor
	m.do("VMUL"+m.fp(), slope, x, mask, x)
	return x
}

func (m avx512) clip(x, limit vec) vec {
	if m.narrow() {
		return m.avx2.clip(x, limit)
	}
	mask, r := m.K(), m.reg()
	m.do("VPCMPGT"+m.integer(), m.floor(), x, mask)
	if m.k.elem.float {
		m.do("VMIN"+m.fp()+"_Z", x, limit, mask, r) // NaN gives the first operand
	} else {
		m.do("VPMINS"+m.integer()+"_Z", x, limit, mask, r)
	}
	return r
}

func (m avx512) accumulate(sums vec, i int) vec {
	g, x, mask := m.doubles(0, i), m.doubles(1, i), m.K()
	zero := m.reg()
	m.VPXORQ(zero, zero, zero)
	m.VCMPPD(operand.U8(0x12), zero, x, mask) // x <= 0
	m.VMULPD(g, x, g)
	m.VADDPD(g, sums, mask, sums)
	return sums
}
