package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
)

// neon is the vector instruction set of arm64.
type neon struct {
	writer
	width  int
	marked bool // lastReg is the end of dst
}

// gp is a general register.
type gp int

func (r gp) Asm() string { return fmt.Sprintf("R%d", int(r)) }

// The registers of a kernel. Sources follow dst. preluGrad's sums
// are where other kernels have the end of dst.
const (
	dstReg gp = iota
	srcReg
	nReg gp = iota + 4
	strideReg
	lastReg
	spareReg
	rowsReg
	rowReg // in bytes
	dstRowReg
	srcRowReg
)

// v is a vector register.
type v int

func (r v) Asm() string { return fmt.Sprintf("V%d.B16", int(r)) }

// as is the register as lanes of an arrangement, such as S4.
func (r v) as(arrangement string) text { return text(fmt.Sprintf("V%d.%s", int(r), arrangement)) }

// f is the register's name in scalar instructions.
func (r v) f() text { return text(fmt.Sprintf("F%d", int(r))) }

func number(r vec) uint32 { return uint32(r.(v)) }

// lane2 emits a two-source instruction of the form f vd.t, vn.t, vm.t.
func (m *neon) lane2(code uint32, mnemonic string, d, n, s vec) {
	t := m.lanes()
	m.word(code|number(s)<<16|number(n)<<5|number(d), mnemonic+" v%d.%s, v%d.%s, v%d.%s",
		number(d), t, number(n), t, number(s), t)
}

// lanes is the Arm manual's name of the arrangement of the kernel's elements.
func (m *neon) lanes() string {
	return map[int]string{1: "16b", 2: "8h", 4: "4s", 8: "2d"}[m.k.elem.size]
}

// arrangement is Go's name of it.
func (m *neon) arrangement() string {
	return map[int]string{1: "B16", 2: "H8", 4: "S4", 8: "D2"}[m.k.elem.size]
}

// intSize and floatSize are the fields that tell an instruction its lanes.
func (m *neon) intSize() uint32   { return uint32(log2(m.k.elem.size)) << 22 }
func (m *neon) floatSize() uint32 { return uint32(m.k.elem.size/8) << 22 }

func (m *neon) reg() vec { return m.take(vectors...) }

// vectors are all vector registers.
var vectors = func() (all []vec) {
	for i := range 32 {
		all = append(all, v(i))
	}
	return all
}()

func (m *neon) begin(k kernel) {
	m.function(k, "NEON")
	last := nReg
	first := dstReg
	if k.op.rows {
		first = dstRowReg
	}
	for i, p := range append([]string{k.dst()}, k.sources...) {
		m.emit("MOVD", m.param(p), first+gp(i))
	}
	if k.op.masks {
		m.emit("MOVD", m.param("words"), last)
		return
	}
	if k.op.name == preluGrad.name {
		m.emit("MOVD", m.param("sums"), lastReg)
		m.emit("MOVD", m.param("rows"), last)
		m.emit("MOVD", m.param("stride"), strideReg)
		last = strideReg
	} else if k.op.rows {
		m.emit("MOVD", m.param("row"), rowReg)
		m.emit("MOVD", m.param("rows"), rowsReg)
		last = rowReg
	} else {
		m.emit("MOVD", m.param("n"), last)
	}
	if shift := log2(k.elem.size); shift > 0 {
		m.emit("LSL", operand.U8(shift), last, last)
	}
}

func (m *neon) startRow() {
	for i := range len(m.k.sources) + 1 {
		m.emit("MOVD", dstRowReg+gp(i), dstReg+gp(i))
	}
	m.emit("MOVD", rowReg, nReg)
}

func (m *neon) endRow(loop string) {
	for i := range len(m.k.sources) {
		m.emit("ADD", rowReg, dstRowReg+gp(i), dstRowReg+gp(i))
	}
	m.emit("SUBS", text("$1"), rowsReg, rowsReg)
	m.emit("BNE", operand.LabelRef(loop))
}

func (m *neon) name() string { return "NEON" }

func (m *neon) widths() []int { return []int{16, 8} }

