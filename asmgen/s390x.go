package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// s390x is the vector facility with its first enhancements, which brought the
// arithmetic of float32.
type s390x struct{ masked }

// newS390X leaves R10 and R11, which Go's assembler uses, R13, R14 and R15. R0
// cannot be part of an address.
func newS390X() *s390x {
	m := &s390x{masked{isa: "VX", regs: roles{
		dst: 1, src: []gp{2, 3, 4}, n: 5, rows: 0, end: 6, stride: 7, row: 8, dstRow: 9, srcRow: 12,
		index: []gp{7, 8}, words: 7, spares: [2]gp{8, 9},
	}, bigEndian: true}}
	m.primitives = m
	return m
}

func (m *s390x) displaced(base gp, bytes int) text { return memory(base, bytes) }
func (m *s390x) reach(int)                         {}

func (m *s390x) indexed(base, index gp) text {
	return text(fmt.Sprintf("(%s)(%s*1)", base.Asm(), index.Asm()))
}

func (m *s390x) read(from text, r vec) {
	m.emit(map[int]string{8: "VLLEZG", 16: "VL"}[m.width], from, r)
}

func (m *s390x) write(r vec, to text) {
	if m.width == 8 {
		m.emit("VSTEG", imm(0), r, to)
	} else {
		m.emit("VST", r, to)
	}
}

func (m *s390x) loadSums(i int) vec     { return m.of("VL", memory(m.regs.end, 8*i)) }
func (m *s390x) storeSums(r vec, i int) { m.emit("VST", r, memory(m.regs.end, 8*i)) }

func (m *s390x) compare(r gp, to int) { m.emit("CMP", r, imm(to)) }

// subtract's addition sets the condition code.
func (m *s390x) subtract(bytes int, c condition, to string) {
	m.emit("ADD", imm(-bytes), m.regs.n)
	m.emit(map[condition]string{less: "BLT", atLeast: "BGE"}[c], operand.LabelRef(to))
}

func (m *s390x) countDown(r gp, loop string) { m.emit("BRCTG", r, operand.LabelRef(loop)) }

// lanes ends the opcodes of integers.
func (m *s390x) lanes() string {
	return map[int]string{1: "B", 2: "H", 4: "F", 8: "G"}[m.k.elem.size]
}

// signed is what the opcodes of maximum and minimum have before that.
func (m *s390x) signed() string {
	if m.k.elem.unsigned {
		return "L"
	}
	return ""
}

func (m *s390x) zero() vec {
	return m.constant("zero", m.reg, func(r vec) { m.emit("VZERO", r) })
}

// floor has the bits from the sign to the lowest of the exponent.
func (m *s390x) floor() vec {
	return m.constant("floor", m.reg, func(r vec) {
		m.emit("VGM"+m.lanes(), imm(0), imm(8*m.k.elem.size-1-m.k.elem.magnitude), r)
	})
}

func (m *s390x) fill(from operand.Op, r vec) { m.emit("VLREP"+m.lanes(), from, r) }

func (m *s390x) and(a, b vec) vec          { return m.of("VN", a, b) }
func (m *s390x) andNot(a, b vec) vec       { return m.of("VNC", a, b) }
func (m *s390x) choose(mask, a, b vec) vec { return m.of("VSEL", a, b, mask) }
func (m *s390x) above(a, b vec) vec        { return m.of("VCH"+m.lanes(), a, b) }
func (m *s390x) equal(a, b vec) vec        { return m.of("VCEQ"+m.lanes(), a, b) }
func (m *s390x) greatest(a, b vec) vec     { return m.of("VMX"+m.signed()+m.lanes(), a, b) }
func (m *s390x) least(a, b vec) vec        { return m.of("VMN"+m.signed()+m.lanes(), a, b) }

// float writes r by arithmetic or a comparison on floats. Go's assembler knows
// those of float64 alone.
func (m *s390x) float(size int, code uint32, name string, r, a, b vec) vec {
	precision, format := 's', uint32(2)
	if size == 8 {
		precision, format = 'd', 3
	}
	m.vrr(code, format, r, a, b, "%s%cb %%v%d,%%v%d,%%v%d", name, precision, field(r), field(a), field(b))
	return r
}

func (m *s390x) plus(a, b vec) vec  { return m.float(m.k.elem.size, 0xe3, "vfa", m.reg(), a, b) }
func (m *s390x) times(a, b vec) vec { return m.float(m.k.elem.size, 0xe7, "vfm", m.reg(), a, b) }
func (m *s390x) floatAbove(a, b vec) vec {
	return m.float(m.k.elem.size, 0xeb, "vfch", m.reg(), a, b)
}
func (m *s390x) floatAtLeast(a, b vec) vec {
	return m.float(m.k.elem.size, 0xea, "vfche", m.reg(), a, b)
}
func (m *s390x) accumulate(sums, v vec) { m.float(8, 0xe3, "vfa", sums, sums, v) }

// vrr emits an instruction on vectors that Go's assembler does not know. A register's
// fifth bit stands apart.
func (m *s390x) vrr(code, format uint32, r, a, b vec, mnemonic string, arguments ...any) {
	x, y, z := field(r), field(a), field(b)
	high := x>>4<<3 | y>>4<<2 | z>>4<<1
	m.emit("WORD", text(fmt.Sprintf("$%#08x; BYTE $%#02x; BYTE $%#02x // %s",
		0xe7<<24|x&15<<20|y&15<<16|z&15<<12, format<<4|high, code, fmt.Sprintf(mnemonic, arguments...))))
}

// doubles spreads the words to where the conversion takes them.
func (m *s390x) doubles(v vec) (low, high vec) {
	return m.of("VLDEB", m.of("VMRHF", v, v)), m.of("VLDEB", m.of("VMRLF", v, v))
}

func (m *s390x) inf() vec {
	return m.constant("inf", m.reg, func(r vec) { m.emit("VGMH", imm(1), imm(15-m.k.elem.magnitude), r) })
}

func (m *s390x) pair(first, second int64, r vec) {
	m.emit("MOVD", imm(first), m.regs.spares[0])
	m.emit("MOVD", imm(second), m.regs.spares[1])
	m.emit("VLVGP", m.regs.spares[0], m.regs.spares[1], r)
}

func (m *s390x) pack(size int, a, b vec) vec {
	return m.of("VPKS"+map[int]string{1: "H", 2: "F", 4: "G"}[size], a, b)
}

func (m *s390x) order() vec {
	return m.constant("order", m.reg, func(r vec) { m.pair(0x7870686058504840, 0x3830282018100800, r) })
}

func (m *s390x) gather(bytes, order vec) vec {
	r, set := m.reg(), m.of("VCHLB", bytes, m.zero())
	m.vrr(0x85, 0, r, set, order, "vbperm %%v%d,%%v%d,%%v%d", field(r), field(set), field(order))
	return r
}

func (m *s390x) bitsSet(v vec) vec {
	r := m.reg()
	m.vrr(0x50, 3, r, v, vr(0), "vpopctg %%v%d,%%v%d", field(r), field(v))
	return r
}

func (m *s390x) sumUp(sum, v vec)         { m.emit("VAG", v, sum, sum) }
func (m *s390x) number(v vec, r gp)       { m.emit("VLGVG", imm(0), v, r) }
func (m *s390x) spread(half text, r vec)  { m.emit("VLREPH", half, r) }
func (m *s390x) shiftRight(by int, v vec) { m.emit("VESRL"+m.lanes(), imm(by), v, v) }
