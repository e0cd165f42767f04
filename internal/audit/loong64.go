package audit

import (
	"strconv"
	"strings"

	"golang.org/x/arch/loong64/loong64asm"
)

func init() {
	arches["loong64"] = &arch{
		args:    8,
		sp:      3,
		scratch: none,
		words:   true,
		// R30 is the assembler's, for constants and addresses of its own making.
		reserved: map[reg]string{1: "the return address", 2: "the thread", 3: "the stack pointer", 21: "what the system keeps", 22: "the goroutine"},
		decode:   decodeLOONG64,
		guards:   map[string][]string{"LSX": {"LSX"}, "LASX": {"LSX", "LASX"}},
	}
}

// plainLOONG64 are the vector instructions that compute in vector registers
// alone, without the X of the wide ones and their element.
var plainLOONG64 = words(`vand vor vxor vandn vnor vbitsel vmaxi vmini vmax vmin vslt vsle vslti vslei vseq vseqi vadd vsub vaddi vsubi
	vfadd vfsub vfmul vfdiv vfsqrt vfmax vfmin vfcmp vfcvth vfcvtl vpermi vshuf4i vreplgr2vr vreplvei vrepli vldi vslli vsrli vsrai vneg
	vbitrevi vbitclri vbitseti vilvl vilvh vpackev vpackod vpickev vmskltz vmsknz vsadd vssub vssrani vpcnt vinsgr2vr`)

var registersLOONG64 = strings.Fields(`zero ra tp sp a0 a1 a2 a3 a4 a5 a6 a7 t0 t1 t2 t3 t4 t5 t6 t7 t8 r21 fp s0 s1 s2 s3 s4 s5 s6 s7 s8`)

func registerLOONG64(name string) (reg, bool) {
	name, found := strings.CutPrefix(name, "$")
	for i, n := range registersLOONG64 {
		if found && n == name {
			if i == 0 {
				return none, true
			}
			return reg(i), true
		}
	}
	return none, false
}

func decodeLOONG64(code []byte, pc uint64) (inst, error) {
	x, err := loong64asm.Decode(code)
	if err != nil {
		return inst{}, err
	}
	in := inst{pc: pc, size: 4, text: loong64asm.GNUSyntax(x)}
	o := parse(x.String())
	r := make([]reg, 6)
	general := make([]bool, 6)
	for i := range r {
		r[i] = none
		if i < len(o.operands) {
			r[i], general[i] = registerLOONG64(o.operands[i])
		}
	}
	target := func() error {
		by, err := number(o.operands[len(o.operands)-1])
		in.target = pc + uint64(by)
		return err
	}
	stem, _, _ := strings.Cut(o.name, ".")
	wide := strings.HasPrefix(stem, "xv")
	if wide {
		in.sets, stem = []string{"LASX"}, stem[1:]
	} else if stem[0] == 'v' {
		in.sets = []string{"LSX"}
	}
	switch name := o.name; {
	case name == "nop":
		in.pad = true
	case name == "add.d":
		in.sum(r[0], term{r[1], 1}, term{r[2], 1})
	case name == "sub.d":
		in.sum(r[0], term{r[1], 1}, term{r[2], -1})
	case name == "addi.d", name == "move":
		in.sum(r[0], term{r[1], 1})
	case name == "alsl.d":
		shift, err := strconv.ParseInt(o.operands[3], 0, 8)
		if err != nil {
			return in, err
		}
		in.sum(r[0], term{r[1], 1 << shift}, term{r[2], 1})
	case name == "pcalau12i", name == "pcaddu12i":
		in.static(r[0])
	case words(`addi.w andi ori xori and or xor nor andn orn lu12i.w lu32i.d lu52i.d slli.d srli.d srai.d sll.d srl.d sra.d slt sltu slti sltui slli.w srli.w bstrpick.d mul.d masknez maskeqz`)[name]:
		in.made(r[0], r[1], r[2])
		if stem == "lu32i" || stem == "lu52i" {
			in.set[0].of = append(in.set[0].of, r[0])
		}
	case words(`beq bne blt bge bltu bgeu beqz bnez bgez bltz blez bgtz`)[name]:
		in.flow = branch
		return in, target()
	case name == "b":
		in.flow = jump
		return in, target()
	case name == "ret":
		in.flow = ret
	case name == "jr":
		in.flow = indirect
	case name == "bl", name == "jirl":
		in.flow = call
	case name == "dbar":
		in.fence = true
	case words(`ld st fld fst vld vst vldrepl vstelm`)[stem]:
		disp, err := number(o.operands[2])
		if err != nil {
			return in, err
		}
		in.move(access{terms: []term{{r[1], 1}}, disp: disp}, strings.Contains(stem, "st"), r[0], general[0])
	case words(`ldx stx fldx fstx vldx vstx`)[stem]:
		in.move(access{terms: []term{{r[1], 1}, {r[2], 1}}}, strings.Contains(stem, "st"), r[0], general[0])
	case words(`movgr2fr movfr2gr vpickve2gr`)[stem]:
		if general[0] {
			in.made(r[0])
		}
	case plainLOONG64[stem]:
	default:
		return in, unknown(x.Op.String())
	}
	return in, nil
}