// unroll is the four steps that go in turn, for half floats that become float32s: that
// takes so long that the loop's own instructions are few beside it.
func (m *neon) unroll() int {
	if computesHalves(m.k) {
		return 4
	}
	return 8
}

func (m *neon) shorter() string { return "" }

func (m *neon) path(width int) {
	m.way(width)
	m.newPath()
}

func (m *neon) way(width int) {
	m.width = width
	m.marked = false
	m.newWay()
}

// move is the opcode that loads and stores a vector of the path's width.
func (m *neon) move() string {
	return map[int]string{4: "FMOVS", 8: "FMOVD", 16: "FMOVQ"}[m.width]
}

func (m *neon) load(source int, at place) vec {
	base := srcReg + gp(source)
	if at.fromEnd {
		m.emit("ADD", nReg, base, spareReg)
		base = spareReg
	}
	r := m.reg()
	m.emit(m.move(), memory(base, at.off), r.(v).f())
	return r
}

func (m *neon) store(r vec, at place) {
	base := dstReg
	if at.fromEnd && m.marked {
		base = lastReg
	} else if at.fromEnd {
		m.emit("ADD", nReg, base, spareReg)
		base = spareReg
	}
	m.emit(m.move(), r.(v).f(), memory(base, at.off))
	m.used = nil
}

// steps loads and stores in pairs, too.
func (m *neon) steps(count int, s func(i int) step) { m.interleave(count, s, paired) }

// paired joins single loads, or stores, of 16 bytes side by side.
func paired(nodes []ir.Node) []ir.Node {
	var joined []ir.Node
	done := make([]bool, len(nodes))
	for i := range nodes {
		if done[i] {
			continue
		}
		a := nodes[i].(*ir.Instruction)
		node := nodes[i]
		for j := i + 1; j < len(nodes); j++ {
			if pair := pair(a, nodes[j].(*ir.Instruction)); pair != nil && !done[j] {
				node, done[j] = pair, true
				break
			}
		}
		joined = append(joined, node)
	}
	return joined
}

// pair is the load or store of two neighbouring vectors, or nil.
func pair(a, b *ir.Instruction) *ir.Instruction {
	var regs, mems [2]string
	for i, n := range []*ir.Instruction{a, b} {
		if n.Opcode != "FMOVQ" {
			return nil
		}
		regs[i], mems[i] = n.Operands[0].Asm(), n.Operands[1].Asm()
	}
	load := regs[0][0] != 'F'
	if load {
		regs, mems = mems, regs
	}
	var offs, bases [2]int
	for i, s := range mems {
		if _, err := fmt.Sscanf(s, "%d(R%d)", &offs[i], &bases[i]); err != nil {
			if _, err := fmt.Sscanf(s, "(R%d)", &bases[i]); err != nil {
				return nil
			}
		}
	}
	if bases[0] != bases[1] || offs[1] != offs[0]+16 {
		return nil
	}
	both := text(fmt.Sprintf("(%s, %s)", regs[0], regs[1]))
	if load {
		return &ir.Instruction{Opcode: "FLDPQ", Operands: []operand.Op{text(mems[0]), both}}
	}
	return &ir.Instruction{Opcode: "FSTPQ", Operands: []operand.Op{both, text(mems[0])}}
}

func (m *neon) markEnd() {
	m.emit("ADD", nReg, dstReg, lastReg)
	m.marked = true
}

func (m *neon) advance(bytes int) {
	for i := range len(m.k.sources) + 1 {
		m.emit("ADD", text(fmt.Sprintf("$%d", bytes)), dstReg+gp(i), dstReg+gp(i))
	}
}

func (m *neon) subtract(bytes int, c condition, to string) {
	if bytes < 0 { // SUBS would take a register of the assembler's for it
		m.emit("ADDS", text(fmt.Sprintf("$%d", -bytes)), nReg, nReg)
	} else {
		m.emit("SUBS", text(fmt.Sprintf("$%d", bytes)), nReg, nReg)
	}
	m.emit(map[condition]string{less: "BLT", atLeast: "BGE"}[c], operand.LabelRef(to))
}

