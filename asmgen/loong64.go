package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/operand"
)

// loong64 is LSX or LASX, the vector instruction sets of LoongArch.
type loong64 struct {
	writer
	isa    string
	width  int
	ended  bool // loongEnd is where the last vector begins
	inLoop bool // vectors stand at loongIndex
}

// loongReg is a general register.
type loongReg int

func (r loongReg) Asm() string { return fmt.Sprintf("R%d", int(r)) }

// The registers of a kernel. Sources follow dst. preluGrad's sums are where
// other kernels have the place of the last vector.
const (
	loongDst loongReg = iota + 4
	loongSrc
	loongN loongReg = iota + 6 // in bytes
	loongStride
	loongEnd
	loongSpare
	loongRows
	loongIndex
)

// loongVec is a vector register, of which a path uses the low 8, 16 or 32 bytes.
type loongVec int

func (r loongVec) Asm() string { return fmt.Sprintf("V%d", int(r)) }

// v is the register as the vector instructions name it.
func (m *loong64) v(r vec) text {
	if m.width == 32 {
		return text(fmt.Sprintf("X%d", int(r.(loongVec))))
	}
	return text(r.Asm())
}

// f is the register in loads and stores of the path's width.
func (m *loong64) f(r vec) text {
	if m.width <= 8 {
		return text(fmt.Sprintf("F%d", int(r.(loongVec))))
	}
	return m.v(r)
}

// move is the opcode of those.
func (m *loong64) move() string {
	return map[int]string{8: "MOVD", 16: "VMOVQ", 32: "XVMOVQ"}[m.width]
}

// op is an opcode of LSX in the path's width.
func (m *loong64) op(opcode string) string {
	if m.width == 32 {
		return "X" + opcode
	}
	return opcode
}

// lanes is the size of the kernel's elements as Go's opcodes have it, and float
// the same for arithmetic.
func (m *loong64) lanes() string { return string("BH W   V"[m.k.elem.size-1]) }
func (m *loong64) float() string { return string("F   D"[m.k.elem.size-4]) }

// vector emits an instruction on vectors, which writes the last.
func (m *loong64) vector(opcode string, operands ...vec) {
	var named []operand.Op
	for _, r := range operands {
		named = append(named, m.v(r))
	}
	m.emit(m.op(opcode), named...)
}

// wordOf emits an instruction that Go's assembler does not know, by its code
// in LSX and what that has more in LASX. The registers are in the manual's
// order, the first of them written.
func (m *loong64) wordOf(code, more uint32, mnemonic string, tail string, operands ...vec) {
	prefix := "$vr"
	if m.width == 32 {
		code += more
		mnemonic, prefix = "x"+mnemonic, "$xr"
	}
	var names []string
	for i, r := range operands {
		code |= uint32(r.(loongVec)) << (5 * i)
		names = append(names, fmt.Sprintf("%s%d", prefix, int(r.(loongVec))))
	}
	m.word(code, "%s", mnemonic+" "+strings.Join(names, ", ")+tail)
}

func (m *loong64) name() string { return m.isa }

func (m *loong64) widths() []int {
	if m.isa == "LASX" {
		return []int{32}
	}
	return []int{16, 8}
}

// unroll is none: no model of a LoongArch CPU says that more would pay, and an index
// for all pointers leaves two instructions to go round a loop.
func (m *loong64) unroll() int { return 1 }

func (m *loong64) shorter() string {
	if m.isa == "LASX" {
		return "LSX"
	}
	return m.k.shortByGo()
}

var loongVectors = func() (all []vec) {
	for i := range 32 {
		all = append(all, loongVec(i))
	}
	return all
}()

func (m *loong64) reg() vec { return m.take(loongVectors...) }

