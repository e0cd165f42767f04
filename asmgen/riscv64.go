package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
)

// rvv is the vector extension of RISC-V. Its vectors are as long as the CPU
// makes them: each VSETVLI says how many elements are left and is told how many
// the instructions after it do. So there is no tail, and the skeleton is that of
// one loop.
type rvv struct{ writer }

// once fills a scalar register before the loop.
func (m *rvv) once(opcode string, from operand.Op, r vec) {
	m.constant(r.Asm(), func() vec { return r }, func(r vec) { m.emit(opcode, from, r) })
}

// x is a general register.
type x int

func (r x) Asm() string { return fmt.Sprintf("X%d", int(r)) }

// The registers of a kernel. Sources follow dst.
const (
	rvvZero    x = 0
	rvvScalar  x = 18 // and those after it
	rvvFloor   x = 6
	rvvInf     x = 8
	rvvSpan    x = 9
	rvvRow     x = 7 // where the source begins that each row meets
	rvvRows    x = 28
	rvvRowSize x = 29
	rvvSums    x = 30
	rvvDst     x = 10
	rvvSrc     x = 11
	rvvN       x = 15 // elements that are left
	rvvVL      x = 16 // elements that a vector takes of them
	rvvBytes   x = 17
	rvvBits    x = 5  // the bytes of a mask for a vector, or the bits set in it
	rvvSum     x = 28 // of those
)

// rf is a scalar that a vector instruction takes.
type rf int

func (r rf) Asm() string { return fmt.Sprintf("F%d", int(r)) }

const (
	rvvFloatZero   rf = 0
	rvvFloatScalar rf = 10
)

// rvvMask is the one mask that instructions obey. The others are made on the way.
const (
	rvvMask  = text("V0")
	rvvOther = text("V1")
)

// rvvGroup is the number of registers that are one vector.
const rvvGroup = 8

var rvvGroups = []vec{text("V8"), text("V16"), text("V24")}

func (m *rvv) reg() vec { return m.take(rvvGroups...) }

// write writes a kernel.
func (m *rvv) write(k kernel) {
	if k.plain != "" {
		return
	}
	m.function(k, "RVV")
	for i, p := range append([]string{k.dst()}, k.sources...) {
		m.emit("MOV", m.param(p), rvvDst+x(i))
	}
	switch {
	case k.op.name == preluGrad.name:
		m.sumRows()
	case k.op.masks:
		m.words()
	case k.op.rows:
		last := rvvDst + x(len(k.sources))
		m.emit("MOV", m.param("row"), rvvRowSize)
		m.emit("MOV", m.param("rows"), rvvRows)
		m.emit("MOV", last, rvvRow)
		m.newPath()
		m.label("row")
		m.emit("MOV", rvvRow, last)
		m.emit("MOV", rvvRowSize, rvvN)
		m.strips()
		m.emit("ADD", imm(-1), rvvRows)
		m.emit("BNEZ", rvvRows, operand.LabelRef("row"))
	default:
		m.emit("MOV", m.param("n"), rvvN)
		if k.cut() {
			m.emit("MOV", imm(pieceBytes/k.elem.size), rvvVL)
			m.emit("BLT", rvvVL, rvvN, operand.LabelRef("pieces"))
		}
		m.newPath()
		m.strips()
	}
	m.finish()
	if k.cut() {
		m.label("pieces")
		m.leave(k.pieces())
	}
}

// strips does the elements that are left.
func (m *rvv) strips() {
	m.emit("PCALIGN", imm(16))
	m.label("loop")
	m.setVL(rvvN, rvvGroup)
	src := make([]vec, len(m.k.sources))
	for i := range src {
		src[i] = m.load(rvvSrc + x(i))
	}
	m.emit("SUB", rvvVL, rvvN)
	bytes := rvvVL
	if shift := log2(m.k.elem.size); shift > 0 {
		bytes = rvvBytes
		m.emit("SLL", imm(shift), rvvVL, bytes)
	}
	for i := range src {
		m.emit("ADD", bytes, rvvSrc+x(i))
	}
	var scalars []vec
	for i, name := range m.k.scalars {
		scalars = append(scalars, m.scalar(i, name))
	}
	m.store(m.k.body(m, src, scalars), rvvDst)
	m.emit("ADD", bytes, rvvDst)
	m.emit("BNEZ", rvvN, operand.LabelRef("loop"))
}

