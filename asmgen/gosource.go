package main

import (
	"fmt"
	"go/format"
	"log"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/printer"
)

// pieceBytes is how much of a slice one call into assembly does. Assembly
// cannot be preempted; between two pieces a call can.
const pieceBytes = 64 << 10

// source collects the text of a Go file.
type source struct{ strings.Builder }

func (s *source) line(f string, args ...any) { fmt.Fprintf(s, f+"\n", args...) }

func (s *source) file() []byte {
	text, err := format.Source([]byte(s.String()))
	if err != nil {
		log.Fatalf("%v in\n%s", err, s)
	}
	return text
}

func header(pkg string) *source {
	s := new(source)
	s.line("// %s", config(pkg).GeneratedWarning())
	return s
}

// goFile is the stubs of an architecture's kernels with more declarations
// behind them.
func goFile(f *ir.File, pkg, more string) []byte {
	stubs, err := printer.NewStubs(config(pkg)).Print(f)
	if err != nil {
		log.Fatal(err)
	}
	s := new(source)
	before, after, _ := strings.Cut(string(stubs), "package "+pkg+"\n")
	imports := ""
	if strings.Contains(more, "unsafe.") {
		imports = `import "unsafe"`
	}
	s.line("%spackage %s\n\n%s\n%s\n%s", before, pkg, imports, more, after)
	return s.file()
}

// guards lists for each instruction set what its kernels need of a CPU, as avo
// found it in their instructions.
func guards(f *ir.File) []byte {
	s := header("relu")
	s.line("\n//go:build !amd64.v3 && !purego && !msan && !asan\n\npackage relu\n\nimport %q\n", "github.com/klauspost/cpuid/v2")
	s.line("// needs is what the instructions of each kernel require of a CPU.")
	s.line("var needs = map[kernel][]cpuid.FeatureID{")
	for _, isa := range []string{"SSE2", "AVX2", "AVX512"} {
		var features []string
		for _, fn := range f.Functions() {
			if strings.HasSuffix(fn.Name, isa) {
				features = append(features, fn.ISA...)
			}
		}
		// avo's name for what brought SFENCE, which SSE is enough for.
		features = slices.DeleteFunc(features, func(isa string) bool { return isa == "MMX+" })
		slices.Sort(features)
		s.line("%s: {cpuid.%s},", strings.ToLower(isa), strings.Join(slices.Compact(features), ", cpuid."))
	}
	s.line("}")
	return s.file()
}

// dispatch is, for each kernel, the function that chooses among its forms, and
// the one that a long slice goes through.
func dispatch(ops []op, isas []string) string {
	var s source
	for _, o := range ops {
		for _, k := range o.kernels() {
			s.line("\n// %s runs %s with the active kernel.", k.name(), o.name)
			if o.name == preluGrad.name || o.rows {
				s.line("//\n//go:noinline")
				s.line("func %s(%s) {", k.name(), k.params())
				s.choose(k, "selected()", isas)
				s.line("}")
				continue
			}
			piece, least := pieceBytes/k.elem.size, max(1, 8/k.elem.size)
			s.line("//\n//go:nosplit\n//go:noinline")
			s.line("func %s(%s) {", k.name(), k.params())
			s.direct(k, least, k.args(), isas)
			s.line("%sPieces(%s)\n}", k.name(), k.args())

			s.line("\n// %sPieces does a slice of any length. A long one goes through it piece by", k.name())
			s.line("// piece: its call is where the goroutine can be preempted.")
			s.line("//\n//go:noinline")
			s.line("func %sPieces(%s) {", k.name(), k.params())
			s.line("for n > %d {", piece)
			s.line("%sPieces(%s)", k.name(), strings.Replace(k.args(), ", n", fmt.Sprintf(", %d", piece), 1))
			for _, p := range append([]string{"dst"}, o.sources...) {
				s.line("%s = offset(%s, %d)", p, p, piece)
			}
			s.line("n -= %d", piece)
			s.line("}")
			use := "selected()"
			if least > 1 {
				s.line("use := selected()")
				s.line("if n < %d { use = generic }", least)
				use = "use"
			} else {
				s.line("if n == 0 { return }")
			}
			s.choose(k, use, isas)
			s.line("}")
		}
	}
	return s.String()
}

// choose calls the form of a kernel that is to be used.
func (s *source) choose(k kernel, use string, isas []string) {
	s.line("switch %s {", use)
	for _, isa := range isas {
		s.line("case %s: %s%s(%s)", isa, k.name(), strings.ToUpper(isa), k.args())
	}
	s.line("default: %s", k.generic())
	s.line("}")
}

// direct calls the forms that most CPUs use, and returns, for slices of least
// elements up to a piece. The last that it asks about is the one that the
// compiler lays out without a jump.
func (s *source) direct(k kernel, least int, args string, isas []string) {
	s.line("if uint(n-%d) <= %d-%d {", least, pieceBytes/k.elem.size, least)
	for _, isa := range isas {
		if isa != "sse2" {
			s.line("if selected() == %s {\n%s%s(%s)\nreturn\n}", isa, k.name(), strings.ToUpper(isa), args)
		}
	}
	s.line("}")
}