func (m *neon) loop(name string) {
	m.emit("PCALIGN", operand.U8(32))
	m.label(name)
}

func (m *neon) jump(c condition, bytes int, to string) {
	switch c {
	case less:
		m.compare(bytes)
		m.emit("BLT", operand.LabelRef(to))
	case above:
		m.compare(bytes)
		m.emit("BGT", operand.LabelRef(to))
	case bitClear:
		m.emit("TBZ", text(fmt.Sprintf("$%d", bitOf(bytes))), nReg, operand.LabelRef(to))
	}
}

// bitOf is the number of the only bit set in n.
func bitOf(n int) int {
	bit := 0
	for n > 1 {
		n /= 2
		bit++
	}
	return bit
}

// compare compares n to a number, which Go's assembler puts into R27 if it is a
// long one.
func (m *neon) compare(bytes int) { m.emit("CMP", imm(bytes), nReg) }

func (m *neon) zero() vec {
	return m.constant("zero", m.reg, func(r vec) { m.emit("VEOR", r, r, r) })
}

func (m *neon) floor() vec {
	if m.k.elem.magnitude == 0 {
		return m.zero()
	}
	return m.constant("floor", m.reg, func(r vec) {
		m.emit("MOVD", text(fmt.Sprintf("$%d", m.k.elem.floor())), spareReg)
		m.emit("VDUP", spareReg, r.(v).as(m.arrangement()))
	})
}

func (m *neon) scalar(name string) vec {
	return m.constant(name, m.reg, func(r vec) {
		opcode := map[int]string{1: "MOVB", 2: "MOVH", 4: "MOVW", 8: "MOVD"}[m.k.elem.size]
		m.emit(opcode, m.param(name), spareReg)
		m.emit("VDUP", spareReg, r.(v).as(m.arrangement()))
	})
}

func (m *neon) rectify(x vec) vec {
	switch e := m.k.elem; {
	case e.magnitude == 0 && e.size < 8:
		m.lane2(0x4e206400|m.intSize(), "smax", x, x, m.zero())
		return x
	case e.magnitude == 0:
		// There is no smax of 64-bit lanes. A shift by 0 saturates to unsigned.
		m.word(0x6f406400|number(x)<<5|number(x), "sqshlu v%d.2d, v%d.2d, #0", number(x), number(x))
		return x
	}
	mask := m.positive(x)
	m.emit("VAND", x, mask, mask)
	return mask
}

// positive is all ones where x is above the floor.
func (m *neon) positive(x vec) vec {
	mask := m.reg()
	m.lane2(0x4e203400|m.intSize(), "cmgt", mask, x, m.floor())
	return mask
}

func (m *neon) gate(g, x vec) vec {
	mask := m.passes(x)
	m.emit("VAND", g, mask, mask)
	return mask
}

// passes is all ones where x is not <= 0, by the bits.
func (m *neon) passes(x vec) vec {
	mask := m.positive(x)
	// All ones where mask and x have a bit in common: x is not 0 either.
	m.emit("VCMTST", x.(v).as(m.arrangement()), mask.(v).as(m.arrangement()), mask.(v).as(m.arrangement()))
	return mask
}

// clear is g, or 0 where the mask is set.
func (m *neon) clear(g, mask vec) vec {
	m.word(0x4e601c00|number(mask)<<16|number(g)<<5|number(g), "bic v%d.16b, v%d.16b, v%d.16b", number(g), number(g), number(mask))
	return g
}

func (m *neon) halves() []string {
	return []string{"grad", "clip", "clipGrad", "leaky", "leakyGrad", "square", "add"}
}

// widenLower and widenUpper fill a register with the float32s that four of eight half
// floats are.
func (m *neon) widenLower(x, r vec) {
	if m.k.elem == bfloat16s {
		m.emit("VZIP1", x.(v).as("H8"), m.zero().(v).as("H8"), r.(v).as("H8"))
	} else {
		m.word(0x0e217800|number(x)<<5|number(r), "fcvtl v%d.4s, v%d.4h", number(r), number(x))
	}
}