// begin of LASX leaves up to two vectors to LSX before it loads the arguments.
func (m *loong64) begin(k kernel) {
	m.function(k, m.isa)
	n, whole := loongN, true
	switch {
	case k.op.name == preluGrad.name:
		m.emit("MOVV", m.param("sums"), loongEnd)
		m.emit("MOVV", m.param("rows"), loongRows)
		m.emit("MOVV", m.param("stride"), loongStride)
		n, whole = loongStride, false
	case k.op.rows:
		m.emit("MOVV", m.param("row"), n)
		m.emit("MOVV", m.param("rows"), loongRows)
		whole = false
	case k.op.masks:
		m.emit("MOVV", m.param("words"), n)
		m.emit("SLLV", imm(log2(64/k.part(m.isa))), n)
		whole = false
	default:
		m.emit("MOVV", m.param("n"), n)
	}
	if shift := log2(k.elem.size); shift > 0 && !k.op.masks {
		m.emit("SLLV", imm(shift), n)
	}
	if whole && m.isa == "LASX" {
		m.jump(above, 2*m.widths()[0], "long")
		m.leave(k.name() + m.shorter())
		m.label("long")
	}
	for i, p := range append([]string{k.dst()}, k.sources...) {
		m.emit("MOVV", m.param(p), loongDst+loongReg(i))
	}
}

func (m *loong64) path(width int) {
	m.way(width)
	m.newPath()
}

func (m *loong64) way(width int) {
	m.width = width
	m.ended, m.inLoop = false, false
	m.newWay()
}

// label forgets where the last vector begins, except in a loop: where a jump comes
// from, that may not be known.
func (m *loong64) label(name string) {
	m.ended = m.ended && m.inLoop
	m.writer.label(name)
}

func (m *loong64) memory(base loongReg, at place) text {
	switch {
	case at.fromEnd:
		m.markLast()
		return loongIndexed(base, loongEnd)
	case m.inLoop:
		return loongIndexed(base, loongIndex)
	}
	return memory(base, at.off)
}

func loongIndexed(base, index loongReg) text {
	return text(fmt.Sprintf("(%s)(%s)", base.Asm(), index.Asm()))
}

func (m *loong64) markLast() {
	if !m.ended {
		m.emit("ADDV", imm(-m.width), loongN, loongEnd)
		m.ended = true
	}
}

func (m *loong64) load(source int, at place) vec {
	from := m.memory(loongSrc+loongReg(source), at)
	r := m.reg()
	m.emit(m.move(), from, m.f(r))
	return r
}

func (m *loong64) store(r vec, at place) {
	m.emit(m.move(), m.f(r), m.memory(loongDst, at))
	m.used = nil
}

func (m *loong64) steps(count int, s func(i int) step) {
	for i := range count {
		s(i).store(s(i).result())
	}
}

// markEnd starts the loop: pointers and n stay as they are.
func (m *loong64) markEnd() {
	m.emit("MOVV", imm(0), loongIndex)
	m.inLoop = true
}

func (m *loong64) advance(bytes int) { m.emit("ADDV", imm(bytes), loongIndex) }

// subtract compares the index to its last.
func (m *loong64) subtract(_ int, _ condition, to string) {
	m.emit("BLT", loongIndex, loongEnd, operand.LabelRef(to))
}

// loop's label is aligned to 16 bytes by Go's assembler.
func (m *loong64) loop(name string) { m.label(name) }

func (m *loong64) jump(c condition, bytes int, to string) {
	switch c {
	case less:
		m.emit("ADDV", imm(-bytes), loongN, loongSpare)
		m.emit("BLTZ", loongSpare, operand.LabelRef(to))
	case above:
		m.emit("ADDV", imm(-bytes-1), loongN, loongSpare)
		m.emit("BGEZ", loongSpare, operand.LabelRef(to))
	}
}

func (m *loong64) startRow() { m.inLoop = false }

func (m *loong64) endRow(loop string) {
	for i := range len(m.k.sources) {
		m.emit("ADDV", loongN, loongDst+loongReg(i))
	}
	m.emit("ADDV", imm(-1), loongRows)
	m.emit("BNE", loongRows, operand.LabelRef(loop))
}

// spread puts the spare register into all lanes.
func (m *loong64) spread(r vec) {
	count := map[bool]int{false: 16, true: 32}[m.width == 32] / m.k.elem.size
	m.emit(m.op("VMOVQ"), loongSpare, text(fmt.Sprintf("%s.%s%d", m.v(r).Asm(), m.lanes(), count)))
}

