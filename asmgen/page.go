package main

import (
	"fmt"
	"log"
	"slices"
	"strings"
)

// missing says why instruction sets leave rows to pure Go. Each such row needs a reason,
// and each reason a row.
var missing = []struct {
	kernels []string
	row     func(k kernel) bool
	why     string
}{{
	[]string{"sse2"}, func(k kernel) bool { return k.elem == int64s },
	"SSE2 has no comparison of 64-bit integers.",
}, {
	[]string{"sse2"}, func(k kernel) bool { return k.elem.half() },
	"SSE2 has no conversion of float16 (F16C came after AVX), and for bfloat16 none of 32-bit lanes to unsigned 16-bit ones (SSE4.1's PACKUSDW).",
}, {
	[]string{"rvv"}, func(k kernel) bool { return k.elem.half() },
	"RVV 1.0 has no conversion of half floats: Zvfhmin and Zvfbfmin do, of which golang.org/x/sys/cpu does not tell.",
}, {
	[]string{"lasx", "lsx"}, func(k kernel) bool { return k.elem == float16s },
	"LSX has conversions of float16 (VFCVTL.S.H, VFCVT.H.S); kernels with them are not written.",
}, {
	[]string{"lasx", "lsx"}, func(k kernel) bool { return k.elem == bfloat16s },
	"LSX has no conversion of bfloat16; kernels that round by integers are not written.",
}, {
	[]string{"vsx"}, func(k kernel) bool { return k.elem.half() },
	"POWER8 has no conversion of half floats: XVCVHPSP came with POWER9, XVCVSPBF16 with POWER10.",
}, {
	[]string{"vx"}, func(k kernel) bool { return k.elem.half() },
	"The vector facility has no conversion of half floats: z16's are of a format of its own.",
}}

// page is the documentation's table of what each kernel has in assembly.
func page(ops []op, emitted map[string]symbols) []byte {
	var s source
	s.line("<!-- %s -->\n", config("").GeneratedWarning())
	s.line("# Which kernel has which operation?\n")
	s.line("A dot is assembly of that instruction set, or of the one that it is built on; `Go` is the pure-Go kernel, which gives the same")
	s.line("bits, for the reason of that number below the table. An operation stands under its name in the table that the kernels are")
	s.line("generated from; `Rows` are those that go through rows without a call for each.\n")
	used := map[int]bool{}
	why := func(set string, k kernel) string {
		for i, m := range missing {
			if slices.Contains(m.kernels, set) && m.row(k) {
				used[i] = true
				return fmt.Sprintf("Go (%d)", i+1)
			}
		}
		log.Fatalf("no reason says why %s lacks %s", set, k.name())
		return ""
	}
	var names []string
	var columns []isa
	var arches []string
	for _, arch := range []string{"amd64", "arm64", "riscv64", "loong64", "ppc64le", "s390x"} {
		for _, set := range instructionSets[arch] {
			names = append(names, "`"+set.kernel+"`")
			columns, arches = append(columns, set), append(arches, arch)
		}
	}
	s.line("| function | operation | type | %s |", strings.Join(names, " | "))
	s.line("|---|---|---|%s", strings.Repeat("---|", len(names)))
	for _, o := range ops {
		for _, k := range o.kernels() {
			var cells []string
			for i, set := range columns {
				cell := "·"
				if set.form(k, emitted[arches[i]]) == k.generic() {
					cell = why(set.kernel, k)
				}
				cells = append(cells, cell)
			}
			s.line("| `%s` | %s | %s | %s |", o.public, o.name, strings.ToLower(k.elem.name), strings.Join(cells, " | "))
		}
	}
	s.line("")
	for i, m := range missing {
		if !used[i] {
			log.Fatalf("there is no row left to Go because: %s", m.why)
		}
		s.line("%d. %s", i+1, m.why)
	}
	return []byte(s.String())
}
