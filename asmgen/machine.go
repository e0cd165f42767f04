package main

import (
	"cmp"
	"slices"

	"github.com/mmcloughlin/avo/operand"
)

// vec is a vector register.
type vec = operand.Op

// machine emits kernels for one instruction set. It is fixed or scalable.
type machine interface{ lanewise }

// fixed is a machine whose vectors are of widths that it knows.
type fixed interface {
	machine
	control
	rowing
	summing
}

// scalable is a machine whose vectors are as long as the CPU makes them. It brings
// its own skeleton.
type scalable interface {
	machine
	write(k kernel)
}

// lanewise is what the operations' bodies are made of. Their arguments are
// used up: a method may overwrite any but slope and limit.
type lanewise interface {
	rectify(x vec) vec // x, or 0 where it is <= 0, by the bits
	gate(g, x vec) vec // g, or 0 where x <= 0, by the bits
	// gateWithin is g, or 0 where x <= 0 or x >= limit, for limit >= 0.
	gateWithin(g, x, limit vec) vec
	scale(v, x, slope vec) vec // v, or slope*v where x <= 0
	scaleMax(x, slope vec) vec // scale(x, x, slope) for 0 < slope <= 1
	clip(x, limit vec) vec     // min(max(0, x), limit) for limit >= 0
	add(a, b vec) vec          // a+b
}

// lacker is a machine that leaves some kernels to pure Go though it has their steps.
type lacker interface{ lacks(k kernel) bool }

// halver is a machine with more for half floats than max(0, x) and masks: the names of
// operations.
type halver interface{ halves() []string }

// hasHalf tells whether a machine's steps are for a kernel's half floats.
func hasHalf(m machine, k kernel) bool {
	if name := cmp.Or(k.plain, k.op.name); name != "relu" && name != "mask" {
		h, ok := m.(halver)
		return ok && slices.Contains(h.halves(), name)
	}
	return true
}

// clamper is a machine with the steps of Clamp and ClampGrad, for lo <= hi.
type clamper interface {
	// clamp is x, or lo where x <= lo, or hi where x >= hi. Bounds of floats are not 0.
	clamp(x, lo, hi vec) vec
	gateBetween(g, x, lo, hi vec) vec // g, or 0 where x <= lo or x >= hi
}

// multiplier is a machine with the steps of Square, Gate and their gradients.
type multiplier interface {
	mul(a, b vec) vec  // a*b; b is kept
	square(x vec) vec  // max(0, x) times itself
	pass(v, x vec) vec // v, or 0 where x <= 0, as floats
}

// masker is a machine with what the skeleton of masks needs beyond that. Vectors of
// a word are asked for one after the other.
type masker interface {
	fixed
	// storeWord stores at a pointer a bit for each of 64 elements: whether it is not 0,
	// or, of a marker's, > 0.
	storeWord(pointer string, vector func(i int) vec)
	// countWord counts those, and addCount adds up at dst.
	countWord(vector func(i int) vec)
	addCount()
	loadWord(source int)    // takes a word
	keep(i, source int) vec // vector i of a source, 0 where the word's bits are
	addWord()               // loads a word of 256 bytes and adds it up, for nobody
	nextWord(loop string)   // moves the pointers, and jumps if there is another word
}

// marker is a masker that takes marks in place of rectified elements.
type marker interface {
	mark(x vec) vec // > 0 where x is not <= 0, else <= 0; overwrites x
}

// control is what the kernels' skeletons are made of. They count in bytes,
// whatever the machine does with the kernel's parameter n.
type control interface {
	name() string // as kernels' names end
	// widths are those of vectors in bytes, the widest first.
	widths() []int
	unroll() int // vectors in an iteration of the main loop
	// shorter ends the name of the kernel that short slices are left to: another
	// machine's, to which begin leaves them, or Generic's. It is "" for those that have
	// widths down to 8 bytes.
	shorter() string
	begin(k kernel)
	// path starts a part of the function that no other leads into, with vectors of
	// up to a width. Constants are made here.
	path(width int)
	way(width int) // one of the part's ways, with vectors of one width
	load(source int, at place) vec
	scalar(name string) vec // a scalar parameter in each lane
	store(v vec, at place)
	// steps does count vectors in the order that suits the machine.
	steps(count int, s func(i int) step)
	hold(v vec)        // keeps v through later steps
	markEnd()          // lets store find the end of dst when the pointers have moved
	advance(bytes int) // moves the pointers
	// subtract takes bytes, rounded up to an element, from n and jumps if what is
	// left is < 0, or >= 0. At the end of a loop without unrolling it may count in
	// another way, and jumps if there is a vector before the last.
	subtract(bytes int, c condition, to string)
	label(name string)
	loop(name string) // a label worth aligning
	jump(c condition, bytes int, to string)
	// leave jumps to another function, which finds the arguments where this one did.
	leave(function string)
	leaveEmpty() // returns, having done nothing
	finish()     // returns
}

// streamer is a machine with non-temporal stores.
type streamer interface {
	fixed
	align() // moves the pointers to where dst is a multiple of the width
	storeNonTemporal(v vec, at place)
	fence() // orders the non-temporal stores before what follows
}

// rowing is what the skeleton of rowed needs beyond that.
type rowing interface {
	startRow()          // puts the pointers and n to the start of a row
	endRow(loop string) // moves to the next row, if there is one, and jumps
}

// summing is what the skeleton of preluGrad needs beyond that.
type summing interface {
	prepare() // makes what the loop uses again and again
	loadSums(i int) vec
	storeSums(v vec, i int)
	// scaleWithTerms gives scale(g, x, slope), and g*x or 0 where x > 0 or NaN.
	scaleWithTerms(g, x, slope vec) (scaled, terms vec)
	// addTerms adds a vector of elements to the vectors of float64 that it fills.
	addTerms(sums []vec, terms vec)
	nextRow(loop string) // moves to the next row, if there is one, and jumps
}

// place is where a vector stands in its slice.
type place struct {
	fromEnd bool // rather than from the first element that is not done
	off     int  // in bytes
}

// condition is one on n.
type condition int

const (
	less condition = iota
	above
	atLeast
	bitClear
)

// step is one vector's way from memory to memory, in three parts that a
// machine may interleave with those of other steps.
type step struct {
	load    func() []vec
	compute func(src []vec) vec
	store   func(v vec)
}

func (s step) result() vec { return s.compute(s.load()) }

// text is an operand as Go's assembler writes it.
type text string

func (t text) Asm() string { return string(t) }

// symbol is a function of the package. avo takes no other operand that it does
// not know.
func symbol(function string) operand.Op { return operand.LabelRef("·" + function + "(SB)") }
