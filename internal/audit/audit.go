// Package audit reads built kernels, instruction by instruction, and says where
// one does what a kernel of assembly must not: use an instruction set that its
// guard did not ask for, leave the CPU in a state that Go code suffers from,
// write a register that is not its own, or write through a pointer that is not
// its destination's.
//
// It follows every path through the code, from the object that the linker made.
// What an architecture's instructions do is in one file each.
package audit

import (
	"fmt"
	"slices"
	"strings"
)

// A Fault is one thing that a function must not do.
type Fault struct {
	Func string // its name in the source
	PC   uint64
	Text string // the instruction
	What string
}

func (f Fault) String() string {
	return fmt.Sprintf("%s: %#x: %s: %s", f.Func, f.PC, f.Text, f.What)
}

// reg is a general register by its number in instructions.
type reg uint8

// none is no register: an address without a base, a register that reads as 0.
const none reg = 255

// inst is what an instruction does, as far as the audit asks.
type inst struct {
	pc   uint64
	size int
	text string
	sets []string // the instruction sets that have it, beyond the architecture's own

	flow   flow
	target uint64 // of a jump or branch

	set    []assign
	access []access

	dirties bool // leaves something in the upper half of a vector register
	cleans  bool // clears all upper halves
	legacy  bool // is slow while the upper halves are not clear
	past    bool // stores past the caches
	fence   bool // orders such stores
	pad     bool // does nothing
}

// flow is where an instruction goes on.
type flow uint8

const (
	next     flow = iota
	jump          // to target
	branch        // to target or on
	ret           // to the caller
	indirect      // to an address that it computes
	call          // somewhere, and comes back
)

// assign is a general register's new value: the sum of the terms, the word at an
// address, or something made of other registers.
type assign struct {
	to    reg
	terms []term // and any constant
	load  *access
	of    []reg  // whatever is computed of these
	mask  *int64 // the terms with some bits cleared
	// static is the address of static data.
	static bool
}

type term struct {
	reg   reg
	times int
}

// access is memory that an instruction reads or writes.
type access struct {
	terms []term // the registers of the address
	disp  int64
	store bool
	fixed bool // the address is a constant, or relative to the code
}

// An arch is what the audit knows of an architecture.
type arch struct {
	args      int64 // from the stack pointer to the first argument
	sp        reg
	words     bool           // instructions are of 4 bytes, and none is 0
	bigEndian bool           // the order of their bytes
	reserved  map[reg]string // what Go keeps there
	scratch   reg            // where the assembler itself puts addresses of static data, or none
	decode    func(code []byte, pc uint64) (inst, error)
	guards    map[string][]string // by a kernel name's ending: what its guard asks for
}

// arches are the architectures with kernels.
var arches = map[string]*arch{}

// maxPointers is how many arguments may be pointers, and the stack pointer.
const maxPointers = 8

// value is what is known of a register: how many times each pointer argument,
// and the stack pointer, went into it, whatever else did. A value of none is a
// plain number.
type value struct {
	times  [maxPointers]int8
	static bool // the address of static data, or a word that lies there
	opaque bool // unknown
}

var opaque = value{opaque: true}

func (v value) plain() bool { return v == value{} }

func (v value) plus(w value, times int) value {
	if v.opaque || w.opaque || v.static && !w.plain() || w.static && (!v.plain() || times != 1) {
		return opaque
	}
	v.static = v.static || w.static
	if !w.plain() && (times < -8 || times > 8) {
		return opaque
	}
	for i := range v.times {
		v.times[i] += w.times[i] * int8(times)
	}
	return v
}

// single is the index of the only pointer in v, which is there once, or -1.
func (v value) single() int {
	found := -1
	for i, n := range v.times {
		switch {
		case n == 1 && found < 0:
			found = i
		case n != 0:
			return -1
		}
	}
	if v.opaque || v.static {
		return -1
	}
	return found
}

// state is what is known before an instruction.
type state struct {
	regs    [64]value
	dirty   bool // upper halves may be in use
	pending bool // stores past the caches may be unordered
}

// join adds what else may be the case.
func (s *state) join(t *state) (changed bool) {
	was := *s
	for i := range s.regs {
		if s.regs[i] != t.regs[i] {
			s.regs[i] = opaque
		}
	}
	s.dirty = s.dirty || t.dirty
	s.pending = s.pending || t.pending
	return *s != was
}