func (m *neon) widenUpper(x, r vec) {
	if m.k.elem == bfloat16s {
		m.emit("VZIP2", x.(v).as("H8"), m.zero().(v).as("H8"), r.(v).as("H8"))
	} else {
		m.word(0x4e217800|number(x)<<5|number(r), "fcvtl2 v%d.4s, v%d.8h", number(r), number(x))
	}
}

// wide are the float32s that half floats are, the second in the half floats' register.
func (m *neon) wide(x vec) [2]vec {
	lower := m.reg()
	m.widenLower(x, lower)
	m.widenUpper(x, x)
	return [2]vec{lower, x}
}

// narrowHalves rounds float32s to the nearest half float and ties to even. The NaNs
// among them have no bit that a bfloat16 has not, and stay NaNs.
func (m *neon) narrowHalves(w [2]vec) vec {
	a, b := w[0].(v), w[1].(v)
	if m.k.elem == float16s {
		m.word(0x0e216800|number(a)<<5|number(a), "fcvtn v%d.4h, v%d.4s", number(a), number(a))
		m.word(0x4e216800|number(b)<<5|number(a), "fcvtn2 v%d.8h, v%d.4s", number(a), number(b))
		return a
	}
	// 1 more where the lower 16 bits are above half, or are half and the upper odd.
	one := m.constant("1", m.reg, func(r vec) {
		m.emit("MOVD", imm(1), spareReg)
		m.emit("VDUP", spareReg, r.(v).as("H8"))
	})
	upper, even := m.reg().(v), b
	m.emit("VUZP2", b.as("H8"), a.as("H8"), upper.as("H8"))
	m.emit("VUZP1", b.as("H8"), a.as("H8"), a.as("H8"))
	m.word(0x4e601c00|number(upper)<<16|number(one)<<5|number(even), "bic v%d.16b, v%d.16b, v%d.16b", number(even), number(one), number(upper))
	m.word(0x6e602c00|number(even)<<16|number(a)<<5|number(a), "uqsub v%d.8h, v%d.8h, v%d.8h", number(a), number(a), number(even))
	m.emit("VUSRA", imm(15), a.as("H8"), upper.as("H8"))
	return upper
}

// byFloat32 does an instruction on the float32s that half floats are.
func (m *neon) byFloat32(code uint32, mnemonic string, a, b [2]vec) vec {
	for i := range a {
		d, s := number(a[i]), number(b[i])
		m.word(code|s<<16|d<<5|d, mnemonic+" v%d.4s, v%d.4s, v%d.4s", d, d, s)
	}
	return m.narrowHalves(a)
}

// scaleHalf is scale for half floats.
func (m *neon) scaleHalf(g, x, slope vec) vec {
	factor := m.constant("factor", m.reg, func(r vec) { m.widenLower(slope, r) })
	w := [2]vec{m.reg(), m.reg()}
	m.widenLower(g, w[0])
	m.widenUpper(g, w[1])
	r := m.byFloat32(0x6e20dc00, "fmul", w, [2]vec{factor, factor})
	m.emit("VBIT", m.passes(x), g, r)
	return r
}

// inf is +Inf in each lane of half floats.
func (m *neon) inf() vec {
	return m.constant("inf", m.reg, func(r vec) {
		m.emit("MOVD", imm(int64(0x8000+m.k.elem.floor())), spareReg)
		m.emit("VDUP", spareReg, r.(v).as(m.arrangement()))
	})
}

// greater is all ones where a > b, as signed integers.
func (m *neon) greater(a, b vec) vec {
	mask := m.reg()
	m.lane2(0x4e203400|m.intSize(), "cmgt", mask, a, b)
	return mask
}

func (m *neon) gateWithin(g, x, limit vec) vec {
	if m.k.elem.half() {
		below, nan := m.greater(limit, x), m.greater(x, m.inf())
		m.emit("VORR", nan, below, below)
		g = m.gate(g, x)
		m.emit("VAND", below, g, g)
		return g
	}
	return m.clear(m.gate(g, x), m.atLeast(x, limit))
}

