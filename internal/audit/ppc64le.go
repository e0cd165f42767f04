package audit

import (
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/arch/ppc64/ppc64asm"
)

func init() {
	arches["ppc64le"] = &arch{
		args:    32,
		sp:      1,
		scratch: none,
		words:   true,
		// R31 is the assembler's, for constants and addresses of its own making.
		reserved: map[reg]string{0: "zero", 1: "the stack pointer", 2: "the table of contents", 13: "the thread", 30: "the goroutine"},
		decode:   decodePPC64LE,
		guards:   map[string][]string{"VSX": {"VSX"}},
	}
}

// plainPPC64LE are the vector instructions of POWER8, which Go's port requires,
// that compute in vector registers alone.
var plainPPC64LE = words(`vand vandc vor vxor vnor vsel vmaxsb vmaxsh vmaxsw vmaxsd vminsb vminsh vminsw vminsd vmaxub vmaxuh vmaxuw vmaxud vminub vminuh vminuw vminud
	vcmpgtsb vcmpgtsh vcmpgtsw vcmpgtsd vcmpequb vcmpequh vcmpequw vcmpequd vcmpgtub vcmpgtuh vcmpgtuw vcmpgtud
	vslb vslh vslw vsld vsrb vsrh vsrw vsrd vsrab vsrah vsraw vsrad vspltb vsplth vspltw vspltisb vspltish vspltisw
	vaddubm vadduhm vadduwm vaddudm vsububm vsubuhm vsubuwm vsubudm vmrglw vmrghw vperm vpkshss vpkswss vpksdss vbpermq vpopcntd
	xvadddp xvaddsp xvsubdp xvsubsp xvmuldp xvmulsp xvdivdp xvdivsp xvsqrtdp xvsqrtsp xvmaxdp xvmaxsp xvmindp xvminsp xvcmpgedp xvcmpgesp xvcmpgtdp xvcmpgtsp xvcmpeqdp xvcmpeqsp
	xvcvspdp xvcvdpsp xvnegdp xvnegsp xvabsdp xvabssp xxmrghw xxmrglw xxpermdi xxlor xxland xxlandc xxlxor xxsel xxspltw xxsldwi mtvsrd mtvsrwz mtvsrwa`)

func registerPPC64LE(name string) (reg, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(name, "r"))
	if err != nil || name[0] != 'r' {
		return none, false
	}
	return reg(n), true
}

func decodePPC64LE(code []byte, pc uint64) (inst, error) {
	x, err := ppc64asm.Decode(code, binary.LittleEndian)
	if err != nil {
		return inst{}, err
	}
	in := inst{pc: pc, size: x.Len, text: ppc64asm.GNUSyntax(x, pc)}
	o := parse(x.String())
	r := make([]reg, 6)
	general := make([]bool, 6)
	vector := false
	for i := range r {
		r[i] = none
		if i < len(o.operands) {
			r[i], general[i] = registerPPC64LE(o.operands[i])
			vector = vector || o.operands[i][0] == 'v'
		}
	}
	if vector {
		in.sets = []string{"VSX"}
	}
	// base is a register of an address, of which R0 is none.
	base := func(i int) term {
		if r[i] == 0 {
			return term{none, 1}
		}
		return term{r[i], 1}
	}
	target := func() error {
		by, err := number(strings.TrimPrefix(o.operands[len(o.operands)-1], "pc"))
		in.target = pc + uint64(by)
		return err
	}
	switch name := o.name; {
	case name == "nop":
		in.pad = true
	case name == "add":
		in.sum(r[0], term{r[1], 1}, term{r[2], 1})
	case name == "subf":
		in.sum(r[0], term{r[2], 1}, term{r[1], -1})
	case name == "addi", name == "addic.":
		in.sum(r[0], base(1))
	case name == "addis":
		in.set = append(in.set, assign{to: r[0], terms: []term{base(1)}})
	case name == "lis":
		in.static(r[0]) // the upper half of an address, or of a number
	case name == "or" && r[1] == r[2]:
		in.sum(r[0], term{r[1], 1})
	case words(`li or ori oris and andi. andis. andc xor xori neg rldicr rldicl rldic rlwinm sldi srdi sld srd srad sradi mulld cntlzd isel extsw`)[name]:
		in.made(r[0], r[1], r[2])
	case words(`cmpd cmpdi cmpld cmpldi cmpw cmpwi mtspr mfspr`)[name]:
		if name == "mfspr" {
			in.made(r[0])
		}
	case name == "b":
		in.flow = jump
		return in, target()
	case name == "bc":
		in.flow = branch
		return in, target()
	case name == "bclr":
		in.flow = ret
		if o.operands[0] != "20" {
			return in, unknown(x.String())
		}
	case name == "bcctr":
		in.flow = indirect
	case words(`bl bcl bcctrl bclrl`)[name]:
		in.flow = call
	case words(`lwsync sync`)[name]:
		in.fence = true
	case words(`ld lwz lwa lhz lha lbz lfd lfs std stw sth stb stfd stfs`)[name]:
		disp, err := number(o.operands[1])
		if err != nil {
			return in, err
		}
		in.move(access{terms: []term{base(2)}, disp: disp}, strings.HasPrefix(name, "st"), r[0], general[0])
	case words(`ldx lwzx lhzx lbzx stdx stwx sthx stbx lxvd2x lxvw4x lxsdx lxsiwzx lxsiwax lxvdsx stxvd2x stxvw4x stxsdx stxsiwx`)[name]:
		in.move(access{terms: []term{base(1), {r[2], 1}}}, strings.HasPrefix(name, "st"), r[0], general[0])
	case words(`mfvsrd mfvsrwz`)[name]:
		in.made(r[0])
	case plainPPC64LE[name]:
	default:
		return in, unknown(x.Op.String())
	}
	return in, nil
}