// sumRows is preluGrad. 16 sums of 64 bits are a group where vectors have the
// least length, 128 bits.
func (m *rvv) sumRows() {
	const sums, g, v = text("V8"), text("V16"), text("V24")
	m.emit("MOV", m.param("sums"), rvvSums)
	m.emit("MOV", m.param("rows"), rvvRows)
	m.emit("MOV", m.param("stride"), rvvBytes)
	m.emit("SLL", imm(log2(m.k.elem.size)), rvvBytes)
	m.newPath()
	m.emit("MOV", imm(lanes), rvvN)
	m.setVL(rvvN, m.k.elem.size*lanes*8/128)
	m.emit("VLE64V", memory(rvvSums, 0), sums)
	m.label("loop")
	m.emit(m.move("VL"), memory(rvvSrc, 0), g)
	m.emit(m.move("VL"), memory(rvvSrc+1, 0), v)
	m.notPositive(v)
	m.emit("VFMULVV", g, v, v)
	if m.k.elem.size == 8 {
		m.emit("VFADDVV", v, sums, rvvMask, sums)
	} else {
		m.emit("VFWADDWV", v, sums, rvvMask, sums)
	}
	m.emit(m.move("VL"), memory(rvvSrc+2, 0), v)
	m.emit("VFMULVV", v, g, rvvMask, g)
	m.emit(m.move("VS"), g, memory(rvvDst, 0))
	for i := range 3 { // dst, grad and x
		m.emit("ADD", rvvBytes, rvvDst+x(i))
	}
	m.emit("ADD", imm(-1), rvvRows)
	m.emit("BNEZ", rvvRows, operand.LabelRef("loop"))
	m.emit("VSE64V", sums, memory(rvvSums, 0))
}

// words is one of masks. Vectors have as many elements as they can, a power of two
// from 16 on, and the last has what is left: so each begins with a byte of the mask.
// VSETVLI may halve what is more than a vector and less than two.
func (m *rvv) words() {
	m.emit("MOV", m.param("words"), rvvN)
	m.emit("SLL", imm(6), rvvN)
	if m.k.op.name == "active" {
		m.emit("MOV", memory(rvvDst, 0), rvvSum)
	}
	m.newPath()
	m.setVL(x(0), rvvGroup)
	m.label("loop")
	m.emit("BGE", rvvN, rvvVL, operand.LabelRef("whole"))
	m.setVL(rvvN, rvvGroup)
	m.label("whole")
	v := m.load(rvvDst + x(len(m.k.sources)))
	switch m.k.op.name {
	case readLimit.name:
		sum := m.constant("sum", m.reg, func(vec) {})
		m.emit("VADDVV", v, sum, sum)
	case "gradMask":
		m.emit("VLMV", memory(rvvSrc, 0), rvvMask)
		m.emit("VMNOTM", rvvMask, rvvMask)
		m.store(m.clear(v), rvvDst)
	case "mask":
		m.emit("VSMV", m.active(v), memory(rvvDst, 0))
	case "reluMask":
		m.emit("VSMV", m.active(v), memory(rvvSrc, 0))
		m.store(m.clear(v), rvvDst)
	case "active":
		m.emit("VCPOPM", m.active(v), rvvBits)
		m.emit("ADD", rvvBits, rvvSum)
	}
	m.used = nil
	m.emit("SUB", rvvVL, rvvN)
	m.emit("SRL", imm(3), rvvVL, rvvBits)
	m.emit("SLL", imm(log2(m.k.elem.size)), rvvVL, rvvBytes)
	for i, p := range append([]string{m.k.dst()}, m.k.sources...) {
		switch m.k.step(p) {
		case 0:
		case 8:
			m.emit("ADD", rvvBits, rvvDst+x(i))
		default:
			m.emit("ADD", rvvBytes, rvvDst+x(i))
		}
	}
	m.emit("BNEZ", rvvN, operand.LabelRef("loop"))
	if m.k.op.name == "active" {
		m.emit("MOV", rvvSum, memory(rvvDst, 0))
	}
}

// active is the mask of the elements that are not <= 0, and sets that of the others.
func (m *rvv) active(v vec) vec {
	m.notPositive(v)
	m.emit("VMNOTM", rvvMask, rvvOther)
	return rvvOther
}

// setVL makes vectors of as many elements of n as there is room for. Elements
// beyond them are lost; those that a mask leaves out stay as they are.
func (m *rvv) setVL(n x, group int) {
	m.emit("VSETVLI", n, text(fmt.Sprintf("E%d", 8*m.k.elem.size)), text(fmt.Sprintf("M%d", group)),
		text("TA"), text("MU"), rvvVL)
}

// move is the opcode that loads (VL) or stores (VS) a vector.
func (m *rvv) move(direction string) string { return fmt.Sprintf("%sE%dV", direction, 8*m.k.elem.size) }

func (m *rvv) load(from x) vec {
	r := m.reg()
	m.emit(m.move("VL"), memory(from, 0), r)
	return r
}

func (m *rvv) store(r vec, to x) {
	m.emit(m.move("VS"), r, memory(to, 0))
	m.used = nil
}

// scalar is the register of a scalar parameter.
func (m *rvv) scalar(i int, name string) vec {
	if m.k.elem.float {
		f := rvvFloatScalar + rf(i)
		m.once(map[int]string{4: "MOVF", 8: "MOVD"}[m.k.elem.size], m.param(name), f)
		return f
	}
	r := rvvScalar + x(i)
	m.once(map[int]string{1: "MOVB", 2: "MOVH", 4: "MOVW", 8: "MOV"}[m.k.elem.size], m.param(name), r)
	return r
}