// notPositive is all ones where x <= 0, as floats.
func (m *neon) notPositive(x vec) vec {
	mask := m.reg()
	m.word(0x6ea0d800|m.floatSize()|number(x)<<5|number(mask), "fcmle v%d.%s, v%d.%s, #0",
		number(mask), m.lanes(), number(x), m.lanes())
	return mask
}

func (m *neon) scale(v, x, slope vec) vec {
	if m.k.elem.half() {
		return m.scaleHalf(v, x, slope)
	}
	mask := m.notPositive(x)
	product := m.reg()
	m.lane2(0x6e20dc00|m.floatSize(), "fmul", product, v, slope)
	m.emit("VBSL", v, product, mask) // product where the mask is set
	return mask
}

// scaleMax compares all the same: fmax would make signalling NaNs quiet. The
// comparison is one of integers, since slope*0 is 0, and cheaper.
func (m *neon) scaleMax(x, slope vec) vec {
	mask := m.positive(x)
	product := m.reg()
	m.lane2(0x6e20dc00|m.floatSize(), "fmul", product, x, slope)
	m.emit("VBSL", product, x, mask) // x where the mask is set
	return mask
}

func (m *neon) clip(x, limit vec) vec {
	v := m.rectify(x)
	switch e := m.k.elem; {
	case e.float:
		mask := m.reg()
		m.lane2(0x6ea0e400|m.floatSize(), "fcmgt", mask, v, limit)
		m.emit("VBIT", mask, limit, v)
	case e.half():
		nan, r := m.greater(v, m.inf()), m.reg()
		m.lane2(0x4e206c00|m.intSize(), "smin", r, v, limit)
		m.emit("VBIT", nan, v, r)
		return r
	case e.size < 8:
		m.lane2(0x4e206c00|m.intSize(), "smin", v, v, limit)
	default:
		mask := m.reg()
		m.lane2(0x4e203400|m.intSize(), "cmgt", mask, v, limit)
		m.emit("VBIT", mask, limit, v)
	}
	return v
}

func (m *neon) clamp(x, lo, hi vec) vec {
	switch e := m.k.elem; {
	case e.float:
		mask := m.atLeast(lo, x)
		m.emit("VBIT", mask, lo, x)
		mask = m.atLeast(x, hi)
		m.emit("VBIT", mask, hi, x)
	case e.unsigned:
		m.lane2(0x6e206400|m.intSize(), "umax", x, x, lo)
		m.lane2(0x6e206c00|m.intSize(), "umin", x, x, hi)
	case e.size < 8:
		m.lane2(0x4e206400|m.intSize(), "smax", x, x, lo)
		m.lane2(0x4e206c00|m.intSize(), "smin", x, x, hi)
	default:
		mask := m.reg()
		m.lane2(0x4e203400|m.intSize(), "cmgt", mask, lo, x)
		m.emit("VBIT", mask, lo, x)
		m.lane2(0x4e203400|m.intSize(), "cmgt", mask, x, hi)
		m.emit("VBIT", mask, hi, x)
	}
	return x
}

// atLeast is all ones where a >= b, as floats.
func (m *neon) atLeast(a, b vec) vec {
	mask := m.reg()
	m.lane2(0x6e20e400|m.floatSize(), "fcmge", mask, a, b)
	return mask
}

func (m *neon) gateBetween(g, x, lo, hi vec) vec {
	return m.clear(m.clear(g, m.atLeast(lo, x)), m.atLeast(x, hi))
}

func (m *neon) add(a, b vec) vec {
	if m.k.elem.half() {
		return m.byFloat32(0x4e20d400, "fadd", m.wide(a), m.wide(b))
	}
	m.lane2(0x4e20d400|m.floatSize(), "fadd", a, a, b)
	return a
}

func (m *neon) mul(a, b vec) vec {
	m.lane2(0x6e20dc00|m.floatSize(), "fmul", a, a, b)
	return a
}

func (m *neon) square(x vec) vec {
	if m.k.elem.half() {
		w := m.wide(m.rectify(x))
		return m.byFloat32(0x6e20dc00, "fmul", w, w)
	}
	m.lane2(0x4e20f400|m.floatSize(), "fmax", x, x, m.zero())
	return m.mul(x, x)
}