// check follows every path through f.
func (o *Object) check(f *function) []Fault {
	var faults []Fault
	seen := map[string]bool{}
	fault := func(in inst, format string, args ...any) {
		found := Fault{f.name, in.pc, in.text, fmt.Sprintf(format, args...)}
		if key := found.String(); !seen[key] {
			seen[key] = true
			faults = append(faults, found)
		}
	}

	list, err := o.instructions(f)
	if err != nil {
		fault(inst{pc: f.addr}, "%v", err)
		return faults
	}
	code := map[uint64]inst{}
	for _, in := range list {
		code[in.pc] = in
	}

	allowed := o.arch.guards[f.ending]
	start := &state{}
	for i := range start.regs {
		start.regs[i] = opaque
	}
	start.regs[o.arch.sp] = value{}
	start.regs[o.arch.sp].times[len(f.pointers)] = 1 // after the arguments
	before := map[uint64]*state{f.addr: start}
	work := []uint64{f.addr}

	// exit is for every way out.
	exit := func(in inst, s *state) {
		if s.dirty {
			fault(in, "leaves with upper halves in use")
		}
		if s.pending {
			fault(in, "leaves with unordered stores past the caches")
		}
	}
	follow := func(in inst, pc uint64, s state) {
		if pc < f.addr || pc >= f.addr+uint64(len(f.code)) {
			if in.flow == next || in.flow == branch && pc == in.pc+uint64(in.size) {
				fault(in, "runs off the end")
				return
			}
			exit(in, &s)
			target, found := o.byAddress[pc]
			switch {
			case !found:
				fault(in, "jumps to %#x, where no function starts", pc)
			case target.params != f.params:
				fault(in, "jumps to %s%s from %s", target.name, target.params, f.params)
			case !subset(o.arch.guards[target.ending], allowed):
				fault(in, "jumps to %s, which needs more than %v", target.name, allowed)
			}
			return
		}
		if _, found := code[pc]; !found {
			fault(in, "jumps into the middle of an instruction, to %#x", pc)
			return
		}
		if known := before[pc]; known == nil {
			before[pc] = &s
			work = append(work, pc)
		} else if known.join(&s) && !slices.Contains(work, pc) {
			work = append(work, pc)
		}
	}
	for len(work) > 0 {
		pc := work[len(work)-1]
		work = work[:len(work)-1]
		in, s := code[pc], *before[pc]
		for _, set := range in.sets {
			if !slices.Contains(allowed, set) {
				fault(in, "is of %s, which is not among %v", set, allowed)
			}
		}
		for _, a := range in.access {
			o.checkAccess(f, a, &s, func(format string, args ...any) { fault(in, format, args...) })
		}
		if s.dirty && in.legacy {
			fault(in, "waits for the upper halves that are in use")
		}
		after := s
		for _, a := range in.set {
			if a.to == none {
				continue
			}
			if what, found := o.arch.reserved[a.to]; found && !(a.static && a.to == o.arch.scratch) {
				fault(in, "writes a register that holds %s", what)
			}
			after.regs[a.to] = o.eval(f, a, &s)
		}
		after.dirty = (s.dirty || in.dirties) && !in.cleans
		after.pending = (s.pending || in.past) && !in.fence
		switch in.flow {
		case next:
			follow(in, pc+uint64(in.size), after)
		case branch:
			follow(in, pc+uint64(in.size), after)
			follow(in, in.target, after)
		case jump:
			follow(in, in.target, after)
		case ret:
			exit(in, &after)
		case indirect:
			exit(in, &after)
			if f.ending != "" {
				fault(in, "jumps to an address that is not known")
			}
		case call:
			fault(in, "calls")
		}
	}
	for pc, in := range code {
		if before[pc] == nil && !in.pad {
			fault(in, "is never reached")
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.String(), b.String()) })
	return faults
}

// instructions decodes f from its first byte to its last.
func (o *Object) instructions(f *function) ([]inst, error) {
	var list []inst
	for at := 0; at < len(f.code); {
		in, err := o.arch.decode(f.code[at:], f.addr+uint64(at))
		if err != nil {
			return list, fmt.Errorf("% x at %#x cannot be decoded: %w", f.code[at:min(len(f.code), at+8)], f.addr+uint64(at), err)
		}
		in.pc = f.addr + uint64(at)
		list = append(list, in)
		at += in.size
	}
	return list, nil
}

func subset(a, b []string) bool {
	for _, v := range a {
		if !slices.Contains(b, v) {
			return false
		}
	}
	return true
}

// address is the value of an address.
func address(a access, s *state) value {
	return sum(a.terms, s)
}

func sum(terms []term, s *state) value {
	var v value
	for _, t := range terms {
		if t.reg != none {
			v = v.plus(s.regs[t.reg], t.times)
		}
	}
	return v
}

// checkAccess holds an access to what f may read and write.
func (o *Object) checkAccess(f *function, a access, s *state, fault func(string, ...any)) {
	v := address(a, s)
	if a.fixed || v.static {
		if a.store {
			fault("writes static data")
		}
		return
	}
	switch i := v.single(); {
	case i < 0:
		fault("has an address that is not one of its arguments and an offset")
	case i == len(f.pointers): // the stack
		at := a.disp - o.arch.args
		if len(a.terms) > 1 || at < 0 || at >= f.size {
			fault("touches the stack beside the arguments")
		} else if a.store && at < f.results {
			fault("writes an argument's place")
		}
	case a.store && !slices.Contains([]string{"dst", "sums", "mask", "count"}, f.pointers[i].name):
		fault("writes through %s", f.pointers[i].name)
	}
}

// eval is an assigned register's value.
func (o *Object) eval(f *function, a assign, s *state) value {
	switch {
	case a.static:
		return value{static: true}
	case a.load != nil:
		if a.load.fixed || address(*a.load, s).static {
			return value{static: true}
		}
		if at := a.load.disp - o.arch.args; address(*a.load, s).single() == len(f.pointers) {
			for i, p := range f.pointers {
				if p.offset == at {
					var v value
					v.times[i] = 1
					return v
				}
			}
		}
		return value{}
	case a.of != nil:
		for _, r := range a.of {
			if r != none && !s.regs[r].plain() {
				return opaque
			}
		}
		return value{}
	case a.mask != nil:
		// Few low bits are a number; all but a few are still the address.
		if v := sum(a.terms, s); *a.mask < 0 {
			return v
		} else if v.opaque {
			return opaque
		}
		if *a.mask < 4096 {
			return value{}
		}
		return opaque
	}
	return sum(a.terms, s)
}
