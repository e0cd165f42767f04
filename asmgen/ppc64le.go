package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// ppc64le is VSX as POWER8 has it. The numbers of lanes count from the register's
// most significant end, where its loads put what is first in memory.
type ppc64le struct{ masked }

// newPPC64LE leaves R0, which Go holds at zero, R1, R2, R13, R30 and R31.
func newPPC64LE() *ppc64le {
	m := &ppc64le{masked{isa: "VSX", regs: roles{
		dst: 3, src: []gp{4, 5, 6}, n: 7, rows: 8, end: 9, stride: 10, row: 10, dstRow: 11, srcRow: 14,
		index: []gp{15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25}, words: 8, spares: [2]gp{26, 9},
	}}}
	m.primitives = m
	return m
}

func (m *ppc64le) spare() gp { return 26 }

func (m *ppc64le) displaced(base gp, bytes int) text {
	if bytes == 0 {
		return memory(base, 0)
	}
	return m.indexed(base, m.index(place{off: bytes}))
}

func (m *ppc64le) indexed(base, index gp) text {
	return text(fmt.Sprintf("(%s)(%s)", base.Asm(), index.Asm()))
}

// reach fills the registers that stand for displacements, which the vector
// instructions of POWER8 do not have.
func (m *ppc64le) reach(bytes int) {
	for off := m.width; off < bytes; off += m.width {
		m.index(place{off: off})
	}
}

func (m *ppc64le) read(from text, r vec) {
	m.emit(map[int]string{8: "LXSDX", 16: "LXV" + m.lanesOfMoves()}[m.width], from, r)
}

func (m *ppc64le) write(r vec, to text) {
	m.emit(map[int]string{8: "STXSDX", 16: "STXV" + m.lanesOfMoves()}[m.width], r, to)
}

// lanesOfMoves is how loads and stores see a whole vector. preluGrad's are vectors of
// words where doubles asks for their order.
func (m *ppc64le) lanesOfMoves() string {
	if m.k.op.name == preluGrad.name && m.k.elem.size == 4 {
		return "W4X"
	}
	return "D2X"
}

func (m *ppc64le) loadSums(i int) vec {
	return m.of("LXVD2X", m.displaced(m.regs.end, 8*i))
}

func (m *ppc64le) storeSums(r vec, i int) {
	m.emit("STXVD2X", r, m.displaced(m.regs.end, 8*i))
}

func (m *ppc64le) loop(name string) {
	m.emit("PCALIGN", imm(32))
	m.label(name)
}

// compare takes numbers of 15 bits as they are.
func (m *ppc64le) compare(r gp, to int) {
	if to < 1<<15 {
		m.emit("CMP", r, imm(to))
		return
	}
	m.emit("MOVD", imm(to), m.spare())
	m.emit("CMP", r, m.spare())
}

func (m *ppc64le) subtract(bytes int, c condition, to string) {
	m.emit("ADDCCC", imm(-bytes), m.regs.n, m.regs.n) // and compares to 0
	m.emit(map[condition]string{less: "BLT", atLeast: "BGE"}[c], operand.LabelRef(to))
}

func (m *ppc64le) countDown(r gp, loop string) {
	m.emit("ADDCCC", imm(-1), r, r)
	m.emit("BNE", operand.LabelRef(loop))
}

// lanes ends the opcodes of integers.
func (m *ppc64le) lanes() string {
	return map[int]string{1: "B", 2: "H", 4: "W", 8: "D"}[m.k.elem.size]
}

func (m *ppc64le) zero() vec {
	return m.constant("zero", m.reg, func(r vec) { m.emit("VXOR", r, r, r) })
}

// floor shifts ones to the left, by the low bits of each lane.
func (m *ppc64le) floor() vec {
	e := m.k.elem
	return m.constant("floor", m.reg, func(r vec) {
		shift := m.reg()
		lane, count := m.lanes(), e.magnitude
		if count > 15 {
			count -= 8 * e.size
		}
		if e.size == 8 {
			lane = "W"
		}
		m.emit("VSPLTISW", imm(-1), r)
		m.emit("VSPLTIS"+lane, imm(count), shift)
		m.emit("VSL"+m.lanes(), r, shift, r)
	})
}

func (m *ppc64le) fill(from operand.Op, r vec) {
	size := m.k.elem.size
	m.emit(map[int]string{1: "MOVBZ", 2: "MOVHZ", 4: "MOVWZ", 8: "MOVD"}[size], from, m.spare())
	m.emit("MTVSRD", m.spare(), r)
	if size == 8 {
		m.emit("XXPERMDI", r, r, imm(0), r)
	} else {
		m.emit("VSPLT"+m.lanes(), imm(8/size-1), r, r)
	}
}

func (m *ppc64le) and(a, b vec) vec          { return m.of("VAND", a, b) }
func (m *ppc64le) andNot(a, b vec) vec       { return m.of("VANDC", a, b) }
func (m *ppc64le) choose(mask, a, b vec) vec { return m.of("VSEL", b, a, mask) }
func (m *ppc64le) above(a, b vec) vec        { return m.of("VCMPGTS"+m.lanes(), a, b) }
func (m *ppc64le) equal(a, b vec) vec        { return m.of("VCMPEQU"+m.lanes(), a, b) }

