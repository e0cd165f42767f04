// Command asmgen writes the package's kernels, their stubs and all that must
// agree with them, from the table of operations in table.go. Run it by
// go run . in its own folder, or by make generate.
package main

import (
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// withAssembly is the build constraint of assembly: instrumented builds run the Go
// kernels, because the compiler instruments those alone.
const withAssembly = "!purego && !msan && !asan"

// assembled is that of Go code which goes with it.
var assembled = "(" + strings.Join(slices.Sorted(maps.Keys(instructionSets)), " || ") + ") && " + withAssembly

func main() {
	log.SetFlags(0)
	log.SetPrefix("asmgen: ")
	for path, content := range files() {
		if err := os.WriteFile(filepath.Join("..", path), content, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// files is everything that is generated, by its path from the module's root.
func files() map[string][]byte {
	all := concat(ops, rowed, []op{preluGrad}, masks, streams)
	files := map[string][]byte{
		"needs_amd64.go": guards(assembleAMD64(all)),
		"relu_noasm.go":  noAssembly(all),
		"kernels.go":     byType(all),
		"entry.go":       entryStubs(all),
		"table_test.go":  testTable(all),
	}
	emitted := map[string]symbols{}
	for arch, assemble := range assemblers {
		f := assemble(all)
		emitted[arch] = symbolsOf(f)
		sets := append(instructionSets[arch], isa{"generic", "Generic"})
		files["relu_"+arch+".s"] = assembly(f)
		files["relu_"+arch+".go"] = goFile(f, "relu")
		files["entry_"+arch+".s"] = entries(arch, all, emitted[arch])
		files["table_"+arch+".s"] = tables(arch, all, sets, emitted[arch])
		files["table_"+arch+".go"] = tableStubs(arch, sets)
		f = assemble(concat(limits, []op{readLimit}))
		files["internal/roofline/copy_"+arch+".s"] = assembly(f)
		files["internal/roofline/copy_"+arch+".go"] = goFile(f, "roofline")
	}
	files["docs/table.md"] = page(concat(ops, rowed, []op{preluGrad}, masks), emitted)
	return files
}

// instructionSets are those that an architecture has kernels for.
var instructionSets = map[string][]isa{
	"amd64":   {{"avx512", "AVX512"}, {"avx2", "AVX2"}, {"sse2", "SSE2"}},
	"arm64":   {{"neon", "NEON"}},
	"loong64": {{"lasx", "LASX"}, {"lsx", "LSX"}},
	"ppc64le": {{"vsx", "VSX"}},
	"riscv64": {{"rvv", "RVV"}},
	"s390x":   {{"vx", "VX"}},
}

// assemblers write the kernels for them.
var assemblers = map[string]func(ops []op) *ir.File{
	"amd64":   assembleAMD64,
	"arm64":   assembleARM64,
	"loong64": assembleLoong64,
	"ppc64le": assemblePPC64LE,
	"riscv64": assembleRISCV64,
	"s390x":   assembleS390X,
}

func emitAll(m machine, ops []op) {
	for _, o := range ops {
		for _, k := range o.kernels() {
			if l, ok := m.(lacker); o.has != nil && !o.has(m) || ok && l.lacks(k) || k.elem.half() && !hasHalf(m, k) {
				continue
			}
			switch m := m.(type) {
			case scalable:
				m.write(k)
			case fixed:
				emitFixed(m, k)
			}
		}
	}
}

func assembleAMD64(ops []op) *ir.File {
	c := build.NewContext()
	c.ConstraintExpr(strings.ReplaceAll(withAssembly, " && ", ","))
	emitAll(sse2{&amd64{Context: c, isa: "SSE2"}}, ops)
	emitAll(avx2{&amd64{Context: c, isa: "AVX2"}}, ops)
	emitAll(avx512{avx2{&amd64{Context: c, isa: "AVX512"}}}, ops)
	f, err := c.Result()
	if err != nil {
		log.Fatal(err)
	}
	if err := pass.Compile.Execute(f); err != nil {
		log.Fatal(err)
	}
	return f
}

func assembleARM64(ops []op) *ir.File {
	m := new(neon)
	emitAll(m, ops)
	return m.file()
}

func assembleLoong64(ops []op) *ir.File {
	m := new(loong64)
	for _, m.isa = range []string{"LASX", "LSX"} {
		emitAll(m, ops)
	}
	return m.file()
}

func assemblePPC64LE(ops []op) *ir.File {
	m := newPPC64LE()
	emitAll(fixed(m), ops)
	return m.file()
}

func assembleS390X(ops []op) *ir.File {
	m := newS390X()
	emitAll(fixed(m), ops)
	return m.file()
}

func assembleRISCV64(ops []op) *ir.File {
	m := new(rvv)
	emitAll(m, ops)
	return m.file()
}

func config(pkg string) printer.Config {
	return printer.Config{Argv: []string{"make", "generate"}, Name: "asmgen", Pkg: pkg}
}

func assembly(f *ir.File) []byte {
	text, err := printer.NewGoAsm(config("")).Print(f)
	if err != nil {
		log.Fatal(err)
	}
	return text
}
