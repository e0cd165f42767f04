package main

import (
	"regexp"
	"strings"
)

func init() {
	arches["ppc64le"] = &arch{
		opposite: pairs(`BLT/BLE BGT/BGE BGE/BLT BEQ/BNE VAND/VOR VANDC/VAND VCMPGTSW/VCMPEQUW VCMPGTSD/VCMPEQUD VCMPGTSH/VCMPEQUH
			VSPLTISW/VSPLTISH VSLW/VSLH VSLD/VSLW LXVD2X/LXVW4X STXVD2X/STXVW4X`),
		bounds:    set("CMP ADD SUB ANDCC"),
		jump:      regexp.MustCompile(`^(B(LT|GE|GT|LE|NE|EQ|DNZ)|JMP)$`),
		symmetric: regexp.MustCompile(`^(ADD|VAND|VOR|VXOR|VCMPEQU.|XV(ADD|MUL).P)$`),
		bits:      regexp.MustCompile(`^ANDCC$`),
		indexed:   regexp.MustCompile(`^(LXV|LXS|STXV|STXS)`),
		second:    "(R16)",
		wordMutants: func(word uint64, mnemonic string, add func(string, uint64)) {
			name, _, _ := strings.Cut(mnemonic, " ")
			switch {
			case strings.HasPrefix(name, "vmax"), strings.HasPrefix(name, "vmin"):
				add("other predicate", word^0x200) // the lesser of two, or the reverse
			case strings.HasPrefix(name, "xvadd"), strings.HasPrefix(name, "xvsub"):
				add("other predicate", word^8<<3)
			case strings.HasPrefix(name, "xvcmpg"):
				add("other predicate", word^0x18<<3) // greater becomes greater or equal, or the reverse
				// The sources, and the bit beside each register's five.
				exchanged := word&^(31<<16|31<<11|4|2) | word>>5&(31<<11) | word<<5&(31<<16) | word>>1&2 | word<<1&4
				if exchanged != word {
					add("operands exchanged", exchanged)
				}
			}
		},
	}
}
