package audit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/arch/arm64/arm64asm"
)

func init() {
	arches["arm64"] = &arch{
		args:     8,
		sp:       31,
		scratch:  27,
		words:    true,
		reserved: map[reg]string{31: "the stack pointer", 18: "what the system keeps", 27: "what the assembler keeps", 28: "the goroutine", 29: "the frame pointer", 30: "the return address"},
		decode:   decodeARM64,
		guards:   map[string][]string{"NEON": {"ASIMD"}},
	}
}

// plainARM64 are the instructions of vectors and floats that compute in
// registers alone.
var plainARM64 = words(`AND ORR EOR BIC BIF BIT BSL NOT MVN DUP MOV INS UMOV SMOV MOVI MVNI EXT REV64 REV32
	CMGT CMGE CMEQ CMHI CMHS CMLT CMLE CMTST SMAX SMIN UMAX UMIN ADD SUB UQSUB MUL ABS NEG SSHR USHR USRA SHL SSHL USHL SRI SLI SQSHLU
	FCMGT FCMGE FCMEQ FCMLE FCMLT FADD FSUB FMUL FDIV FMAX FMIN FMAXNM FMINNM FABS FNEG FMOV FCVTL FCVTL2 FCVTN FCVTN2 FCVT SCVTF UCVTF
	ADDV UMAXV UMINV SMAXV SMINV ADDP UADDLV SADDLV CNT XTN XTN2 SQXTN SQXTN2 UZP1 UZP2 ZIP1 ZIP2 TRN1 TRN2 SHRN SHRN2 FADDP
	SXTL SXTL2 UXTL UXTL2 SSHLL USHLL SSHLL2 USHLL2 UADDLP UADALP`)