func (m *loong64) zero() vec {
	return m.constant("zero", m.reg, func(r vec) { m.vector("VXORV", r, r, r) })
}

func (m *loong64) floor() vec {
	return m.constant("floor", m.reg, func(r vec) {
		m.emit("MOVV", imm(m.k.elem.floor()), loongSpare)
		m.spread(r)
	})
}

func (m *loong64) halves() []string { return []string{"grad", "clip", "clipGrad"} }

// inf is +Inf of half floats.
func (m *loong64) inf() vec {
	return m.constant("inf", m.reg, func(r vec) {
		m.emit("MOVV", imm(0x8000+m.k.elem.floor()), loongSpare)
		m.spread(r)
	})
}

func (m *loong64) scalar(name string) vec {
	return m.constant(name, m.reg, func(r vec) {
		m.emit("MOV"+m.lanes(), m.param(name), loongSpare)
		m.spread(r)
	})
}

func (m *loong64) intSize() uint32 { return uint32(log2(m.k.elem.size)) << 15 }

func (m *loong64) intName(name string) string {
	return name + "." + string("bh w   d"[m.k.elem.size-1])
}

func (m *loong64) rectify(x vec) vec {
	if m.k.elem.magnitude == 0 {
		m.wordOf(0x72900000|m.intSize(), 0x04000000, m.intName("vmaxi"), ", 0", x, x)
		return x
	}
	mask := m.aboveFloor(x)
	m.vector("VANDV", x, mask, mask)
	return mask
}

// aboveFloor is all ones where x is above the floor.
func (m *loong64) aboveFloor(x vec) vec { return m.ofIntegers("VSLT", x, m.floor()) }

// compare is all ones where a < b, or a <= b, as floats.
func (m *loong64) compare(a vec, condition string, b vec) vec {
	mask := m.reg()
	code := map[string]uint32{"clt": 2 << 15, "cle": 6 << 15}[condition]
	m.wordOf(0x0c500000|code+uint32(m.k.elem.size-4)<<18, 0x00400000,
		"vfcmp."+condition+"."+m.floatName(), "", mask, a, b)
	return mask
}

func (m *loong64) floatName() string { return string("s   d"[m.k.elem.size-4]) }

// choose is a where the mask is clear and b where it is set. It may overwrite
// a.
func (m *loong64) choose(mask, a, b vec) vec {
	m.wordOf(0x0d100000, 0x00100000, "vbitsel.v", "", a, a, b, mask)
	return a
}

// clear is g, or 0 where the mask is set.
func (m *loong64) clear(g, mask vec) vec {
	m.vector("VANDNV", g, mask, g)
	return g
}

// ofIntegers is all ones where an operation on integers of the kernel's size holds.
func (m *loong64) ofIntegers(opcode string, a, b vec) vec {
	mask := m.reg()
	m.vector(opcode+m.lanes(), a, b, mask)
	return mask
}

func (m *loong64) gate(g, x vec) vec {
	if m.k.elem.half() {
		m.vector("VANDV", g, m.aboveFloor(x), g)
		return m.clear(g, m.ofIntegers("VSEQ", x, m.zero()))
	}
	return m.clear(g, m.compare(x, "cle", m.zero()))
}

func (m *loong64) gateWithin(g, x, limit vec) vec {
	if m.k.elem.half() {
		below, nan := m.ofIntegers("VSLT", limit, x), m.ofIntegers("VSLT", x, m.inf())
		m.vector("VORV", below, nan, below)
		g = m.gate(g, x)
		m.vector("VANDV", g, below, g)
		return g
	}
	return m.gateBetween(g, x, m.zero(), limit)
}

func (m *loong64) gateBetween(g, x, lo, hi vec) vec {
	g = m.clear(g, m.compare(x, "cle", lo))
	return m.clear(g, m.compare(hi, "cle", x))
}

func (m *loong64) multiply(a, b, product vec) { m.vector("VMUL"+m.float(), a, b, product) }

