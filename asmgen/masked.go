package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
)

// masked is what the vector instruction sets of POWER and the z/Architecture
// have in common: vectors of 16 bytes, instructions that leave their sources as
// they are, and comparisons that fill the lanes where they hold with ones.
type masked struct {
	primitives
	writer
	isa  string
	regs roles
	// bigEndian is the order of bytes, and of the lanes that loads give.
	bigEndian bool
	width     int
	marked    bool         // regs.end is the end of dst
	indexes   map[place]gp // registers that hold offsets in the path
}

// primitives is one instruction set: its lanewise instructions, whose result is
// a new register, and the few of control that differ.
type primitives interface {
	zero() vec
	floor() vec
	fill(from operand.Op, r vec) // each lane with an element
	and(a, b vec) vec
	andNot(a, b vec) vec       // a &^ b
	choose(mask, a, b vec) vec // a where the mask is set, b elsewhere
	above(a, b vec) vec        // a > b as signed integers
	equal(a, b vec) vec        // a == b as integers
	least(a, b vec) vec        // the lesser integer, of signed or unsigned ones
	greatest(a, b vec) vec     // the greater one
	floatAbove(a, b vec) vec   // a > b as floats
	floatAtLeast(a, b vec) vec // a >= b as floats
	times(a, b vec) vec
	plus(a, b vec) vec
	accumulate(sums, v vec)        // adds float64s into sums
	doubles(v vec) (low, high vec) // of a vector of float32

	read(from text, r vec) // as wide as the path's vectors
	write(r vec, to text)
	displaced(base gp, bytes int) text // memory
	indexed(base, index gp) text
	reach(bytes int) // prepares for displacements below that
	subtract(bytes int, c condition, to string)
	countDown(r gp, loop string)
	compare(r gp, to int)

	inf() vec                        // +Inf of half floats
	pair(first, second int64, r vec) // a vector of them, from its most significant end
	pack(size int, a, b vec) vec     // elements of so many bytes, not 0 where those of a and b are not
	order() vec                      // where gather takes bits
	gather(bytes, order vec) vec     // a bit for each byte, as a number in the first of two lanes
	bitsSet(v vec) vec               // how many, in each of two lanes
	sumUp(sum, v vec)                // adds up int64s
	number(v vec, r gp)              // the first of two lanes
	spread(half text, r vec)         // 16 bits of memory into each lane, as its lowest
	shiftRight(by int, v vec)        // each lane in place
}

// roles are the general registers of a kernel.
type roles struct {
	dst, n, rows   gp
	src            []gp
	end            gp // of dst, or preluGrad's sums
	stride         gp // in bytes
	row            gp // in bytes
	dstRow, srcRow gp
	index          []gp
	words          gp // the place in a mask, in bytes
	spares         [2]gp
}

func (m *masked) begin(k kernel) {
	m.function(k, m.isa)
	dst, src, bytes := m.regs.dst, m.regs.src, m.regs.n
	get := func(param string, r gp) { m.emit("MOVD", m.param(param), r) }
	switch {
	case k.op.name == preluGrad.name:
		bytes = m.regs.stride
		get("sums", m.regs.end)
		get("rows", m.regs.rows)
		get("stride", bytes)
	case k.op.rows:
		dst, src, bytes = m.regs.dstRow, []gp{m.regs.srcRow}, m.regs.row
		get("rows", m.regs.rows)
		get("row", bytes)
	case k.op.masks:
		get("words", bytes)
		m.emit("SLD", imm(log2(64/k.part(m.isa))), bytes)
		m.emit("MOVD", imm(0), m.regs.words)
	default:
		get("n", bytes)
	}
	get(k.dst(), dst)
	for i, r := range src[:min(len(src), len(k.sources))] {
		get(k.sources[i], r)
	}
	if shift := log2(k.elem.size); shift > 0 && !k.op.masks {
		m.emit("SLD", imm(shift), bytes)
	}
}