// integer emits a maximum or minimum, which Go's assembler does not know.
func (m *ppc64le) integer(code uint32, name string, a, b vec) vec {
	r := m.reg()
	size := uint32(log2(m.k.elem.size))
	kind := 'u'
	if !m.k.elem.unsigned {
		code, kind = code+0x100, 's'
	}
	m.word(4<<26|field(r)<<21|field(a)<<16|field(b)<<11|code|size<<6, "%s%c%c v%d,v%d,v%d",
		name, kind, "bhwd"[size], field(r), field(a), field(b))
	return r
}

func (m *ppc64le) greatest(a, b vec) vec { return m.integer(0x002, "vmax", a, b) }
func (m *ppc64le) least(a, b vec) vec    { return m.integer(0x202, "vmin", a, b) }

// float writes r by arithmetic or a comparison on floats, none of which Go's
// assembler knows. VSX has V0 as its register 32.
func (m *ppc64le) float(size int, code uint32, name string, r, a, b vec) vec {
	precision := 's'
	if size == 8 {
		code, precision = code+0x100, 'd'
	}
	m.word(60<<26|field(r)<<21|field(a)<<16|field(b)<<11|code|7, "%s%cp vs%d,vs%d,vs%d",
		name, precision, 32+field(r), 32+field(a), 32+field(b))
	return r
}

func (m *ppc64le) plus(a, b vec) vec  { return m.float(m.k.elem.size, 0x200, "xvadd", m.reg(), a, b) }
func (m *ppc64le) times(a, b vec) vec { return m.float(m.k.elem.size, 0x280, "xvmul", m.reg(), a, b) }
func (m *ppc64le) floatAbove(a, b vec) vec {
	return m.float(m.k.elem.size, 0x258, "xvcmpgt", m.reg(), a, b)
}
func (m *ppc64le) floatAtLeast(a, b vec) vec {
	return m.float(m.k.elem.size, 0x298, "xvcmpge", m.reg(), a, b)
}
func (m *ppc64le) accumulate(sums, v vec) { m.float(8, 0x200, "xvadd", sums, sums, v) }

// doubles spreads the words to where the conversion takes them.
func (m *ppc64le) doubles(v vec) (low, high vec) {
	return m.of("XVCVSPDP", m.of("XXMRGHW", v, v)), m.of("XVCVSPDP", m.of("XXMRGLW", v, v))
}

func (m *ppc64le) inf() vec {
	return m.constant("inf", m.reg, func(r vec) {
		m.emit("MOVD", imm(0x8000+m.k.elem.floor()), m.spare())
		m.emit("MTVSRD", m.spare(), r)
		m.emit("VSPLTH", imm(3), r, r)
	})
}

func (m *ppc64le) pair(first, second int64, r vec) {
	other := m.reg()
	for i, v := range []vec{r, other} {
		m.emit("MOVD", imm([]int64{first, second}[i]), m.spare())
		m.emit("MTVSRD", m.spare(), v)
	}
	m.emit("XXPERMDI", r, other, imm(0), r)
}

func (m *ppc64le) pack(size int, a, b vec) vec {
	r := m.reg()
	code := map[int]uint32{1: 0x18e, 2: 0x1ce, 4: 0x5ce}[size]
	m.word(4<<26|field(r)<<21|field(a)<<16|field(b)<<11|code, "vpks%css v%d,v%d,v%d", "?hw?d"[size], field(r), field(a), field(b))
	return r
}

// order is that in which loads left the elements: backwards in each 8 bytes.
func (m *ppc64le) order() vec {
	return m.constant("order", m.reg, func(r vec) {
		var halves [2]int64
		for i := range 16 {
			halves[i/8] = halves[i/8]<<8 | int64(8*((15-i)^(8/m.k.elem.size-1)))
		}
		m.pair(halves[0], halves[1], r)
	})
}

func (m *ppc64le) gather(bytes, order vec) vec {
	return m.of("VBPERMQ", m.of("VCMPGTUB", bytes, m.zero()), order)
}

func (m *ppc64le) bitsSet(v vec) vec  { return m.of("VPOPCNTD", v) }
func (m *ppc64le) sumUp(sum, v vec)   { m.emit("VADDUDM", sum, v, sum) }
func (m *ppc64le) number(v vec, r gp) { m.emit("MFVSRD", v, r) }
func (m *ppc64le) spread(half text, r vec) {
	m.emit("MOVHZ", half, m.spare())
	m.emit("MTVSRD", m.spare(), r)
	if m.k.elem.size == 8 {
		m.emit("XXPERMDI", r, r, imm(0), r)
	} else {
		m.emit("VSPLTW", imm(1), r, r)
	}
}

func (m *ppc64le) shiftRight(by int, v vec) {
	count := m.constant("shift", m.reg, func(r vec) { m.emit("VSPLTISW", imm(by), r) })
	m.emit("VSR"+m.lanes(), v, count, v)
}
