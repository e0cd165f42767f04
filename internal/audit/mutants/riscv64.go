package main

import (
	"encoding/binary"
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
		patch: func(from, to uint64) []byte {
			by := uint32(to - from)
			code := binary.LittleEndian.AppendUint32(nil, (by+0x800)&0xFFFFF000|31<<7|0x17) // auipc x31
			return binary.LittleEndian.AppendUint32(code, by<<20|31<<15|0x67)               // jalr x0, (x31)
		},
	}
}
