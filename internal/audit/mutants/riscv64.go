package main

import (
	"regexp"
)

func init() {
	arches["riscv64"] = &arch{
		opposite: pairs(`BLT/BGE BNEZ/BEQZ BNE/BEQ VMFLEVF/VMFLTVF VMFGEVF/VMFGTVF VMFEQVV/VMFNEVV VMSLEVX/VMSGTVX VMAXVX/VMINVX VMAXUVX/VMINUVX VFMAXVF/VFMINVF
			VFADDVV/VFSUBVV VMORMM/VMANDMM ADD/SUB`),
		bounds:    set("ADD SUB MOV"),
		jump:      regexp.MustCompile(`^(B(LT|GE|NE|EQ|NEZ|EQZ|LTU|GEU)|JMP)$`),
		symmetric: regexp.MustCompile(`^(ADD|VFADDVV|VFMULVV|VMORMM|VMANDMM|VMFEQVV|VMFNEVV|VSETVLI)$`),
		bits:      regexp.MustCompile(`^TST`),
		indexed:   regexp.MustCompile(`^V`), // the assembler passes over a number there
	}
}