func (m *neon) pass(v, x vec) vec { return m.clear(v, m.notPositive(x)) }

func (m *neon) loadSums(i int) vec {
	r := m.reg()
	m.emit("FMOVQ", memory(lastReg, 8*i), r.(v).f())
	return r
}

func (m *neon) storeSums(r vec, i int) {
	m.emit("FMOVQ", r.(v).f(), memory(lastReg, 8*i))
}

func (m *neon) prepare() {}

func (m *neon) scaleWithTerms(g, x, slope vec) (scaled, terms vec) {
	mask := m.notPositive(x)
	m.lane2(0x6e20dc00|m.floatSize(), "fmul", slope, slope, g)
	m.lane2(0x6e20dc00|m.floatSize(), "fmul", x, x, g)
	m.emit("VAND", mask, x, x)
	m.emit("VBSL", g, slope, mask) // slope*g where the mask is set
	return mask, x
}

func (m *neon) addTerms(sums []vec, terms vec) {
	add := func(sums, terms vec) {
		s, t := number(sums), number(terms)
		m.word(0x4e60d400|t<<16|s<<5|s, "fadd v%d.2d, v%d.2d, v%d.2d", s, s, t)
	}
	if m.k.elem.size == 8 {
		add(sums[0], terms)
		return
	}
	low, high, t := m.reg(), m.reg(), number(terms)
	m.word(0x0e617800|t<<5|number(low), "fcvtl v%d.2d, v%d.2s", number(low), t)
	m.word(0x4e617800|t<<5|number(high), "fcvtl2 v%d.2d, v%d.4s", number(high), t)
	add(sums[0], low)
	add(sums[1], high)
}

func (m *neon) nextRow(loop string) {
	for _, p := range []gp{dstReg, srcReg, srcReg + 1} {
		m.emit("ADD", strideReg, p, p)
	}
	m.emit("SUBS", text("$1"), nReg, nReg)
	m.emit("BNE", operand.LabelRef(loop))
}

// pointer is the register of a parameter.
func (m *neon) pointer(param string) gp { return dstReg + gp(slices.Index(m.k.sources, param)+1) }

func (m *neon) nextWord(loop string) {
	for _, param := range append([]string{m.k.dst()}, m.k.sources...) {
		if step := m.k.step(param); step > 0 {
			m.emit("ADD", imm(step), m.pointer(param), m.pointer(param))
		}
	}
	m.emit("SUBS", imm(1), nReg, nReg)
	m.emit("BNE", operand.LabelRef(loop))
	m.used = nil
}

// narrow makes a vector of elements of so many bytes, 0 where those of twice as many
// are. No register but the result's stays in use.
func (m *neon) narrow(size int, vector func() vec) vec {
	before := slices.Clone(m.used)
	var r vec
	if size == m.k.elem.size {
		r = vector()
	} else {
		r = m.narrow(2*size, vector)
		b := m.narrow(2*size, vector)
		to, from := map[int]string{1: "8b", 2: "4h", 4: "2s"}[size], map[int]string{1: "8h", 2: "4s", 4: "2d"}[size]
		to2 := map[int]string{1: "16b", 2: "8h", 4: "4s"}[size]
		code := uint32(log2(size))<<22 | 0x0e214800
		m.word(code|number(r)<<5|number(r), "sqxtn v%d.%s, v%d.%s", number(r), to, number(r), from)
		m.word(code|1<<30|number(b)<<5|number(r), "sqxtn2 v%d.%s, v%d.%s", number(r), to2, number(b), from)
	}
	m.used = append(before, r)
	return r
}

// bytes are the four vectors of a word's elements as bytes, all ones where they are
// not 0.
func (m *neon) bytes(vector func(i int) vec) (all [4]v) {
	next := 0
	for i := range all {
		r := m.narrow(1, func() vec { next++; return vector(next - 1) })
		m.emit("VCMTST", r, r, r)
		all[i] = r.(v)
	}
	return all
}

