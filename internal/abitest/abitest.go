//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

// Package abitest tells whether assembly leaves alone what Go keeps in registers. It
// has a trampoline, whose address a test puts where a kernel's address is looked up:
// it calls the kernel with the arguments that it was given, and compares the registers
// before and after. Go itself would notice late, if at all: what calls assembly
// restores some of them, and others matter only to a signal or a traceback that comes
// in between.
//
// What the trampoline knows is in variables of the package, so a test may not have it
// called by several goroutines. The kernel may not be one that grows the stack while an
// argument points into it.
package abitest

// These are the trampoline's.
var (
	//lint:ignore U1000 the trampoline reads it
	target  uintptr
	calls   uint64
	before  [len(registers)]uint64
	changed [len(registers)]uint64
	// tellsUpperHalves is whether the CPU says which parts of its state are in use, on
	// amd64.
	tellsUpperHalves bool
)

// Entry is the address of the trampoline.
func Entry() uintptr { return addresses()[0] }

// Watch has the trampoline call the assembly function at an address from now on, as
// it would be called from assembly, and forget what it saw.
func Watch(code uintptr) {
	target, calls, changed = code, 0, [len(registers)]uint64{}
}

// Seen is how many calls went through the trampoline since Watch, and the registers
// that any of them changed.
func Seen() (count int, names []string) {
	for i, bits := range changed {
		if bits != 0 {
			names = append(names, registers[i])
		}
	}
	return int(calls), names
}

// addresses are those of the trampoline, of a function that changes nothing, and of
// one for each of registers that changes it.
func addresses() *[2 + len(registers)]uintptr

// trampoline's parameter is the words of the arguments that it copies.
func trampoline(args [10]uintptr)