// startRow starts a second source, which is the last, where it did for the rows
// before.
func (m *masked) startRow() {
	m.emit("MOVD", m.regs.dstRow, m.regs.dst)
	m.emit("MOVD", m.regs.srcRow, m.regs.src[0])
	m.emit("MOVD", m.param(m.k.sources[1]), m.regs.src[1])
	m.emit("MOVD", m.regs.row, m.regs.n)
}

func (m *masked) endRow(loop string) {
	m.emit("ADD", m.regs.row, m.regs.dstRow)
	m.emit("ADD", m.regs.row, m.regs.srcRow)
	m.countDown(m.regs.rows, loop)
}

func (m *masked) name() string { return m.isa }

func (m *masked) shorter() string { return m.k.shortByGo() }

// unroll is what llvm-mca's models pay for: of two, other kernels take 1.25 times as
// long. Those of half floats have long steps, and take 1.1 times as long on POWER9 and
// up to 1.3 times on POWER10, for two thirds of the code.
func (m *masked) unroll() int {
	if m.k.elem.half() && m.k.op.name != "relu" {
		return 2
	}
	return 4
}

func (m *masked) widths() []int { return []int{16, 8} }

func (m *masked) path(width int) {
	m.way(width)
	m.indexes = map[place]gp{}
	m.newPath()
}

func (m *masked) way(width int) {
	m.width = width
	m.marked = false
	m.newWay()
}

// label forgets the offsets from n: where a jump comes from, they may not be
// known.
func (m *masked) label(name string) {
	maps.DeleteFunc(m.indexes, func(at place, _ gp) bool { return at.fromEnd })
	m.writer.label(name)
}

// index is a register that holds an offset: from n, which must not have changed
// since the last label, or a constant.
func (m *masked) index(at place) gp {
	if r, ok := m.indexes[at]; ok {
		return r
	}
	for _, r := range m.regs.index {
		if slices.Contains(slices.Collect(maps.Values(m.indexes)), r) {
			continue
		}
		m.indexes[at] = r
		if at.fromEnd {
			m.emit("ADD", imm(at.off), m.regs.n, r)
		} else {
			m.atStart(func() { m.emit("MOVD", imm(at.off), r) })
		}
		return r
	}
	panic("out of index registers in " + m.fn.Name)
}

func (m *masked) memory(base gp, at place) text {
	if at.fromEnd {
		return m.indexed(base, m.index(at))
	}
	return m.displaced(base, at.off)
}

func (m *masked) load(source int, at place) vec {
	r := m.reg()
	m.read(m.memory(m.regs.src[source], at), r)
	return r
}

func (m *masked) store(r vec, at place) {
	if at.fromEnd && m.marked {
		m.write(r, m.displaced(m.regs.end, at.off+m.width))
	} else {
		m.write(r, m.memory(m.regs.dst, at))
	}
	m.used = nil
}

// steps interleaves the arithmetic, which llvm-mca's models of POWER reward.
func (m *masked) steps(count int, s func(i int) step) {
	m.interleave(count, s, func(nodes []ir.Node) []ir.Node { return nodes })
}

// markEnd has the address of dst's last vector.
func (m *masked) markEnd() {
	m.emit("ADD", m.index(place{fromEnd: true, off: -m.width}), m.regs.dst, m.regs.end)
	m.marked = true
	m.reach(m.unroll() * m.width)
}

func (m *masked) advance(bytes int) {
	for _, r := range append([]gp{m.regs.dst}, m.regs.src[:len(m.k.sources)]...) {
		m.emit("ADD", imm(bytes), r)
	}
}

func (m *masked) loop(name string) { m.label(name) }

func (m *masked) jump(c condition, bytes int, to string) {
	m.compare(m.regs.n, bytes)
	m.emit(map[condition]string{less: "BLT", above: "BGT"}[c], operand.LabelRef(to))
}

// reg is a new vector register.
func (m *masked) reg() vec { return m.take(vectorRegisters...) }

// vr is a vector register.
type vr int