func decodeARM64(code []byte, pc uint64) (inst, error) {
	x, err := arm64asm.Decode(code)
	if err != nil {
		return inst{}, err
	}
	in := inst{pc: pc, size: 4, text: arm64asm.GNUSyntax(x)}
	op := x.Op.String()
	vector := false
	for _, arg := range x.Args {
		if isVector(arg) {
			vector = true
		}
	}
	if vector {
		in.sets = []string{"ASIMD"}
	}
	rel := func(i int) uint64 { return pc + uint64(int64(x.Args[i].(arm64asm.PCRel))) }
	switch x.Op {
	case arm64asm.NOP, arm64asm.HINT:
		in.pad = true
		return in, nil
	case arm64asm.RET:
		in.flow = ret
		return in, nil
	case arm64asm.B:
		if _, ok := x.Args[0].(arm64asm.Cond); ok {
			in.flow, in.target = branch, rel(1)
		} else {
			in.flow, in.target = jump, rel(0)
		}
		return in, nil
	case arm64asm.BR:
		in.flow = indirect
		return in, nil
	case arm64asm.BL, arm64asm.BLR, arm64asm.SVC:
		in.flow = call
		return in, nil
	case arm64asm.CBZ, arm64asm.CBNZ:
		in.flow, in.target = branch, rel(1)
		return in, nil
	case arm64asm.TBZ, arm64asm.TBNZ:
		in.flow, in.target = branch, rel(2)
		return in, nil
	case arm64asm.PRFM, arm64asm.DMB, arm64asm.DSB:
		in.fence = x.Op != arm64asm.PRFM
		return in, nil
	case arm64asm.CMP, arm64asm.CMN, arm64asm.TST, arm64asm.CCMP, arm64asm.CCMN, arm64asm.FCMP, arm64asm.FCMPE:
		return in, nil
	case arm64asm.ADRP, arm64asm.ADR:
		in.set = append(in.set, assign{to: numberARM64(x, 0, 0), static: true})
		return in, nil
	}

	// Loads and stores: registers, and where.
	for i, arg := range x.Args {
		m := access{}
		update := false
		base := field(x.Enc, 5, false)
		switch a := arg.(type) {
		case arm64asm.MemImmediate:
			update = a.Mode == arm64asm.AddrPostIndex || a.Mode == arm64asm.AddrPostReg || a.Mode == arm64asm.AddrPreIndex
			if d := displacement.FindStringSubmatch(a.String()); d != nil && a.Mode != arm64asm.AddrPostIndex {
				m.disp, _ = strconv.ParseInt(d[1], 10, 64)
			}
			m.terms = []term{{base, 1}}
		case arm64asm.MemExtend:
			m.terms = []term{{base, 1}, {field(x.Enc, 16, true), 1 << a.Amount}}
		default:
			continue
		}
		switch {
		case strings.HasPrefix(op, "ST"):
			m.store = true
		case !strings.HasPrefix(op, "LD"):
			return in, fmt.Errorf("%s is not known to be harmless", op)
		}
		in.past = op == "STNP"
		in.access = append(in.access, m)
		if !m.store {
			for j := range i {
				if to := numberARM64(x, j, []int{0, 10}[j]); to != none {
					in.set = append(in.set, assign{to: to, load: &m})
				}
			}
		}
		if update {
			in.set = append(in.set, assign{to: base, terms: []term{{base, 1}}})
		}
		return in, nil
	}

	to := numberARM64(x, 0, 0)
	if vector {
		if !plainARM64[op] {
			return in, fmt.Errorf("%s is not known to be harmless", op)
		}
		if to != none {
			in.set = append(in.set, assign{to: to, of: []reg{none}})
		}
		return in, nil
	}
	a, b := numberARM64(x, 1, 5), numberARM64(x, 2, 16)
	value := assign{to: to, of: []reg{a, b, numberARM64(x, 3, 10)}}
	switch x.Op {
	case arm64asm.ADD, arm64asm.ADDS, arm64asm.SUB, arm64asm.SUBS:
		value = assign{to: to, terms: []term{{a, 1}}}
		if b != none {
			times := shiftARM64(x)
			if x.Op == arm64asm.SUB || x.Op == arm64asm.SUBS {
				times = -times
			}
			value.terms = append(value.terms, term{b, times})
		}
	case arm64asm.NEG, arm64asm.NEGS:
		value = assign{to: to, terms: []term{{field(x.Enc, 16, true), -shiftARM64(x)}}}
	case arm64asm.MOV:
		value = assign{to: to, of: []reg{none}}
		switch x.Args[1].(type) {
		case arm64asm.RegSP:
			value = assign{to: to, terms: []term{{field(x.Enc, 5, false), 1}}}
		case arm64asm.Reg:
			value = assign{to: to, terms: []term{{field(x.Enc, 16, true), 1}}}
		}
	case arm64asm.AND, arm64asm.ANDS:
		if imm, ok := x.Args[2].(arm64asm.Imm64); ok {
			mask := int64(imm.Imm)
			value = assign{to: to, terms: []term{{a, 1}}, mask: &mask}
		}
	case arm64asm.MOVZ, arm64asm.MOVN, arm64asm.MOVK, arm64asm.ORR, arm64asm.EOR, arm64asm.BIC, arm64asm.EON, arm64asm.ORN, arm64asm.MVN,
		arm64asm.LSL, arm64asm.LSR, arm64asm.ASR, arm64asm.UBFX, arm64asm.SBFX, arm64asm.UBFIZ, arm64asm.SBFIZ, arm64asm.UBFM, arm64asm.SBFM,
		arm64asm.UXTB, arm64asm.UXTH, arm64asm.SXTB, arm64asm.SXTH, arm64asm.SXTW, arm64asm.BFI, arm64asm.BFXIL,
		arm64asm.MUL, arm64asm.MADD, arm64asm.MSUB, arm64asm.CSEL, arm64asm.CSET, arm64asm.CSINC, arm64asm.CSINV, arm64asm.CSNEG, arm64asm.CLZ, arm64asm.RBIT, arm64asm.REV:
	default:
		return in, fmt.Errorf("%s is not known to be harmless", op)
	}
	in.set = append(in.set, value)
	return in, nil
}

// field is a register's number in an encoding, from a bit on. With zero, 31 is
// the register that reads as 0; otherwise it is the stack pointer.
func field(enc uint32, bit int, zero bool) reg {
	r := reg(enc >> bit & 31)
	if r == 31 && zero {
		return none
	}
	return r
}

// numberARM64 is the number of the general register that an operand is, which
// is encoded from a bit on, or none.
func numberARM64(x arm64asm.Inst, i, bit int) reg {
	switch a := x.Args[i].(type) {
	case arm64asm.Reg:
		if a <= arm64asm.XZR {
			return field(x.Enc, bit, true)
		}
	case arm64asm.RegSP:
		return field(x.Enc, bit, false)
	case arm64asm.RegExtshiftAmount:
		return field(x.Enc, bit, true)
	}
	return none
}

// shiftARM64 is what the last operand of an addition is multiplied by.
func shiftARM64(x arm64asm.Inst) int {
	switch {
	case x.Enc>>21&1 == 1: // an extended register
		return 1 << (x.Enc >> 10 & 7)
	case x.Enc>>22&3 == 0 && x.Enc>>10&63 < 32:
		return 1 << (x.Enc >> 10 & 63)
	}
	return 1 << 31 // which is none that an address has
}

var displacement = regexp.MustCompile(`#(-?\d+)`)

func isVector(arg arm64asm.Arg) bool {
	switch a := arg.(type) {
	case arm64asm.Reg:
		return a >= arm64asm.B0 && a <= arm64asm.V31
	case arm64asm.RegisterWithArrangement, arm64asm.RegisterWithArrangementAndIndex:
		return true
	}
	return false
}
