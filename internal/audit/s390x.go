package audit

import (
	"strconv"
	"strings"

	"golang.org/x/arch/s390x/s390xasm"
)

func init() {
	arches["s390x"] = &arch{
		args:      8,
		sp:        15,
		scratch:   none,
		bigEndian: true,
		reserved:  map[reg]string{10: "what the assembler keeps", 11: "what the assembler keeps", 13: "the goroutine", 14: "the return address", 15: "the stack pointer"},
		decode:    decodeS390X,
		guards:    map[string][]string{"VX": {"VX", "VXE"}},
	}
}

// plainS390X are the vector instructions that compute in vector registers alone.
var plainS390X = words(`vn vnc vo vx vno vsel vceq vceqb vceqh vceqf vceqg vch vchb vchh vchf vchg vchlb vchlh vchlf vchlg
	vmxb vmxh vmxf vmxg vmnb vmnh vmnf vmng vmxlb vmxlh vmxlf vmxlg vmnlb vmnlh vmnlf vmnlg
	vab vah vaf vag vsb vsh vsf vsg vgmb vgmh vgmf vgmg vzeo vzero vone vrepb vreph vrepf vrepg vrepib vrepih vrepif vrepig
	veslb veslh veslf veslg vesrab vesrah vesraf vesrag vesrlg vmrhf vmrlf vmrhg vmrlg vpdi vlr vlvgp vlvgg vlvgf vlvgh vlvgb vgbm vpks vpksh vpksf vpksg vbperm vpopctg vesrlf
	vfadb vfsdb vfmdb vfddb vfsqdb vfchdb vfchedb vfcedb vflfs vldeb vledb vflpdb vflcdb
	vfasb vfssb vfmsb vfdsb vfsqsb vfchsb vfchesb vfcesb vflcsb vfmaxsb vfminsb vfmaxdb vfmindb`)

// enhancedS390X are those of the vector enhancements facility 1.
var enhancedS390X = words(`vfasb vfssb vfmsb vfdsb vfsqsb vfchsb vfchesb vfcesb vflcsb vfmaxsb vfminsb vfmaxdb vfmindb vbperm vpopctg`)

func registerS390X(name string) (reg, bool) {
	number, found := strings.CutPrefix(name, "%r")
	n, err := strconv.Atoi(number)
	if !found || err != nil {
		return none, false
	}
	return reg(n), true
}

func decodeS390X(code []byte, pc uint64) (inst, error) {
	if len(code) >= 2 && code[0] == 0 && code[1] == 0 {
		return inst{pc: pc, size: 2, text: "0", pad: true}, nil // what fills the space to the next function
	}
	x, err := s390xasm.Decode(code)
	if err != nil {
		return inst{}, err
	}
	in := inst{pc: pc, size: x.Len, text: x.String(pc)}
	o := parse(in.text)
	r := make([]reg, 6)
	general := make([]bool, 6)
	for i := range r {
		r[i] = none
		if i < len(o.operands) {
			r[i], general[i] = registerS390X(o.operands[i])
		}
	}
	if o.name[0] == 'v' {
		in.sets = []string{"VX"}
		if enhancedS390X[o.name] {
			in.sets = []string{"VXE"}
		}
	}
	target := func() error {
		at, err := strconv.ParseUint(o.operands[len(o.operands)-1], 0, 64)
		in.target = at
		return err
	}
	at := func(i int) (access, error) { return memory(o.operands[i], registerS390X) }
	switch name := o.name; {
	case strings.HasPrefix(name, "nop"):
		in.pad = true
	case words(`aghi agfi`)[name]:
		in.sum(r[0], term{r[0], 1})
	case name == "agr":
		in.sum(r[0], term{r[0], 1}, term{r[1], 1})
	case name == "sgr":
		in.sum(r[0], term{r[0], 1}, term{r[1], -1})
	case name == "aghik":
		in.sum(r[0], term{r[1], 1})
	case name == "agrk":
		in.sum(r[0], term{r[1], 1}, term{r[2], 1})
	case name == "sgrk":
		in.sum(r[0], term{r[1], 1}, term{r[2], -1})
	case name == "lgr":
		in.sum(r[0], term{r[1], 1})
	case words(`la lay`)[name]:
		m, err := at(1)
		if err != nil {
			return in, err
		}
		in.sum(r[0], m.terms...)
	case words(`larl lgrl`)[name]:
		in.static(r[0])
	case words(`lghi lgfi sllg srlg srag ngr ngrk ogr xgr xilf nill nilf lcgr lgfr llgfr llihl risbg`)[name]:
		in.made(r[0], r[0], r[1], r[2])
		if words(`lghi lgfi llihl`)[name] {
			in.set[0].of = []reg{none}
		}
	case words(`cghi cgfi cgr clgfi clgr cghsi tmll`)[name]:
	case words(`brc je jh jl jne jhe jle jnh jnl jo jno brcl jge jgh jgl jgne jghe jgle`)[name]:
		in.flow = branch
		return in, target()
	case name == "j", name == "jg":
		in.flow = jump
		return in, target()
	case name == "brctg":
		in.flow = branch
		in.made(r[0], r[0])
		return in, target()
	case name == "br":
		in.flow = indirect
		if r[0] == 14 {
			in.flow = ret
		}
	case words(`brasl basr bras`)[name]:
		in.flow = call
	case words(`lg lgf lgh lgb llgc llgh llgf lghrl ld le ldy ley stg st sth stc std ste stgrl`)[name]:
		m, err := at(1)
		if err != nil {
			return in, err
		}
		in.move(m, strings.HasPrefix(name, "st"), r[0], general[0])
	case name == "vl", name == "vst", strings.HasPrefix(name, "vlle"), strings.HasPrefix(name, "vlrep"), strings.HasPrefix(name, "vste"),
		words(`vleb vleh vlef vleg`)[name]:
		m, err := at(1)
		if err != nil {
			return in, err
		}
		in.move(m, strings.HasPrefix(name, "vst"), none, false)
	case strings.HasPrefix(name, "vlgv"):
		in.made(r[0])
	case plainS390X[name]:
	default:
		return in, unknown(name)
	}
	return in, nil
}