func (r vr) Asm() string { return fmt.Sprintf("V%d", int(r)) }

func field(r vec) uint32 { return uint32(r.(vr)) }

var vectorRegisters = func() (all []vec) {
	for i := range 32 {
		all = append(all, vr(i))
	}
	return all
}()

// of emits an instruction that writes its last operand, a new register.
func (m *masked) of(opcode string, sources ...vec) vec {
	r := m.reg()
	m.emit(opcode, append(slices.Clone(sources), r)...)
	return r
}

func (m *masked) scalar(name string) vec {
	return m.constant(name, m.reg, func(r vec) { m.fill(m.param(name), r) })
}

func (m *masked) rectify(x vec) vec {
	if m.k.elem.magnitude == 0 {
		return m.greatest(x, m.zero())
	}
	return m.and(x, m.above(x, m.floor()))
}

func (m *masked) gate(g, x vec) vec {
	return m.andNot(m.and(g, m.above(x, m.floor())), m.equal(x, m.zero()))
}

// notPositive is set where x <= 0, as floats.
func (m *masked) notPositive(x vec) vec { return m.floatAtLeast(m.zero(), x) }

func (m *masked) halves() []string { return []string{"grad", "clip", "clipGrad"} }

func (m *masked) gateWithin(g, x, limit vec) vec {
	if m.k.elem.half() { // a NaN is above +Inf or, as an integer, negative
		g = m.gate(g, x)
		return m.choose(m.above(x, m.inf()), g, m.and(g, m.above(limit, x)))
	}
	return m.andNot(m.pass(g, x), m.floatAtLeast(x, limit))
}

func (m *masked) scale(v, x, slope vec) vec {
	return m.choose(m.notPositive(x), m.times(v, slope), v)
}

// scaleMax compares all the same: the instructions for the maximum would make
// signalling NaNs quiet. The comparison is one of integers, since slope*0 is 0,
// and takes less time.
func (m *masked) scaleMax(x, slope vec) vec {
	return m.choose(m.above(x, m.floor()), x, m.times(x, slope))
}

func (m *masked) clip(x, limit vec) vec {
	v := m.rectify(x)
	if m.k.elem.float {
		return m.choose(m.floatAbove(v, limit), limit, v)
	}
	if m.k.elem.half() {
		return m.choose(m.above(v, m.inf()), v, m.least(v, limit))
	}
	return m.least(v, limit)
}

func (m *masked) clamp(x, lo, hi vec) vec {
	if !m.k.elem.float {
		return m.least(m.greatest(x, lo), hi)
	}
	x = m.choose(m.floatAtLeast(lo, x), lo, x)
	return m.choose(m.floatAtLeast(x, hi), hi, x)
}

func (m *masked) gateBetween(g, x, lo, hi vec) vec {
	return m.andNot(m.andNot(g, m.floatAtLeast(lo, x)), m.floatAtLeast(x, hi))
}

func (m *masked) add(a, b vec) vec { return m.plus(a, b) }

func (m *masked) mul(a, b vec) vec { return m.times(a, b) }

func (m *masked) square(x vec) vec {
	v := m.rectify(x)
	return m.times(v, v)
}

func (m *masked) pass(v, x vec) vec { return m.andNot(v, m.notPositive(x)) }

func (m *masked) prepare() {
	m.zero()
	m.reach(8 * lanes)
}

func (m *masked) scaleWithTerms(g, x, slope vec) (scaled, terms vec) {
	mask := m.notPositive(x)
	return m.choose(mask, m.times(g, slope), g), m.and(m.times(g, x), mask)
}

func (m *masked) addTerms(sums []vec, terms vec) {
	wide := []vec{terms}
	if m.k.elem.size == 4 {
		low, high := m.doubles(terms)
		wide = []vec{low, high}
	}
	for i, v := range wide {
		m.accumulate(sums[i], v)
	}
}

