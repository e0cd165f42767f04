package main

import (
	"fmt"
	"math/bits"
	"reflect"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// amd64 is what the x86 instruction sets have in common.
type amd64 struct {
	*build.Context
	isa   string
	k     kernel
	width int
	dst   reg.Register
	srcs  []reg.Register
	n     reg.Register
	last  reg.Register // the end of dst, if the path has marked it
	most  int          // width of the path's vectors
	start int          // of the path, behind the constants made so far
	known map[string]vec
	bits  vec // of the word that gradMask is at
	// converts tells that half floats become twice as wide.
	converts bool
	// preluGrad's
	sums, rows, stride reg.Register
	// For kernels over rows: where a row starts, and its length.
	dstRow, row reg.Register
	srcRows     []reg.Register
}

func (m *amd64) begin(k kernel) {
	m.declare(k)
	m.arguments(k)
}

func (m *amd64) declare(k kernel) {
	m.k = k
	m.most = 0
	m.Function(k.name() + m.isa)
	m.Doc(k.doc)
	m.Pragma("noescape")
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr("func(" + k.params() + ")")
}

func (m *amd64) arguments(k kernel) {
	m.srcs = nil
	m.dst = m.Load(m.Param(k.dst()), m.GP64())
	for _, s := range k.sources {
		m.srcs = append(m.srcs, m.Load(m.Param(s), m.GP64()))
	}
	if k.op.name == preluGrad.name {
		m.sums = m.Load(m.Param("sums"), m.GP64())
		m.rows = m.Load(m.Param("rows"), m.GP64())
		m.stride = m.Load(m.Param("stride"), m.GP64())
		if shift := log2(k.elem.size); shift > 0 {
			m.SHLQ(operand.U8(shift), m.stride)
		}
		return
	}
	if k.op.masks {
		m.n = m.Load(m.Param("words"), m.GP64())
		if parts := 64 / k.part(m.isa); parts > 1 {
			m.SHLQ(operand.U8(bits.TrailingZeros(uint(parts))), m.n)
		}
		return
	}
	if k.op.rows {
		m.row = m.Load(m.Param("row"), m.GP64())
		m.rows = m.Load(m.Param("rows"), m.GP64())
		m.dstRow, m.srcRows = m.dst, m.srcs
		m.dst, m.n = m.GP64(), m.GP64()
		m.srcs = make([]reg.Register, len(m.srcRows))
		for i := range m.srcs {
			m.srcs[i] = m.GP64()
		}
		return
	}
	m.n = m.Load(m.Param("n"), m.GP64())
}

func (m *amd64) startRow() {
	m.MOVQ(m.dstRow, m.dst)
	for i, s := range m.srcRows {
		m.MOVQ(s, m.srcs[i])
	}
	m.MOVQ(m.row, m.n)
}

func (m *amd64) endRow(loop string) {
	moving := append([]reg.Register{m.dstRow}, m.srcRows[:len(m.srcRows)-1]...)
	for _, p := range moving {
		m.LEAQ(operand.Mem{Base: p, Index: m.row, Scale: uint8(m.k.elem.size)}, p)
	}
	m.DECQ(m.rows)
	m.JNZ(operand.LabelRef(loop))
}

// elements is the least number of them that takes so many bytes: n counts
// elements, since an address can scale it.
func (m *amd64) elements(bytes int) operand.Op {
	return operand.I32((bytes + m.k.elem.size - 1) / m.k.elem.size)
}

func (m *amd64) path(width int) {
	m.converts = false
	m.way(width)
	m.most = width
	m.known = map[string]vec{}
	m.start = len(m.nodes())
}

func (m *amd64) way(width int) {
	m.width = width
	m.last = nil
}

// nodes are the function so far.
func (m *amd64) nodes() []ir.Node { return m.function().Nodes }

func (m *amd64) function() *ir.Function {
	f, err := m.Result()
	if err != nil {
		panic(err)
	}
	fns := f.Functions()
	return fns[len(fns)-1]
}

// constant makes a vector at the start of the path.
func (m *amd64) constant(name string, make func(r vec)) vec {
	return m.atStart(name, func() operand.Op {
		r := m.reg()
		make(r)
		return r
	})
}

// atStart makes what a register holds at the start of the path.
func (m *amd64) atStart(name string, make func() operand.Op) operand.Op {
	if r, ok := m.known[name]; ok {
		return r
	}
	width := m.width
	m.width = m.most
	fn := m.function()
	before, start := len(fn.Nodes), m.start
	r := make()
	m.width = width
	before += m.start - start // of the constants that this one is made of
	made := slices.Clone(fn.Nodes[before:])
	fn.Nodes = slices.Insert(fn.Nodes[:before], m.start, made...)
	m.start += len(made)
	m.known[name] = r
	return r
}

// reg is a new register as wide as the path's vectors.
func (m *amd64) reg() reg.VecVirtual {
	switch m.width {
	case 64:
		return m.ZMM()
	case 32:
		return m.YMM()
	}
	return m.XMM()
}

// do emits an instruction by its name, which is often put together from an
// element type's.
func (m *amd64) do(name string, operands ...operand.Op) {
	f := reflect.ValueOf(m.Context).MethodByName(name)
	if !f.IsValid() {
		panic("avo has no instruction " + name)
	}
	args := make([]reflect.Value, len(operands))
	for i, o := range operands {
		args[i] = reflect.ValueOf(o)
	}
	f.Call(args)
}

// address is where a vector stands for a pointer that has advanced as n has.
func (m *amd64) address(pointer reg.Register, at place) operand.Mem {
	mem := operand.Mem{Base: pointer, Disp: at.off}
	if at.fromEnd {
		mem.Index, mem.Scale = m.n, uint8(m.k.elem.size)
	}
	return mem
}

// target is where a vector is stored.
func (m *amd64) target(at place) operand.Mem {
	if at.fromEnd && m.last != nil {
		return operand.Mem{Base: m.last, Disp: at.off}
	}
	return m.address(m.dst, at)
}

func (m *amd64) scalarAddress(name string) operand.Mem { return m.basic(name).Addr }

func (m *amd64) basic(param string) *gotypes.Basic {
	b, err := m.Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	return b
}

func (m *amd64) name() string { return m.isa }

// unroll is less for half floats that become float32s: that takes tens of instructions
// a vector, beside which the loop's own are few.
func (m *amd64) unroll() int {
	switch {
	case m.k.public == "":
		return 8 // a limit
	case computesHalves(m.k):
		return 2
	}
	return 4
}

func (m *amd64) shorter() string { return "" }

// steps finishes a vector before it loads the next: this order measured
// fastest, loading eight first far slower. Of each 256 bytes the upper half goes
// first: a miss there is seen while there is still work, which on Zen 4 is 1.1
// times as fast where the third-level cache holds the slice, and costs nothing
// elsewhere. With 512-bit vectors it costs as much in the first-level cache.
func (m *amd64) steps(count int, s func(i int) step) {
	for i := range count {
		if m.width == 32 && count == 8 {
			i ^= 4
		}
		s := s(i)
		s.store(s.result())
	}
}

func (m *amd64) hold(vec) {}

func (m *amd64) markEnd() {
	m.last = m.GP64()
	m.LEAQ(m.address(m.dst, place{fromEnd: true}), m.last)
}

func (m *amd64) advance(bytes int) {
	m.ADDQ(operand.I32(bytes), m.dst)
	for _, s := range m.srcs {
		m.ADDQ(operand.I32(bytes), s)
	}
}

func (m *amd64) subtract(bytes int, c condition, to string) {
	m.SUBQ(m.elements(bytes), m.n)
	if c == less {
		m.JLT(operand.LabelRef(to))
	} else {
		m.JGE(operand.LabelRef(to))
	}
}

func (m *amd64) align() {
	skip := m.GP64()
	m.MOVQ(m.dst, skip)
	m.NEGQ(skip)
	m.ANDQ(operand.I32(m.width-1), skip)
	m.ADDQ(skip, m.dst)
	for _, s := range m.srcs {
		m.ADDQ(skip, s)
	}
	m.SHRQ(operand.U8(log2(m.k.elem.size)), skip)
	m.SUBQ(skip, m.n)
}

func (m *amd64) fence() { m.SFENCE() }

func (m *amd64) label(name string) { m.Label(name) }

func (m *amd64) loop(name string) {
	m.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []operand.Op{operand.U8(64)}})
	m.Label(name)
}

