package audit

import (
	"strconv"
	"strings"

	"golang.org/x/arch/riscv64/riscv64asm"
)

func init() {
	arches["riscv64"] = &arch{
		args:     8,
		sp:       2,
		scratch:  none,
		words:    true,
		reserved: map[reg]string{1: "the return address", 2: "the stack pointer", 3: "the global pointer", 4: "the thread", 27: "the goroutine"},
		decode:   decodeRISCV64,
		guards:   map[string][]string{"RVV": {"V"}},
	}
}

// plainRISCV64 are the vector instructions that compute in vector registers alone.
var plainRISCV64 = words(`vadd.vv vadd.vi vsub.vv vsub.vx vand.vv vand.vi vand.vx vor.vv vxor.vv vmax.vx vmax.vv vmin.vx vmin.vv vmaxu.vx vminu.vx vmaxu.vv vminu.vv
	vmerge.vim vmerge.vxm vmerge.vvm vfmerge.vfm vmv.v.i vmv.v.x vmv.v.v vfmv.v.f vmsle.vx vmsleu.vx vmslt.vx vmsgt.vx vmsgt.vi vmsle.vi vmseq.vi vmsne.vi
	vmfle.vf vmflt.vf vmfge.vf vmfgt.vf vmfeq.vv vmfeq.vf vmfne.vv vmor.mm vmand.mm vmandn.mm vmorn.mm vmxor.mm vmnand.mm
	vfadd.vv vfadd.vf vfsub.vv vfmul.vv vfmul.vf vfmax.vf vfmax.vv vfmin.vf vfmin.vv vfwadd.wv vfwcvt.f.f.v vfneg.v vcpop.m
	vfsqrt.v vfdiv.vv vsll.vi vsrl.vi vsra.vi vnsrl.wi vzext.vf2 vsext.vf2 fmv.w.x fmv.d.x`)

func registerRISCV64(name string) (reg, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(name, "x"))
	if err != nil || name[0] != 'x' {
		return none, false
	}
	if n == 0 {
		return none, true
	}
	return reg(n), true
}

func decodeRISCV64(code []byte, pc uint64) (inst, error) {
	x, err := riscv64asm.Decode(code)
	if err != nil {
		return inst{}, err
	}
	in := inst{pc: pc, size: x.Len, text: riscv64asm.GNUSyntax(x)}
	o := parse(x.String())
	r := make([]reg, 6)
	for i := range r {
		r[i] = none
		if i < len(o.operands) {
			r[i], _ = registerRISCV64(o.operands[i])
		}
	}
	last := ""
	if len(o.operands) > 0 {
		last = o.operands[len(o.operands)-1]
	}
	if strings.HasPrefix(o.name, "v") {
		in.sets = []string{"V"}
	}
	target := func() error {
		by, err := number(last)
		in.target = pc + uint64(by)
		return err
	}
	switch name := o.name; {
	case name == "add", name == "addw":
		in.sum(r[0], term{r[1], 1}, term{r[2], 1})
	case name == "sub":
		in.sum(r[0], term{r[1], 1}, term{r[2], -1})
	case name == "addi" && len(o.operands) == 3:
		in.pad = r[0] == none
		in.sum(r[0], term{r[1], 1})
	case name == "auipc":
		in.static(r[0])
	case words(`lui slli srli srai sll srl sra and andi or ori xor xori slt sltu slti sltiu addiw mul neg not min max minu maxu`)[name]:
		in.made(r[0], r[1], r[2])
	case words(`beq bne blt bge bltu bgeu`)[name]:
		in.flow = branch
		return in, target()
	case name == "jal":
		in.flow = jump
		if r[0] != none {
			in.flow = call
		}
		return in, target()
	case name == "jalr":
		m, err := memory(last, registerRISCV64)
		switch {
		case err != nil:
			return in, err
		case r[0] != none:
			in.flow = call
		case m.disp == 0 && m.terms[0].reg == 1:
			in.flow = ret
		default:
			in.flow = indirect
		}
	case words(`ld lw lwu lh lhu lb lbu fld flw sd sw sh sb fsd fsw`)[name]:
		m, err := memory(last, registerRISCV64)
		if err != nil {
			return in, err
		}
		in.move(m, strings.HasPrefix(strings.TrimPrefix(name, "f"), "s"), r[0], name[0] == 'l')
	case name == "vsetvli" || name == "vsetivli":
		in.set = append(in.set, assign{to: r[len(o.operands)-1], of: []reg{none}})
	case name == "vlm.v", name == "vsm.v", strings.HasPrefix(name, "vle") || strings.HasPrefix(name, "vse") && strings.HasSuffix(name, ".v"):
		m, err := memory(o.operands[0], registerRISCV64)
		if err != nil {
			return in, err
		}
		in.move(m, strings.HasPrefix(name, "vs"), none, false)
	case plainRISCV64[name]:
		if name == "vcpop.m" {
			in.made(r[0])
		}
	default:
		return in, unknown(x.Op.String())
	}
	return in, nil
}
