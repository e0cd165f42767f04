package main

import "strings"

// An entry is what a public function calls: it jumps to the active kernel, by a
// table of code addresses, and leaves the arguments where they are. A jump in
// assembly lets nothing escape, which a call of a function variable in Go would.

// jumps are, for each architecture, the instructions of an entry: through the
// slot of an operation, and through the slot that the argument kind names.
var jumps = map[string]struct{ slot, kind, address string }{
	"amd64": {
		slot:    "MOVQ ·table(SB), AX; JMP 8*slot(AX)",
		kind:    "MOVQ ·table(SB), AX; MOVQ kind+24(FP), CX; JMP (AX)(CX*8)",
		address: "LEAQ table(SB), AX; MOVQ AX, ret+0(FP)",
	},
	"arm64": {
		slot:    "MOVD ·table(SB), R9; MOVD 8*slot(R9), R9; JMP (R9)",
		kind:    "MOVD ·table(SB), R9; MOVD kind+24(FP), R10; MOVD (R9)(R10<<3), R9; JMP (R9)",
		address: "MOVD $table(SB), R9; MOVD R9, ret+0(FP)",
	},
	"loong64": {
		slot:    "MOVV ·table(SB), R12; MOVV 8*slot(R12), R12; JMP (R12)",
		kind:    "MOVV ·table(SB), R12; MOVV kind+24(FP), R13; ALSLV $3, R13, R12, R12; MOVV (R12), R12; JMP (R12)",
		address: "MOVV $table(SB), R12; MOVV R12, ret+0(FP)",
	},
	// Position-independent code finds its data by R12, its own address.
	"ppc64le": {
		slot:    "MOVD ·table(SB), R12; MOVD 8*slot(R12), R12; MOVD R12, CTR; JMP (CTR)",
		kind:    "MOVD ·table(SB), R12; MOVD kind+24(FP), R3; SLD $3, R3; MOVD (R12)(R3), R12; MOVD R12, CTR; JMP (CTR)",
		address: "MOVD $table(SB), R3; MOVD R3, ret+0(FP)",
	},
	"s390x": {
		slot:    "MOVD ·table(SB), R1; MOVD 8*slot(R1), R1; JMP (R1)",
		kind:    "MOVD ·table(SB), R1; MOVD kind+24(FP), R2; SLD $3, R2; MOVD (R1)(R2*1), R1; JMP (R1)",
		address: "MOVD $table(SB), R1; MOVD R1, ret+0(FP)",
	},
	// Not through X5: the CPU takes a jump through it for a return.
	"riscv64": {
		slot:    "MOV ·table(SB), X6; MOV 8*slot(X6), X6; JMP (X6)",
		kind:    "MOV ·table(SB), X6; MOV kind+24(FP), X7; SLL $3, X7; ADD X7, X6; MOV (X6), X6; JMP (X6)",
		address: "MOV $table(SB), X6; MOV X6, ret+0(FP)",
	},
}

// entries are an architecture's. On amd64 a build for GOAMD64=v3 or v4 jumps
// straight to its kernel.
func entries(arch string, ops []op, emitted symbols) []byte {
	s := header("relu")
	at, _ := slots(ops)
	j := jumps[arch]
	s.line("\n//go:build %s\n\n#include \"textflag.h\"\n", withAssembly)
	if arch == "amd64" {
		for i, set := range []isa{{"avx512", "AVX512"}, {"avx2", "AVX2"}} {
			s.line("#ifdef GOAMD64_v%d", 4-i)
			s.table("rectify<>", set, ops[:1], float64s.kind()+1, emitted)
			s.line("#define RUN(slot, v3, v4) JMP v%d(SB)", 4-i)
			s.line("#define RUN_KIND LEAQ rectify<>(SB), AX; MOVQ kind+24(FP), CX; JMP (AX)(CX*8)\n#else")
		}
		s.line("#define RUN(slot, v3, v4) %s\n#define RUN_KIND %s\n#endif\n#endif", j.slot, j.kind)
	} else {
		s.line("#define RUN(slot) %s\n#define RUN_KIND %s", j.slot, j.kind)
	}
	// Their parameters are in entry.go.
	s.line("\nTEXT ·rectify(SB), NOSPLIT, $0-32")
	if arch == "amd64" {
		s.one()
	} else {
		s.line("\tRUN_KIND")
	}
	for _, o := range ops {
		for _, k := range o.kernels() {
			s.line("\nTEXT ·%s(SB), NOSPLIT, $0-%d", k.name(), k.argBytes())
			if arch == "amd64" {
				s.line("\tRUN(%d, ·%s, ·%s)", at[k.name()], isa{"", "AVX2"}.form(k, emitted), isa{"", "AVX512"}.form(k, emitted))
			} else {
				s.line("\tRUN(%d)", at[k.name()])
			}
		}
	}
	return []byte(s.String())
}

