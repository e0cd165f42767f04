package main

import (
	"regexp"
	"strings"
)

func init() {
	arches["s390x"] = &arch{
		opposite: pairs(`BLT/BLE BGT/BGE BGE/BLT BEQ/BNE VN/VO VNC/VN VCHB/VCEQB VCHH/VCEQH VCHF/VCEQF VCHG/VCEQG
			VMXB/VMNB VMXH/VMNH VMXF/VMNF VMXG/VMNG VMXLB/VMNLB VMXLH/VMNLH VMRHF/VMRLF`),
		bounds:    set("CMP ADD SUB TMLL"),
		jump:      regexp.MustCompile(`^(B(LT|GE|GT|LE|NE|EQ|RCTG)|JMP)$`),
		symmetric: regexp.MustCompile(`^(ADD|VN|VO|VX|VCEQ.|VMXL?.|VMNL?.)$`),
		bits:      regexp.MustCompile(`^TMLL$`),
		wordMutants: func(word uint64, mnemonic string, add func(string, uint64)) {
			name, _, _ := strings.Cut(mnemonic, " ")
			switch {
			case strings.HasPrefix(name, "vfa"), strings.HasPrefix(name, "vfs"):
				add("other predicate", word^1) // the sum becomes the difference, or the reverse
			case strings.HasPrefix(name, "vfch"):
				add("other predicate", word^1) // high becomes high or equal, or the reverse
				exchanged := word&^(15<<32|15<<28) | word>>4&(15<<28) | word<<4&(15<<32)
				if exchanged != word {
					add("operands exchanged", exchanged)
				}
			}
		},
	}
}