func (m *masked) nextRow(loop string) {
	for _, r := range []gp{m.regs.dst, m.regs.src[0], m.regs.src[1]} {
		m.emit("ADD", m.regs.stride, r)
	}
	m.countDown(m.regs.rows, loop)
}

// pointer is the register of a parameter.
func (m *masked) pointer(param string) gp {
	if i := slices.Index(m.k.sources, param); i >= 0 {
		return m.regs.src[i]
	}
	return m.regs.dst
}

func (m *masked) nextWord(loop string) {
	for _, param := range append([]string{m.k.dst()}, m.k.sources...) {
		to := m.pointer(param)
		if param == "mask" {
			to = m.regs.words
		}
		if step := m.k.step(param) * m.k.part(m.isa) / 64; step > 0 {
			m.emit("ADD", imm(step), to)
		}
	}
	m.countDown(m.regs.n, loop)
	m.used = nil
}

// partOf is where a mask has the bits of these 16 elements: where words are stored
// with their high bytes first, the last of four comes first.
func (m *masked) partOf(mask string) text {
	at := m.regs.words
	if m.bigEndian {
		at = m.regs.spares[1]
		m.emit("MOVD", m.regs.words, at)
		m.emit("XOR", imm(6), at)
	}
	return m.indexed(m.pointer(mask), at)
}

// narrow makes a vector of elements of so many bytes, 0 where those of twice as many
// are. No register but the result's stays in use.
func (m *masked) narrow(size int, vector func() vec) vec {
	before := slices.Clone(m.used)
	var r vec
	if size == m.k.elem.size {
		r = vector()
	} else {
		a := m.narrow(2*size, vector)
		r = m.pack(size, a, m.narrow(2*size, vector))
	}
	m.used = append(before, r)
	return r
}

// bits are those of 16 elements: whether one is not 0.
func (m *masked) bits(vector func(i int) vec) vec {
	next, order := 0, m.order()
	m.zero() // made before registers are free again
	return m.gather(m.narrow(1, func() vec { next++; return vector(next - 1) }), order)
}

func (m *masked) storeWord(pointer string, vector func(i int) vec) {
	m.number(m.bits(vector), m.regs.spares[0])
	m.emit("MOVH", m.regs.spares[0], m.partOf(pointer))
}

func (m *masked) countWord(vector func(i int) vec) {
	sum := m.constant("sum", m.reg, func(r vec) { m.pair(0, 0, r) })
	m.sumUp(sum, m.bitsSet(m.bits(vector)))
}

func (m *masked) addCount() {
	sum, count := m.regs.spares[0], m.regs.spares[1]
	m.number(m.known["sum"], sum)
	m.emit("MOVD", memory(m.regs.dst, 0), count)
	m.emit("ADD", sum, count)
	m.emit("MOVD", count, memory(m.regs.dst, 0))
}

// loadWord has the bits in each lane.
func (m *masked) loadWord(source int) {
	m.spread(m.partOf(m.k.sources[source]), m.constant("word", m.reg, func(vec) {}))
}

// keep tests a bit in each lane, and moves on to the next.
func (m *masked) keep(i, source int) vec {
	bit := m.constant("bit", m.reg, func(r vec) {
		switch {
		case m.k.elem.size == 8:
			m.pair(1, 2, r)
		case m.bigEndian:
			m.pair(1<<32|2, 4<<32|8, r)
		default: // loads have the first of two words second
			m.pair(2<<32|1, 8<<32|4, r)
		}
	})
	word := m.known["word"]
	mask := m.equal(m.and(word, bit), bit)
	m.shiftRight(m.width/m.k.elem.size, word)
	return m.and(m.load(source, place{off: i * m.width}), mask)
}

// addWord adds into four sums, which do not wait for each other.
func (m *masked) addWord() {
	for i := range 4 {
		r := m.reg()
		m.read(m.displaced(m.regs.dst, 16*i), r)
		m.sumUp(m.constant(fmt.Sprint("sum", i), m.reg, func(vec) {}), r)
	}
}