// rectify is the function that InPlace becomes in its caller.
func rectify(isas []string) string {
	var s source
	s.line("\n// rectify runs relu for a kind of element: its size, and 16 more for floats. It is")
	s.line("// one function for all types so that InPlace is inlined, and goes straight to")
	s.line("// the kernel for the lengths of a network's rows.")
	s.line("//\n//go:nosplit\n//go:noinline")
	s.line("func rectify(dst, src unsafe.Pointer, n int, kind uintptr) {")
	s.line("if raceEnabled { raceWriteBytes(dst, uintptr(n)*(kind&15)) }")
	for _, k := range ops[0].kernels() {
		e := k.elem
		kind := e.size
		if e.float {
			kind += 16
		}
		if e.goTyp == "uint16" {
			continue
		}
		s.line("if kind == %d {", kind)
		args := fmt.Sprintf("(*%s)(dst), (*%s)(src), n", e.goTyp, e.goTyp)
		if len(isas) > 0 {
			least := 8 / e.size
			if e.float {
				least = 4 // below it, a call of assembly does not pay
			}
			s.direct(k, least, args, isas)
		}
		if e.float && len(isas) > 0 {
			s.line("if n < 4 {")
			for i := range 3 {
				s.line("if n == %d { return }", i)
				s.line("v%d := *(*%s)(unsafe.Add(src, %d))", i, e.bits(), i*e.size)
				s.line("if v%d <= %d { v%d = 0 }", i, e.floor(), i)
				s.line("*(*%s)(unsafe.Add(dst, %d)) = v%d", e.bits(), i*e.size, i)
			}
			s.line("return\n}")
		}
		rest := k.name()
		if len(isas) > 0 {
			rest += "Pieces"
		}
		s.line("%s(%s)\nreturn\n}", rest, args)
	}
	s.line("}")
	return s.String()
}

// generic is a call of the kernel in pure Go.
func (k kernel) generic() string {
	name := k.op.name
	if k.op.plain != "" {
		name = k.op.plain
	}
	if name != "relu" && name != "grad" {
		return fmt.Sprintf("%sGeneric(%s)", name, k.args())
	}
	// These look at bits alone.
	var args []string
	for _, p := range append([]string{"dst"}, k.sources...) {
		if k.elem.goTyp != k.elem.bits() {
			p = fmt.Sprintf("(*%s)(unsafe.Pointer(%s))", k.elem.bits(), p)
		}
		args = append(args, p)
	}
	return fmt.Sprintf("%sGeneric(%s, n, %d)", name, strings.Join(args, ", "), k.elem.floor())
}

// noAssembly is the kernels of a build that has only those in Go. Inlined into
// another package, their generic callees would seem to let arguments escape.
func noAssembly(ops []op) []byte {
	s := header("relu")
	s.line("\n//go:build (!amd64 && !arm64) || purego || msan || asan\n\npackage relu\n\nimport %q", "unsafe")
	for _, o := range ops {
		for _, k := range o.kernels() {
			s.line("\n//go:noinline")
			s.line("func %s(%s) {\n%s\n}", k.name(), k.params(), k.generic())
		}
	}
	s.line("%s", rectify(nil))
	return s.file()
}

// byType is, for each operation, the generic function that finds the kernel of
// an element type. Its conditions are known to the compiler.
func byType(ops []op) []byte {
	s := header("relu")
	s.line("\npackage relu\n\nimport %q", "unsafe")
	for _, o := range ops {
		if o.name == "relu" {
			continue // rectify does it
		}
		constraint, scalar := "Float", ""
		elems := slices.DeleteFunc(slices.Clone(o.elems), func(e elem) bool { return e.goTyp == "uint16" })
		if len(elems) > len(floats) {
			constraint = "Number"
		}
		if o.scalar != "" {
			scalar = ", " + o.scalar + " T"
		}
		name := "run" + strings.ToUpper(o.name[:1]) + o.name[1:]
		s.line("\n// %s: %s.", name, o.doc)
		if o.name == preluGrad.name {
			s.line("func %s[T %s](dst []T, sums []float64, %s []T, rows, stride int) {", name, constraint, strings.Join(o.sources, ", "))
		} else if o.rows {
			s.line("func %s[T %s](dst, %s []T, row, rows int) {", name, constraint, strings.Join(o.sources, ", "))
		} else {
			s.line("func %s[T %s](dst, %s []T%s) {", name, constraint, strings.Join(o.sources, ", "), scalar)
		}
		s.line("switch float, size := T(1)/2 != 0, unsafe.Sizeof(T(0)); {")
		for _, e := range elems {
			k := kernel{o, e}
			var args []string
			for _, a := range strings.Split(k.args(), ", ") {
				switch {
				case a == "sums":
					a = "&sums[0]"
				case a == "n":
					a = "len(dst)"
				case a == o.scalar:
					a = fmt.Sprintf("%s(%s)", e.goTyp, a)
				case a == "dst" || slices.Contains(o.sources, a):
					a = fmt.Sprintf("as[%s](%s)", e.goTyp, a)
				}
				args = append(args, a)
			}
			not := "!"
			if e.float {
				not = ""
			}
			s.line("case %sfloat && size == %d: %s(%s)", not, e.size, k.name(), strings.Join(args, ", "))
		}
		s.line("}\n}")
	}
	return s.file()
}

// testTable is the list of kernels that the tests must have covered.
func testTable(ops []op) []byte {
	s := header("relu")
	s.line("\npackage relu")
	s.line("\n// table lists every kernel: what users call, the operation, its element type.")
	s.line("var table = []struct{ public, op, elem string }{")
	for _, o := range ops {
		for _, k := range o.kernels() {
			s.line("{%q, %q, %q},", o.public, o.name, k.elem.name)
		}
	}
	s.line("}")
	return s.file()
}