// one does a single float without a kernel, on amd64: it takes no vector, and the
// branches on the way to the element take longer than the element. On Zen 5 that
// saves a quarter of the call; the jump to the others, if it is not aligned, takes
// a cycle more.
func (s *source) one() {
	s.line("\tCMPQ n+16(FP), $1\n\tJEQ  one\n\tPCALIGN $32\n\nrun:\n\tRUN_KIND")
	s.line("\none:\n\tMOVQ dst+0(FP), AX\n\tMOVQ src+8(FP), CX\n\tXORL DX, DX")
	s.line("\tCMPQ kind+24(FP), $%d\n\tJNE  double", float32s.kind())
	s.line("\tMOVL (CX), BX\n\tCMPL BX, $%d\n\tCMOVLLE DX, BX\n\tMOVL BX, (AX)\n\tRET", float32s.floor())
	s.line("\ndouble:\n\tCMPQ kind+24(FP), $%d\n\tJNE  run", float64s.kind())
	s.line("\tMOVQ (CX), BX\n\tMOVQ $%d, SI\n\tCMPQ BX, SI\n\tCMOVQLE DX, BX\n\tMOVQ BX, (AX)\n\tRET", float64s.floor())
}

// table is the code addresses of an instruction set's kernels, for as many slots.
func (s *source) table(name string, set isa, ops []op, count int, emitted symbols) {
	at, _ := slots(ops)
	inOrder := make([]string, len(at)+float64s.kind())
	for _, o := range ops {
		for _, k := range o.kernels() {
			inOrder[at[k.name()]] = set.form(k, emitted)
		}
	}
	for slot, form := range inOrder[:count] {
		if form != "" {
			s.line("DATA %s+%d(SB)/8, $·%s(SB)", name, 8*slot, form)
		}
	}
	s.line("GLOBL %s(SB), RODATA, $%d", name, 8*count)
}

// tables are the code addresses of each instruction set's kernels. They are data
// that cannot be written.
func tables(arch string, ops []op, sets []isa, emitted symbols) []byte {
	s := header("relu")
	_, count := slots(ops)
	s.line("\n//go:build %s\n\n#include \"textflag.h\"", choosing(arch))
	for _, set := range sets {
		s.line("")
		s.table("table"+set.suffix+"<>", set, ops, count, emitted)
		s.line("\n// func table%s() *kernelTable", set.suffix)
		s.line("TEXT ·table%s(SB), NOSPLIT, $0-8", set.suffix)
		s.line("\t%s; RET", strings.Replace(jumps[arch].address, "table(", "table"+set.suffix+"<>(", 1))
	}
	return []byte(s.String())
}

// tableStubs is the Go side of tables.
func tableStubs(arch string, sets []isa) []byte {
	s := header("relu")
	s.line("\n//go:build %s\n\npackage relu", choosing(arch))
	s.line("\n// tableOf is where the code of a kernel's functions is.")
	s.line("func tableOf(k kernel) *kernelTable {\nswitch k {")
	for _, set := range sets {
		if set.kernel != "generic" {
			s.line("case %s: return table%s()", set.kernel, set.suffix)
		}
	}
	s.line("}\nreturn tableGeneric()\n}\n")
	for _, set := range sets {
		s.line("func table%s() *kernelTable", set.suffix)
	}
	return s.file()
}

// choosing is the build constraint of builds that choose among kernels.
func choosing(arch string) string {
	if arch == "amd64" {
		return "!amd64.v3 && " + withAssembly
	}
	return withAssembly
}

// argBytes is the size of the kernel's arguments. The scalars lie side by side, and
// are followed by a word.
func (k kernel) argBytes() int {
	words := len(strings.Split(k.params(), ",")) - len(k.scalars)
	return 8*words + (len(k.scalars)*k.elem.size+7)/8*8
}