func (m *amd64) jump(c condition, bytes int, to string) {
	switch c {
	case less:
		m.CMPQ(m.n, m.elements(bytes))
		m.JLT(operand.LabelRef(to))
	case above:
		m.CMPQ(m.n, m.elements(bytes))
		m.JGT(operand.LabelRef(to))
	case bitClear:
		m.TESTQ(m.elements(bytes), m.n)
		m.JZ(operand.LabelRef(to))
	}
}

func (m *amd64) leave(function string) {
	m.clean()
	m.Instruction(&ir.Instruction{Opcode: "JMP", Operands: []operand.Op{symbol(function)}, IsTerminal: true})
}

func (m *amd64) leaveEmpty() { m.RET() }

func (m *amd64) finish() {
	m.clean()
	m.RET()
}

// clean clears the upper halves of registers if the path has used them.
func (m *amd64) clean() {
	if m.most > 16 || m.converts {
		m.VZEROUPPER()
	}
}

// pointer is the register of a parameter.
func (m *amd64) pointer(param string) reg.Register {
	if i := slices.Index(m.k.sources, param); i >= 0 {
		return m.srcs[i]
	}
	return m.dst
}

func (m *amd64) nextWord(loop string) {
	for _, param := range append([]string{m.k.dst()}, m.k.sources...) {
		if step := m.k.step(param) * m.k.part(m.isa) / 64; step > 0 {
			m.ADDQ(operand.I32(step), m.pointer(param))
		}
	}
	m.DECQ(m.n)
	m.JNZ(operand.LabelRef(loop))
}

// readSum is one of four sums of what addWord loads, so that no addition waits for
// the one before.
func (m *amd64) readSum(i int) vec {
	return m.constant(fmt.Sprint("sum", i%4), func(vec) {})
}

// column is the address of a sum.
func (m *amd64) column(i int) operand.Mem {
	return operand.Mem{Base: m.sums, Disp: 8 * i}
}

func (m *amd64) nextRow(loop string) {
	for _, p := range []reg.Register{m.dst, m.srcs[0], m.srcs[1]} {
		m.ADDQ(m.stride, p)
	}
	m.DECQ(m.rows)
	m.JNZ(operand.LabelRef(loop))
}

// fp is the suffix of a float instruction on packed elements.
func (m *amd64) fp() string {
	if m.k.elem.size == 4 {
		return "PS"
	}
	return "PD"
}

// integer is the suffix of a VEX or EVEX integer instruction.
func (m *amd64) integer() string {
	return map[int]string{1: "B", 2: "W", 4: "D", 8: "Q"}[m.k.elem.size]
}

func log2(size int) int {
	for i := range 4 {
		if size == 1<<i {
			return i
		}
	}
	panic(fmt.Sprintf("element of %d bytes", size))
}
