package main

import (
	"strings"
)

// page is the documentation's table of what each kernel has in assembly.
func page(ops []op, emitted map[string]symbols) []byte {
	var s source
	s.line("<!-- %s -->\n", config("").GeneratedWarning())
	s.line("# Which kernel has which operation?\n")
	s.line("A dot is assembly of that instruction set, or of the one that it is built on; `Go` is the pure-Go kernel, which gives the same")
	s.line("bits. An operation stands under its name in the table that the kernels are generated from; `Rows` are those that go through")
	s.line("rows without a call for each.\n")
	s.line("What is missing: SSE2 has no comparison of 64-bit integers. Arithmetic on half floats needs conversions: AVX2 has them (with")
	s.line("F16C), no other kernel is written for them. Masks gather one bit of each lane, which is not written for ppc64le and s390x.\n")
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
					cell = "Go"
				}
				cells = append(cells, cell)
			}
			s.line("| `%s` | %s | %s | %s |", o.public, o.name, strings.ToLower(k.elem.name), strings.Join(cells, " | "))
		}
	}
	return []byte(s.String())
}
