package main

import (
	"regexp"
	"strings"
)

func init() {
	arches["loong64"] = &arch{
		opposite: pairs(`BGEZ/BLTZ BEQ/BNE VANDV/VORV XVANDV/XVORV VANDNV/VANDV XVANDNV/XVANDV VADDF/VSUBF VADDD/VSUBD XVADDF/XVSUBF XVADDD/XVSUBD
			VSLTB/VSEQB VSLTH/VSEQH VSLTW/VSEQW VSLTV/VSEQV XVSLTB/XVSEQB XVSLTH/XVSEQH XVSLTW/XVSEQW XVSLTV/XVSEQV ADDV/SUBV`),
		bounds:    set("ADDV SUBV AND"),
		jump:      regexp.MustCompile(`^(BGEZ|BLTZ|BEQ|BNE|BLEZ|BGTZ|JMP)$`),
		symmetric: regexp.MustCompile(`^(ADDV|X?V(ANDV|ORV|XORV|ADD.|MUL.|SEQ.))$`),
		bits:      regexp.MustCompile(`^AND$`),
		wordMutants: func(word uint64, mnemonic string, add func(string, uint64)) {
			name, _, _ := strings.Cut(strings.TrimPrefix(mnemonic, "x"), ".")
			exchanged := word&^(31<<5|31<<10) | word>>5&31<<10 | word>>10&31<<5
			switch name {
			case "vfcmp":
				add("other predicate", word^1<<17) // less becomes less or equal, or the reverse
			case "vmin", "vmax":
				add("other predicate", word^1<<17)
				return
			case "vmaxi", "vmini":
				add("other constant", word^1<<10)
				return
			case "vbitsel":
			default:
				return
			}
			if exchanged != word {
				add("operands exchanged", exchanged)
			}
		},
	}
}
