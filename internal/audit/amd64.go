package audit

import (
	"fmt"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

func init() {
	arches["amd64"] = &arch{
		args:     8,
		sp:       4,
		scratch:  none,
		reserved: map[reg]string{4: "the stack pointer", 5: "the frame pointer", 14: "the goroutine", 15: "the table of offsets of a shared library"},
		decode:   decodeAMD64,
		guards: map[string][]string{
			"SSE2":   {},
			"AVX":    {"AVX"},
			"AVX2":   {"AVX", "AVX2", "F16C"},
			"AVX512": {"AVX", "AVX2", "F16C", "AVX512F", "AVX512BW", "AVX512DQ", "POPCNT"},
		},
	}
}

// baseSSE are the instructions of SSE and SSE2, which every amd64 has.
var baseSSE = words(`
	MOVAPS MOVAPD MOVUPS MOVUPD MOVDQA MOVDQU MOVD MOVQ MOVSS MOVSD_XMM MOVNTDQ
	PAND PANDN POR PXOR ANDPS ANDPD ANDNPS ANDNPD ORPS ORPD XORPS XORPD
	PCMPGTB PCMPGTW PCMPGTD PCMPEQB PCMPEQW PCMPEQD CMPPS CMPPD
	PADDB PADDW PADDD PADDQ PSUBB PSUBW PSUBD PSUBQ PADDSB PADDSW PADDUSB PADDUSW PSUBSB PSUBSW PSUBUSB PSUBUSW
	PSLLW PSLLD PSLLQ PSRLW PSRLD PSRLQ PSRAW PSRAD PSLLDQ PSRLDQ
	PSHUFD PSHUFLW PSHUFHW SHUFPS SHUFPD UNPCKLPS UNPCKHPS UNPCKLPD UNPCKHPD
	PUNPCKLBW PUNPCKLWD PUNPCKLDQ PUNPCKLQDQ PUNPCKHBW PUNPCKHWD PUNPCKHDQ PUNPCKHQDQ
	PMAXSW PMINSW PMAXUB PMINUB MAXPS MAXPD MINPS MINPD
	ADDPS ADDPD ADDSS ADDSD SUBPS SUBPD MULPS MULPD MULSS MULSD DIVPS DIVPD SQRTPS SQRTPD
	CVTPS2PD CVTPD2PS CVTTPS2DQ CVTDQ2PS CVTDQ2PD CVTSS2SD CVTSD2SS
	PMOVMSKB MOVMSKPS MOVMSKPD PACKSSWB PACKSSDW PACKUSWB PSADBW PMULLW PMULHW PMULUDQ PMADDWD
	MOVHPS MOVLPS MOVHPD MOVLPD MOVHLPS MOVLHPS`)

// avx2 are those of VEX that came with AVX2: all on integers of 256 bits, and
// these.
var avx2Only = words(`VPBROADCASTB VPBROADCASTW VPBROADCASTD VPBROADCASTQ VPBLENDD VEXTRACTI128 VINSERTI128 VPERMQ VPERMD
	VPSLLVD VPSLLVQ VPSRLVD VPSRLVQ VPSRAVD VPMASKMOVD VPMASKMOVQ VBROADCASTI128`)

// avx512BW and avx512DQ are those of EVEX that F does not have.
var (
	avx512BW = words(`VMOVDQU8 VMOVDQU16 VPBLENDMB VPBLENDMW VPMAXSB VPMAXSW VPMINSB VPMINSW VPMAXUB VPMINUB VPMAXUW VPMINUW
		VPCMPB VPCMPW VPCMPUB VPCMPUW VPCMPGTB VPCMPGTW VPCMPEQB VPCMPEQW VPADDB VPADDW VPSUBB VPSUBW VPADDSB VPADDSW VPADDUSB VPADDUSW VPSUBSB VPSUBSW VPSUBUSB VPSUBUSW
		VPSLLW VPSRLW VPSRAW VPTESTMB VPTESTMW VPTESTNMB VPTESTNMW VPBROADCASTB VPBROADCASTW VPMOVM2B VPMOVM2W VPMOVB2M VPMOVW2M
		VPUNPCKLBW VPUNPCKHBW VPUNPCKLWD VPUNPCKHWD VPACKSSWB VPACKSSDW VPMOVWB VPMOVSXBW VPMOVZXBW VPERMW
		KMOVD KMOVQ KORD KORQ KANDD KANDQ KXORD KXORQ KNOTD KNOTQ KANDND KANDNQ KORTESTD KORTESTQ KUNPCKWD KUNPCKDQ KSHIFTLD KSHIFTLQ KSHIFTRD KSHIFTRQ`)
	avx512DQ = words(`VANDPS VANDPD VANDNPS VANDNPD VORPS VORPD VXORPS VXORPD VPMOVM2D VPMOVM2Q VPMOVD2M VPMOVQ2M VPMULLQ
		VEXTRACTF32X8 VEXTRACTF64X2 VEXTRACTI32X8 VEXTRACTI64X2 VBROADCASTF32X8 VBROADCASTF64X2 VRANGEPS VRANGEPD VFPCLASSPS VFPCLASSPD
		VCVTQQ2PD VCVTPD2QQ KMOVB KORB KANDB KXORB KNOTB KANDNB KORTESTB KTESTB KTESTW KADDB KADDW KSHIFTLB KSHIFTRB`)
)

func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

func decodeAMD64(code []byte, pc uint64) (inst, error) {
	x, err := x86asm.Decode(code, 64)
	if err != nil {
		return inst{}, err
	}
	if x.Op == x86asm.VZEROUPPER || x.Op == x86asm.VZEROALL {
		x.Len = 3 // to x86asm of v0.33.0 the next byte belongs to it
	}
	in := inst{pc: pc, size: x.Len, text: x86asm.GNUSyntax(x, pc, nil)}
	op := x.Op.String()
	evex, vex := false, false
	for _, p := range x.Prefix {
		if p == 0 {
			break
		}
		switch {
		case p&x86asm.PrefixIgnored != 0:
		case p.IsEVEX():
			evex = true
		case p.IsVEX():
			vex = true
		}
		if evex || vex {
			break
		}
	}

	// The memory operand, if it has one.
	var memory *access
	for i, arg := range x.Args {
		if m, ok := arg.(x86asm.Mem); ok {
			a := access{disp: m.Disp, store: i == 0}
			if m.Segment != 0 {
				return in, fmt.Errorf("segment %v", m.Segment)
			}
			for _, t := range []struct {
				r     x86asm.Reg
				times int
			}{{m.Base, 1}, {m.Index, int(m.Scale)}} {
				if r, ok := general(t.r); ok {
					a.terms = append(a.terms, term{r, t.times})
				} else if t.r != 0 && t.r != x86asm.RIP {
					return in, fmt.Errorf("address of %v", t.r)
				}
			}
			a.fixed = m.Base == x86asm.RIP || m.Base == 0 && m.Index == 0
			memory = &a
		}
	}
	dst, dstGeneral := general(x.Args[0])
	src, srcGeneral := general(x.Args[1])
	use := func() { // the memory operand is touched
		if memory != nil {
			in.access = append(in.access, *memory)
		}
	}

	if evex || vex {
		use()
		if evex {
			in.sets = append(in.sets, setsEVEX(op, x)...)
		} else {
			in.sets = append(in.sets, setVEX(op, x))
		}
		in.cleans = op == "VZEROUPPER" || op == "VZEROALL"
		if r, ok := x.Args[0].(x86asm.Reg); ok {
			// Upper halves of the upper 16 registers hold nobody up.
			in.dirties = r >= x86asm.Y0 && r <= x86asm.Y15 || r >= x86asm.Z0 && r <= x86asm.Z15
		}
		in.past = strings.HasPrefix(op, "VMOVNT")
		if dstGeneral {
			in.set = append(in.set, assign{to: dst, of: []reg{none}})
		}
		if strings.HasPrefix(op, "VPTEST") && !evex || strings.HasPrefix(op, "VUCOMIS") || strings.HasPrefix(op, "VCOMIS") {
			in.dirties = false // writes flags alone
		}
		return in, nil
	}

	if baseSSE[op] {
		use()
		in.legacy = true
		in.past = strings.HasPrefix(op, "MOVNT")
		if dstGeneral {
			in.set = append(in.set, assign{to: dst, of: []reg{none}})
			in.legacy = !srcGeneral
		}
		if op == "MOVD" || op == "MOVQ" {
			_, m := x.Args[0].(x86asm.Mem)
			in.legacy = in.legacy || m
		}
		return in, nil
	}

	switch x.Op {
	case x86asm.NOP, x86asm.INT:
		in.pad = true
		return in, nil
	case x86asm.RET:
		in.flow = ret
		return in, nil
	case x86asm.CALL, x86asm.SYSCALL:
		in.flow = call
		return in, nil
	case x86asm.JMP:
		if rel, ok := x.Args[0].(x86asm.Rel); ok {
			in.flow, in.target = jump, pc+uint64(x.Len)+uint64(int64(rel))
		} else {
			in.flow = indirect
			if memory != nil {
				memory.store = false
			}
			use()
		}
		return in, nil
	case x86asm.SFENCE, x86asm.MFENCE:
		in.fence = true
		return in, nil
	case x86asm.PREFETCHT0, x86asm.PREFETCHT1, x86asm.PREFETCHT2, x86asm.PREFETCHNTA, x86asm.PREFETCHW:
		return in, nil // touches nothing that can be seen
	case x86asm.CMP, x86asm.TEST, x86asm.BT:
		if memory != nil {
			memory.store = false
		}
		use()
		return in, nil
	case x86asm.LEA:
		if memory.fixed {
			in.set = append(in.set, assign{to: dst, static: true})
		} else {
			in.set = append(in.set, assign{to: dst, terms: memory.terms})
		}
		return in, nil
	case x86asm.LZCNT:
		in.sets = append(in.sets, "LZCNT")
	case x86asm.POPCNT:
		in.sets = append(in.sets, "POPCNT")
	case x86asm.TZCNT:
		in.sets = append(in.sets, "BMI1")
	case x86asm.MOV, x86asm.ADD, x86asm.SUB, x86asm.AND, x86asm.OR, x86asm.XOR, x86asm.NEG, x86asm.NOT, x86asm.INC, x86asm.DEC,
		x86asm.SHL, x86asm.SHR, x86asm.SAR, x86asm.MOVZX, x86asm.MOVSX, x86asm.MOVSXD, x86asm.IMUL, x86asm.BSR, x86asm.BSF,
		x86asm.SBB, x86asm.ADC:
	default:
		if rel, ok := x.Args[0].(x86asm.Rel); ok && strings.HasPrefix(op, "J") {
			in.flow, in.target = branch, pc+uint64(x.Len)+uint64(int64(rel))
			return in, nil
		}
		if !strings.HasPrefix(op, "CMOV") && !strings.HasPrefix(op, "SET") {
			return in, fmt.Errorf("%s is not known to be harmless", op)
		}
	}
	use()
	if !dstGeneral {
		return in, nil
	}
	// The high byte registers have no number of their own here, and the parts of
	// a register are as good as the whole.
	value := assign{to: dst, of: []reg{dst}}
	if srcGeneral {
		value.of = append(value.of, src)
	}
	imm, immediate := x.Args[1].(x86asm.Imm)
	switch x.Op {
	case x86asm.MOV, x86asm.MOVZX, x86asm.MOVSX, x86asm.MOVSXD:
		value = assign{to: dst, terms: []term{{src, 1}}}
		if memory != nil {
			value = assign{to: dst, load: memory}
		} else if !srcGeneral {
			value = assign{to: dst, of: []reg{none}}
		}
	case x86asm.ADD, x86asm.SUB:
		times := 1
		if x.Op == x86asm.SUB {
			times = -1
		}
		if memory == nil {
			value = assign{to: dst, terms: []term{{dst, 1}}}
			if srcGeneral {
				value.terms = append(value.terms, term{src, times})
			}
		}
	case x86asm.INC, x86asm.DEC:
		value = assign{to: dst, terms: []term{{dst, 1}}}
	case x86asm.NEG:
		value = assign{to: dst, terms: []term{{dst, -1}}}
	case x86asm.AND:
		if immediate {
			mask := int64(imm)
			value = assign{to: dst, terms: []term{{dst, 1}}, mask: &mask}
		}
	case x86asm.XOR:
		if srcGeneral && dst == src {
			value = assign{to: dst, of: []reg{none}}
		}
	}
	in.set = append(in.set, value)
	return in, nil
}

// general is the number of a general register.
func general(a any) (reg, bool) {
	r, ok := a.(x86asm.Reg)
	switch {
	case !ok:
		return 0, false
	case r >= x86asm.RAX && r <= x86asm.R15:
		return reg(r - x86asm.RAX), true
	case r >= x86asm.EAX && r <= x86asm.R15L:
		return reg(r - x86asm.EAX), true
	case r >= x86asm.AX && r <= x86asm.R15W:
		return reg(r - x86asm.AX), true
	case r >= x86asm.SPB && r <= x86asm.R15B:
		return reg(r-x86asm.SPB) + 4, true
	case r >= x86asm.AL && r <= x86asm.BL:
		return reg(r - x86asm.AL), true
	}
	return 0, false
}

// vectorBits is the widest vector among the operands.
func vectorBits(x x86asm.Inst) int {
	bits := 0
	for _, a := range x.Args {
		if r, ok := a.(x86asm.Reg); ok {
			switch {
			case r >= x86asm.X0 && r <= x86asm.X31:
				bits = max(bits, 128)
			case r >= x86asm.Y0 && r <= x86asm.Y31:
				bits = max(bits, 256)
			case r >= x86asm.Z0 && r <= x86asm.Z31:
				bits = max(bits, 512)
			}
		}
	}
	return bits
}

// setVEX is the instruction set of one with a VEX prefix.
func setVEX(op string, x x86asm.Inst) string {
	switch {
	case strings.HasPrefix(op, "K"):
		if avx512BW[op] {
			return "AVX512BW"
		} else if avx512DQ[op] {
			return "AVX512DQ"
		}
		return "AVX512F"
	case strings.HasPrefix(op, "VFMADD"), strings.HasPrefix(op, "VFMSUB"), strings.HasPrefix(op, "VFNM"):
		return "FMA"
	case op == "VCVTPH2PS", op == "VCVTPS2PH":
		return "F16C"
	case op == "ANDN", strings.HasPrefix(op, "BLS"), op == "BEXTR":
		return "BMI1"
	case op == "BZHI", op == "PDEP", op == "PEXT", op == "MULX", op == "RORX", op == "SARX", op == "SHLX", op == "SHRX":
		return "BMI2"
	case avx2Only[op]:
		return "AVX2"
	case strings.HasPrefix(op, "VBROADCASTS"):
		if _, ok := x.Args[1].(x86asm.Reg); ok {
			return "AVX2" // AVX has it from memory
		}
	case strings.HasPrefix(op, "VP") && op != "VPTEST" && !strings.HasPrefix(op, "VPERMIL") && !strings.HasPrefix(op, "VPERM2F") && vectorBits(x) == 256:
		return "AVX2"
	}
	return "AVX"
}

// setsEVEX are the instruction sets of one with an EVEX prefix.
func setsEVEX(op string, x x86asm.Inst) []string {
	set := "AVX512F"
	if avx512BW[op] {
		set = "AVX512BW"
	} else if avx512DQ[op] {
		set = "AVX512DQ"
	}
	scalar := strings.HasSuffix(op, "SS") || strings.HasSuffix(op, "SD") || op == "VMOVD" || op == "VMOVQ"
	if bits := vectorBits(x); bits < 512 && !scalar {
		return []string{set, "AVX512VL"}
	}
	return []string{set}
}