func (m *loong64) scale(v, x, slope vec) vec {
	mask := m.compare(x, "cle", m.zero())
	product := m.reg()
	m.multiply(v, slope, product)
	return m.choose(mask, v, product)
}

// scaleMax compares all the same: the float maximum would not keep NaNs. The
// comparison is one of integers, since slope*0 is 0, and cheaper.
func (m *loong64) scaleMax(x, slope vec) vec {
	mask := m.aboveFloor(x)
	product := m.reg()
	m.multiply(x, slope, product)
	return m.choose(mask, product, x)
}

func (m *loong64) clip(x, limit vec) vec {
	if m.k.elem.half() {
		x = m.rectify(x)
		r := m.reg()
		m.wordOf(0x70720000|m.intSize(), 0x04000000, m.intName("vmin"), "", r, x, limit)
		return m.choose(m.ofIntegers("VSLT", x, m.inf()), r, x) // a NaN is above +Inf
	}
	return m.clamp(x, m.zero(), limit)
}

func (m *loong64) clamp(x, lo, hi vec) vec {
	if m.k.elem.float {
		x = m.choose(m.compare(x, "cle", lo), x, lo)
		return m.choose(m.compare(hi, "cle", x), x, hi)
	}
	m.bound(0x70700000, "vmax", x, lo)
	m.bound(0x70720000, "vmin", x, hi)
	return x
}

// bound makes x the maximum or minimum of it and a bound, as integers.
func (m *loong64) bound(code uint32, name string, x, bound vec) {
	suffix := ""
	if m.k.elem.unsigned {
		code, suffix = code+0x00040000, "u"
	}
	m.wordOf(code|m.intSize(), 0x04000000, m.intName(name)+suffix, "", x, x, bound)
}

func (m *loong64) add(a, b vec) vec {
	m.vector("VADD"+m.float(), a, b, a)
	return a
}

func (m *loong64) mul(a, b vec) vec {
	m.multiply(a, b, a)
	return a
}

func (m *loong64) square(x vec) vec {
	x = m.gate(x, x)
	return m.mul(x, x)
}

func (m *loong64) pass(v, x vec) vec { return m.gate(v, x) }

func (m *loong64) prepare() { m.zero() }

func (m *loong64) loadSums(i int) vec {
	r := m.reg()
	m.emit(m.move(), memory(loongEnd, 8*i), m.f(r))
	return r
}

func (m *loong64) storeSums(r vec, i int) {
	m.emit(m.move(), m.f(r), memory(loongEnd, 8*i))
}

func (m *loong64) scaleWithTerms(g, x, slope vec) (scaled, terms vec) {
	mask := m.compare(x, "cle", m.zero())
	m.multiply(slope, g, slope)
	m.multiply(x, g, x)
	m.vector("VANDV", mask, x, x)
	return m.choose(mask, g, slope), x
}

func (m *loong64) addTerms(sums []vec, terms vec) {
	if m.k.elem.size == 8 {
		m.vector("VADDD", sums[0], terms, sums[0])
		return
	}
	if m.width == 32 {
		// The conversions take the halves of each 16 bytes.
		m.emit("XVPERMIV", imm(0b11_01_10_00), m.v(terms), m.v(terms))
	}
	wide := m.reg()
	m.wordOf(0x729df000, 0x04000000, "vfcvtl.d.s", "", wide, terms)
	m.vector("VADDD", sums[0], wide, sums[0])
	m.wordOf(0x729df400, 0x04000000, "vfcvth.d.s", "", wide, terms)
	m.vector("VADDD", sums[1], wide, sums[1])
}

func (m *loong64) nextRow(loop string) {
	for i := range 3 { // dst, grad and x
		m.emit("ADDV", loongStride, loongDst+loongReg(i))
	}
	m.emit("ADDV", imm(-1), loongRows)
	m.emit("BNE", loongRows, operand.LabelRef(loop))
}

// lacks leaves masks of LASX to LSX: its instructions that narrow keep to 16 bytes, so
// that elements would have to be put in order again.
func (m *loong64) lacks(k kernel) bool { return k.op.masks && m.isa == "LASX" }