// by completes an opcode: V for vectors alone, F or X where an operand is a
// scalar.
func by(opcode string, r vec) string {
	switch r.(type) {
	case rf:
		return opcode + "VF"
	case x:
		return opcode + "VX"
	}
	return opcode + "VV"
}

func (m *rvv) rectify(v vec) vec {
	if m.k.elem.magnitude == 0 {
		m.emit("VMAXVX", rvvZero, v, v)
		return v
	}
	m.emit("VMSLEVX", m.floor(), v, rvvMask)
	return m.clear(v)
}

// clear is v, or 0 where the mask is set.
func (m *rvv) clear(v vec) vec {
	m.emit("VMERGEVIM", imm(0), v, rvvMask, v)
	return v
}

func (m *rvv) floatZero() rf {
	m.once(map[int]string{4: "FMVWX", 8: "FMVDX"}[m.k.elem.size], rvvZero, rvvFloatZero)
	return rvvFloatZero
}

// notPositive sets the mask where v <= 0.
func (m *rvv) notPositive(v vec) {
	switch e := m.k.elem; {
	case e.float:
		m.emit("VMFLEVF", m.floatZero(), v, rvvMask)
	case e.half():
		m.emit("VMSLEVX", m.floor(), v, rvvMask)
		m.emit("VMSEQVI", imm(0), v, rvvOther)
		m.emit("VMORMM", rvvOther, rvvMask, rvvMask)
	default:
		m.emit("VMSLEVI", imm(0), v, rvvMask)
	}
}

func (m *rvv) halves() []string { return []string{"grad", "clip", "clipGrad"} }

// inf is +Inf of half floats.
func (m *rvv) inf() x {
	m.once("MOV", imm(0x8000+m.k.elem.floor()), rvvInf)
	return rvvInf
}

func (m *rvv) floor() x {
	m.once("MOV", imm(m.k.elem.floor()), rvvFloor)
	return rvvFloor
}

func (m *rvv) gate(g, v vec) vec {
	m.notPositive(v)
	return m.clear(g)
}

func (m *rvv) gateWithin(g, v, limit vec) vec {
	if m.k.elem.float {
		return m.gateBetween(g, v, m.floatZero(), limit)
	}
	// The bits of half floats from limit to +Inf, less limit, are unsigned numbers up
	// to those of +Inf, less limit.
	m.notPositive(v)
	inf := m.inf()
	m.constant("span", func() vec { return rvvSpan }, func(r vec) { m.emit("SUB", limit, inf, r) })
	m.emit("VSUBVX", limit, v, v)
	m.emit("VMSLEUVX", rvvSpan, v, rvvOther)
	m.emit("VMORMM", rvvOther, rvvMask, rvvMask)
	return m.clear(g)
}

func (m *rvv) gateBetween(g, v, lo, hi vec) vec {
	m.emit("VMFLEVF", lo, v, rvvMask)
	m.emit("VMFGEVF", hi, v, rvvOther)
	m.emit("VMORMM", rvvOther, rvvMask, rvvMask)
	return m.clear(g)
}

func (m *rvv) scale(v, x, slope vec) vec {
	m.notPositive(x)
	m.emit(by("VFMUL", slope), slope, v, rvvMask, v)
	return v
}

// scaleMax is no maximum, which would not keep NaNs, and no dearer.
func (m *rvv) scaleMax(x, slope vec) vec { return m.scale(x, x, slope) }

func (m *rvv) clip(v, limit vec) vec {
	switch e := m.k.elem; {
	case e.float:
		return m.clamp(v, m.floatZero(), limit)
	case e.half():
		v = m.rectify(v)
		m.emit("VMSLEVX", m.inf(), v, rvvMask) // where it is no NaN above that
		m.emit("VMINVX", limit, v, rvvMask, v)
		return v
	}
	return m.clamp(v, rvvZero, limit)
}

// clamp is right for a bound of 0: the maximum of 0 and -0 is 0.
func (m *rvv) clamp(v, lo, hi vec) vec {
	switch e := m.k.elem; {
	case e.float:
		m.emit("VMFEQVV", v, v, rvvMask) // where it is no NaN
		m.emit("VFMAXVF", lo, v, rvvMask, v)
		m.emit("VFMINVF", hi, v, rvvMask, v)
	case e.unsigned:
		m.emit("VMAXUVX", lo, v, v)
		m.emit("VMINUVX", hi, v, v)
	default:
		m.emit("VMAXVX", lo, v, v)
		m.emit("VMINVX", hi, v, v)
	}
	return v
}

func (m *rvv) add(a, b vec) vec {
	m.emit("VFADDVV", b, a, a)
	return a
}

func (m *rvv) mul(a, b vec) vec {
	m.emit("VFMULVV", b, a, a)
	return a
}

func (m *rvv) square(v vec) vec {
	m.notPositive(v)
	return m.mul(m.clear(v), v)
}

func (m *rvv) pass(v, x vec) vec { return m.gate(v, x) }
