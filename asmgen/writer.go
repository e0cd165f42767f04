package main

import (
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/buildtags"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
)

// writer writes functions for an architecture that is not avo's: avo knows x86
// alone, but its intermediate form and its printer take any operands.
type writer struct {
	fn    *ir.Function
	fns   []*ir.Function
	k     kernel
	known map[string]vec // the path's constants by their names
	fixed []vec          // their registers
	start int            // of the path, behind the constants made so far
	held  []vec          // registers that outlive a step
	used  []vec          // registers of the steps under way
}

// imm is an immediate operand.
func imm[T int | int64](n T) text { return text(fmt.Sprintf("$%d", n)) }

// memory is what stands at off bytes from a register.
func memory(base operand.Op, off int) text {
	if off == 0 {
		return text(fmt.Sprintf("(%s)", base.Asm()))
	}
	return text(fmt.Sprintf("%d(%s)", off, base.Asm()))
}

// function begins a kernel's form in an instruction set.
func (w *writer) function(k kernel, isa string) {
	w.k = k
	w.fn = ir.NewFunction(k.name() + isa)
	w.fns = append(w.fns, w.fn)
	w.fn.Doc = []string{k.doc}
	w.fn.AddPragma("noescape")
	w.fn.Attributes = attr.NOSPLIT
	sig, err := gotypes.ParseSignature("func(" + k.params() + ")")
	if err != nil {
		panic(err)
	}
	w.fn.SetSignature(sig)
	w.newPath()
}

// newPath makes all vector registers free, and begins where constants are made.
func (w *writer) newPath() {
	w.newWay()
	w.known = map[string]vec{}
	w.fixed = nil
	w.start = len(w.fn.Nodes)
}

// newWay makes those free that hold no constant.
func (w *writer) newWay() { w.held, w.used = nil, nil }

func (w *writer) emit(opcode string, operands ...operand.Op) {
	w.fn.AddInstruction(&ir.Instruction{Opcode: opcode, Operands: operands})
}

// word emits an instruction that Go's assembler does not know, with the
// mnemonic of the architecture's manual beside it.
func (w *writer) word(code uint32, mnemonic string, arguments ...any) {
	w.emit("WORD", text(fmt.Sprintf("$0x%08x // %s", code, fmt.Sprintf(mnemonic, arguments...))))
}

// param is a parameter where the caller left it.
func (w *writer) param(name string) operand.Op {
	b, err := w.fn.Signature.Params().Lookup(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

func (w *writer) label(name string) { w.fn.AddLabel(ir.Label(name)) }

func (w *writer) leave(function string) {
	w.fn.AddInstruction(&ir.Instruction{Opcode: "JMP", Operands: []operand.Op{symbol(function)}, IsTerminal: true})
}

func (w *writer) leaveEmpty() { w.finish() }

func (w *writer) finish() {
	w.fn.AddInstruction(&ir.Instruction{Opcode: "RET", IsTerminal: true})
	w.newWay()
}

// take is the first of some vector registers that is free.
func (w *writer) take(among ...vec) vec {
	for _, r := range among {
		if !slices.Contains(w.fixed, r) && !slices.Contains(w.held, r) && !slices.Contains(w.used, r) {
			w.used = append(w.used, r)
			return r
		}
	}
	panic("out of vector registers in " + w.fn.Name)
}

func (w *writer) hold(r vec) {
	w.held = append(w.held, r)
	w.used = nil
}

// constant gives a register that make fills, at the start of the path.
func (w *writer) constant(name string, take func() vec, make func(r vec)) vec {
	r, ok := w.known[name]
	if !ok {
		r = take()
		w.fixed = append(w.fixed, r)
		w.atStart(func() { make(r) })
		w.known[name] = r
	}
	return r
}

// atStart has what is emitted at the start of the path.
func (w *writer) atStart(emit func()) {
	before, start := len(w.fn.Nodes), w.start
	emit()
	before += w.start - start // of the constants that this one is made of
	made := slices.Clone(w.fn.Nodes[before:])
	w.fn.Nodes = slices.Insert(w.fn.Nodes[:before], w.start, made...)
	w.start += len(made)
}

// interleave does count steps in groups of four: what they load, their
// arithmetic in turn, what they store. It takes the loads, and the stores, as
// arranged.
func (w *writer) interleave(count int, s func(i int) step, arranged func([]ir.Node) []ir.Node) {
	const group = 4
	for i := 0; i < count; i += group {
		size := min(group, count-i)
		whole := w.fn.Nodes
		parts := make([][]ir.Node, size)
		results := make([]vec, size)
		var loads []ir.Node
		for j := range size {
			w.fn.Nodes = nil
			src := s(i + j).load()
			loads = append(loads, w.fn.Nodes...)
			w.fn.Nodes = nil
			results[j] = s(i + j).compute(src)
			parts[j] = w.fn.Nodes
		}
		w.fn.Nodes = nil
		for j := range size {
			s(i + j).store(results[j])
		}
		stores := w.fn.Nodes
		w.fn.Nodes = slices.Concat(whole, arranged(loads), inTurn(parts), arranged(stores))
		w.used = nil
	}
}

// inTurn takes a node from each part in turn.
func inTurn(parts [][]ir.Node) []ir.Node {
	var nodes []ir.Node
	for i := 0; ; i++ {
		taken := len(nodes)
		for _, p := range parts {
			if i < len(p) {
				nodes = append(nodes, p[i])
			}
		}
		if len(nodes) == taken {
			return nodes
		}
	}
}

// file is all functions in the form that avo prints.
func (w *writer) file() *ir.File {
	f := ir.NewFile()
	f.Includes = []string{"textflag.h"}
	constraints, err := buildtags.ParseConstraint(strings.ReplaceAll(withAssembly, " && ", ","))
	if err != nil {
		log.Fatal(err)
	}
	f.Constraints = buildtags.Constraints{constraints}
	for _, fn := range w.fns {
		f.AddSection(fn)
	}
	return f
}
