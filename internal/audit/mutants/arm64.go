package main

import (
	"regexp"
	"strings"
)

func init() {
	arches["arm64"] = &arch{
		opposite:  pairs(`BGT/BGE BLT/BLE BGE/BLT BNE/BEQ TBZ/TBNZ CBZ/CBNZ VAND/VORR VBIT/VBIF VBSL/VBIT ADD/SUB ADDS/SUBS`),
		bounds:    set("CMP SUB SUBS ADD ADDS AND TBZ TBNZ"),
		jump:      regexp.MustCompile(`^(B(GT|GE|LT|LE|NE|EQ|HI|HS|LO|LS)?|TBN?Z|CBN?Z|JMP)$`),
		symmetric: regexp.MustCompile(`^(ADD|VAND|VORR|VEOR|VADD|VCMTST|VCMEQ|FLDPQ|FSTPQ)$`),
		bits:      regexp.MustCompile(`^TST`),
		wordMutants: func(word uint64, mnemonic string, add func(string, uint64)) {
			name, operands, _ := strings.Cut(mnemonic, " ")
			zero := strings.Contains(operands, "#")
			n, m := word>>5&31, word>>16&31
			switch name {
			case "cmgt", "fcmgt", "cmge", "fcmge", "smax", "smin", "fsub", "fadd", "fmax", "fmin":
				// The bit that makes the neighbouring instruction of it.
				bit := map[string]uint64{"cmgt": 11, "cmge": 11, "fcmgt": 23, "fcmge": 23, "smax": 11, "smin": 11, "fadd": 23, "fsub": 23, "fmax": 23, "fmin": 23}[name]
				if zero {
					bit = 29 // greater becomes greater or equal, or the reverse
				}
				add("other predicate", word^1<<bit)
			case "fcmle", "fcmlt", "cmle", "cmlt":
				if zero {
					add("other predicate", word^1<<29^1<<12^1<<13)
				}
			}
			if strings.HasPrefix(name, "cm") || strings.HasPrefix(name, "fcm") || strings.HasSuffix(name, "sub") || name == "bic" {
				if !zero && n != m {
					add("operands exchanged", word&^(31<<5|31<<16)|m<<5|n<<16)
				}
			}
			if strings.HasSuffix(name, "shr") || strings.HasSuffix(name, "shl") || name == "sqshlu" {
				add("other constant", word^1<<16)
			}
		},
	}
}