// storeWord keeps a bit of each byte, another in each of eight neighbours, and adds
// neighbours up.
func (m *neon) storeWord(pointer string, vector func(i int) vec) {
	bit := m.constant("bit", m.reg, func(r vec) {
		m.emit("MOVD", text("$0x8040201008040201"), spareReg)
		m.emit("VDUP", spareReg, r.(v).as("D2"))
	})
	all := m.bytes(vector)
	for _, r := range all {
		m.emit("VAND", bit, r, r)
	}
	for _, pair := range [][2]int{{0, 1}, {2, 3}, {0, 2}, {0, 0}} {
		m.emit("VADDP", all[pair[1]], all[pair[0]], all[pair[0]])
	}
	m.emit("FMOVD", all[0].f(), memory(m.pointer(pointer), 0))
}

func (m *neon) sum() vec {
	return m.constant("sum", m.reg, func(r vec) { m.emit("VEOR", r, r, r) })
}

func (m *neon) countWord(vector func(i int) vec) {
	sum := m.sum().(v)
	all := m.bytes(vector)
	for _, pair := range [][2]int{{0, 1}, {2, 3}, {0, 2}} {
		m.emit("VADD", all[pair[1]], all[pair[0]], all[pair[0]])
	}
	n := number(all[0])
	m.word(0x6e20b800|n<<5|n, "neg v%d.16b, v%d.16b", n, n)
	m.emit("VUADDLV", all[0], text(fmt.Sprintf("V%d", n)))
	m.emit("VADD", all[0].as("D2"), sum.as("D2"), sum.as("D2"))
}

func (m *neon) addCount() {
	m.emit("VMOV", text(fmt.Sprintf("V%d.D[0]", number(m.sum()))), spareReg)
	m.emit("MOVD", memory(dstReg, 0), lastReg)
	m.emit("ADD", lastReg, spareReg, spareReg)
	m.emit("MOVD", spareReg, memory(dstReg, 0))
}

func (m *neon) loadWord(int) {}

// keep tests a bit in each lane, and moves on to the next.
func (m *neon) keep(i, source int) vec {
	perVector, lanes := 16/m.k.elem.size, [2]int64{1<<32*2 | 1, 1<<32*8 | 4}
	if m.k.elem.size == 8 {
		lanes = [2]int64{1, 2}
	}
	bit := m.constant("bit", m.reg, func(r vec) {
		for i, lane := range lanes {
			m.emit("MOVD", imm(lane), spareReg)
			m.emit("VMOV", spareReg, text(fmt.Sprintf("V%d.D[%d]", number(r), i)))
		}
	})
	word := m.constant("word", m.reg, func(vec) {}).(v)
	if first := i * perVector; first%(8*m.k.elem.size) == 0 {
		m.emit(map[int]string{4: "MOVWU", 8: "MOVD"}[m.k.elem.size], memory(m.pointer("mask"), first/8), spareReg)
		m.emit("VDUP", spareReg, word.as(m.arrangement()))
	} else {
		m.emit("VUSHR", imm(perVector), word.as(m.arrangement()), word.as(m.arrangement()))
	}
	mask := m.reg().(v)
	m.emit("VCMTST", bit.(v).as(m.arrangement()), word.as(m.arrangement()), mask.as(m.arrangement()))
	r := m.load(source, place{off: i * m.width})
	m.emit("VAND", r, mask, mask)
	return mask
}

func (m *neon) addWord() {
	for i := range 4 {
		m.constant(fmt.Sprint("sum", i), m.reg, func(vec) {})
	}
	for i := 0; i < 16; i += 2 {
		a, b := m.reg().(v), m.reg().(v)
		m.emit("FLDPQ", memory(dstReg, 16*i), text(fmt.Sprintf("(%s, %s)", a.f().Asm(), b.f().Asm())))
		for j, r := range []v{a, b} {
			sum := m.known[fmt.Sprint("sum", (i+j)%4)].(v)
			m.emit("VADD", r.as("D2"), sum.as("D2"), sum.as("D2"))
		}
		m.used = nil
	}
}
