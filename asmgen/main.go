// Command asmgen writes the package's kernels, their stubs and all that must
// agree with them, from the table of operations in table.go. Run it by
// go run . in its own folder, or by make generate.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// instrumented builds run the Go kernels, because the compiler instruments
// those alone.
const withAssembly = "!purego,!msan,!asan"

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
	all := concat(ops, rowed, []op{preluGrad})
	amd64, arm64 := assembleAMD64(concat(all, streams)), assembleARM64(all)
	isas := []string{"avx512", "avx2", "sse2"}
	files := map[string][]byte{
		"relu_amd64.s":   assembly(amd64),
		"relu_amd64.go":  goFile(amd64, "relu", rectify(isas)+dispatch(concat(all, streams), isas)),
		"needs_amd64.go": guards(amd64),
		"relu_arm64.s":   assembly(arm64),
		"relu_arm64.go":  goFile(arm64, "relu", rectify([]string{"neon"})+dispatch(all, []string{"neon"})),
		"relu_noasm.go":  noAssembly(all),
		"kernels.go":     byType(all),
		"table_test.go":  testTable(all),
	}
	for arch, f := range map[string]*ir.File{"amd64": assembleAMD64(limits), "arm64": assembleARM64(limits)} {
		files["internal/roofline/copy_"+arch+".s"] = assembly(f)
		files["internal/roofline/copy_"+arch+".go"] = goFile(f, "roofline", "")
	}
	return files
}

func emitAll(m machine, ops []op) {
	for _, o := range ops {
		for _, k := range o.kernels() {
			switch {
			case o.name == preluGrad.name:
				emitSums(m, k)
			case o.rows:
				emitRows(m, k)
			case o.plain != "":
				emitStream(m.(interface {
					machine
					pastCaches
				}), k)
			default:
				emit(m, k)
			}
		}
	}
}

func assembleAMD64(ops []op) *ir.File {
	c := build.NewContext()
	c.ConstraintExpr(withAssembly)
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
	f := ir.NewFile()
	f.Includes = []string{"textflag.h"}
	constraints, err := buildtags.ParseConstraint(withAssembly)
	if err != nil {
		log.Fatal(err)
	}
	f.Constraints = buildtags.Constraints{constraints}
	for _, fn := range m.fns {
		f.AddSection(fn)
	}
	return f
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