// pointer is the register of a parameter.
func (m *loong64) pointer(param string) loongReg {
	return loongDst + loongReg(slices.Index(m.k.sources, param)+1)
}

func (m *loong64) nextWord(loop string) {
	for _, param := range append([]string{m.k.dst()}, m.k.sources...) {
		if step := m.k.step(param) * m.k.part(m.isa) / 64; step > 0 {
			m.emit("ADDV", imm(step), m.pointer(param))
		}
	}
	m.emit("ADDV", imm(-1), loongN)
	m.emit("BNE", loongN, operand.LabelRef(loop))
	m.used = nil
}

// narrow makes a vector of elements of so many bytes, 0 where those of twice as many
// are. No register but the result's stays in use.
func (m *loong64) narrow(size int, vector func() vec) vec {
	before := slices.Clone(m.used)
	var r vec
	if size == m.k.elem.size {
		r = vector()
	} else {
		a := m.narrow(2*size, vector)
		r = m.narrow(2*size, vector)
		m.wordOf(0x73600000|0x4000<<log2(size), 0, map[int]string{1: "vssrani.b.h", 2: "vssrani.h.w", 4: "vssrani.w.d"}[size], ", 0x0", r, a)
	}
	m.used = append(before, r)
	return r
}

// bits are those of 16 elements, as a number in the first lane: whether one is not 0.
func (m *loong64) bits(vector func(i int) vec) vec {
	next := 0
	r := m.narrow(1, func() vec { next++; return vector(next - 1) })
	m.wordOf(0x729c6000, 0, "vmsknz.b", "", r, r)
	return r
}

func (m *loong64) storeWord(pointer string, vector func(i int) vec) {
	m.emit("VMOVQ", text(m.bits(vector).Asm()+".H[0]"), loongSpare)
	m.emit("MOVH", loongSpare, memory(m.pointer(pointer), 0))
}

func (m *loong64) sum() vec {
	return m.constant("sum", m.reg, func(r vec) { m.vector("VXORV", r, r, r) })
}

func (m *loong64) countWord(vector func(i int) vec) {
	sum := m.sum()
	r := m.bits(vector)
	m.vector("VPCNTV", r, r)
	m.vector("VADDV", r, sum, sum)
}

func (m *loong64) addCount() {
	m.emit("VMOVQ", text(m.sum().Asm()+".V[0]"), loongSpare)
	m.emit("MOVV", memory(loongDst, 0), loongEnd)
	m.emit("ADDV", loongEnd, loongSpare)
	m.emit("MOVV", loongSpare, memory(loongDst, 0))
}

func (m *loong64) maskWord() vec { return m.constant("word", m.reg, func(vec) {}) }

func (m *loong64) loadWord(int) {
	m.emit("MOVHU", memory(m.pointer("mask"), 0), loongSpare)
	m.spread(m.maskWord())
}

// keep tests a bit in each lane, and moves on to the next.
func (m *loong64) keep(i, source int) vec {
	perVector := m.width / m.k.elem.size
	bit := m.constant("bit", m.reg, func(r vec) {
		for i, lane := range map[int][]int64{4: {1<<32*2 | 1, 1<<32*8 | 4}, 8: {1, 2}}[m.k.elem.size] {
			m.emit("MOVV", imm(lane), loongSpare)
			m.emit("VMOVQ", loongSpare, text(fmt.Sprintf("%s.V[%d]", r.Asm(), i)))
		}
	})
	mask := m.reg()
	m.vector("VANDV", m.maskWord(), bit, mask)
	m.vector("VSEQ"+m.lanes(), mask, bit, mask)
	m.emit("VSRL"+m.lanes(), imm(perVector), m.maskWord(), m.maskWord())
	r := m.load(source, place{off: i * m.width})
	m.vector("VANDV", r, mask, mask)
	return mask
}

// addWord adds into four sums, which do not wait for each other.
func (m *loong64) addWord() {
	for i := range 4 {
		sum := m.constant(fmt.Sprint("sum", i), m.reg, func(vec) {})
		r := m.reg()
		m.emit("VMOVQ", memory(loongDst, 16*i), r)
		m.vector("VADDV", r, sum, sum)
	}
}
