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

// goFile is the stubs of an architecture's kernels.
func goFile(f *ir.File, pkg string) []byte {
	stubs, err := printer.NewStubs(config(pkg)).Print(f)
	if err != nil {
		log.Fatal(err)
	}
	return stubs
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
			// Short slices go from AVX512 to AVX2.
			if strings.HasSuffix(fn.Name, isa) || isa == "AVX512" && strings.HasSuffix(fn.Name, "AVX2") {
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

// isa is an instruction set as the package and as its kernels' names spell it.
type isa struct{ kernel, suffix string }

// symbols are the names of the functions that an architecture's assembly has.
type symbols map[string]bool

func symbolsOf(f *ir.File) symbols {
	s := symbols{}
	for _, fn := range f.Functions() {
		s[fn.Name] = true
	}
	return s
}

// narrower is the instruction set that one is built on, by the endings of kernels.
var narrower = map[string]string{"AVX512": "AVX2", "LASX": "LSX"}

// form is the symbol that a kernel has in an instruction set: its own; AVX2's for
// what AVX-512 does no better, and LSX's for LASX; for non-temporal stores that there are none of, the
// kernel with plain ones; or pure Go.
func (i isa) form(k kernel, emitted symbols) string {
	for _, name := range []string{k.name(), k.plain + k.elem.name} {
		for _, suffix := range []string{i.suffix, narrower[i.suffix]} {
			if emitted[name+suffix] {
				return name + suffix
			}
		}
	}
	return k.generic()
}

// kind is how InPlace tells its element type: the size, and 16 more for floats.
// It is also the kernel's slot.
func (e elem) kind() int {
	if e.float {
		return e.size + 16
	}
	return e.size
}

// slots gives each kernel its place in a table of code addresses.
func slots(ops []op) (at map[string]int, count int) {
	at, count = map[string]int{}, float64s.kind()+1
	for _, o := range ops {
		for _, k := range o.kernels() {
			if o.name == "relu" && !k.elem.half() {
				at[k.name()] = k.elem.kind()
				continue
			}
			at[k.name()] = count
			count++
		}
	}
	return at, count
}

// entryStubs declares what the public functions call, and has the functions that
// cut long slices.
func entryStubs(ops []op) []byte {
	s := header("relu")
	_, count := slots(ops)
	s.line("\n//go:build %s\n\npackage relu\n\nimport %q", assembled, "unsafe")
	s.line("\n// kernelTable is the code addresses of one kernel's functions.\ntype kernelTable [%d]uintptr", count)
	s.line("\n// rectify is relu for a kind of element: its size, and 16 more for floats. It is")
	s.line("// one function for all types so that InPlace is inlined.\n//\n//go:noescape")
	s.line("func rectify(dst, src unsafe.Pointer, n int, kind uintptr)")
	for _, o := range ops {
		for _, k := range o.kernels() {
			s.line("\n// %s: %s.\n//\n//go:noescape\nfunc %s(%s)", k.name(), k.doc, k.name(), k.params())
			if k.cut() {
				s.cutting(k)
			}
		}
	}
	return s.file()
}

// cutting is the function that a kernel jumps to with a long slice.
func (s *source) cutting(k kernel) {
	piece := pieceBytes / k.elem.size
	pointers := append([]string{"dst"}, k.sources...)
	s.line("\n// %s cuts a long slice: its own call is where the goroutine can be preempted.", k.pieces())
	s.line("//\n//go:noinline")
	s.line("func %s(%s) {", k.pieces(), k.params())
	if k.plain == "" && k.streamed() {
		stream := "stream" + strings.ToUpper(k.name()[:1]) + k.name()[1:]
		s.line("if nonTemporal(uintptr(n)*%d) && dst != %s {", k.elem.size, strings.Join(k.sources, " && dst != "))
		s.line("%s(%s)\nreturn\n}", stream, k.args())
	}
	s.line("for n > %d {", piece)
	s.line("%s(%s)", k.pieces(), strings.Replace(k.args(), ", n", fmt.Sprintf(", %d", piece), 1))
	for _, p := range pointers {
		s.line("%s = offset(%s, %d)", p, p, piece)
	}
	s.line("n -= %d\n}", piece)
	s.line("%s(%s)\n}", k.name(), k.args())
}

// generics are the kernels in pure Go, for each type.
func (s *source) generics(ops []op) {
	for _, o := range ops {
		if o.plain != "" {
			continue
		}
		for _, k := range o.kernels() {
			s.line("\nfunc %s(%s) {\n%s\n}", k.generic(), k.params(), k.genericCall())
		}
	}
}

// genericCall is a call of the kernel in pure Go.
func (k kernel) genericCall() string {
	if !k.bits {
		if k.elem.half() {
			return fmt.Sprintf("%sHalfGeneric(%s, %s)", k.op.name, k.args(), strings.ToLower(k.elem.name))
		}
		return fmt.Sprintf("%sGeneric(%s)", k.op.name, k.args())
	}
	// These look at bits alone.
	var args []string
	for _, p := range strings.Split(k.args(), ", ") {
		element := p == k.dst() || slices.Contains(k.sources, p)
		if element && p != "mask" && p != "count" && k.elem.goTyp != k.elem.bits() {
			p = fmt.Sprintf("(*%s)(unsafe.Pointer(%s))", k.elem.bits(), p)
		}
		args = append(args, p)
	}
	return fmt.Sprintf("%sGeneric(%s, %d)", k.op.name, strings.Join(args, ", "), k.elem.floor())
}

// noAssembly is the entries of a build that has the kernels in Go alone. Inlined
// into another package, they would seem to let arguments escape.
func noAssembly(ops []op) []byte {
	s := header("relu")
	s.line("\n//go:build !(%s)\n\npackage relu\n\nimport %q", assembled, "unsafe")
	s.line("\n//go:noinline\nfunc rectify(dst, src unsafe.Pointer, n int, kind uintptr) {\nswitch kind {")
	for _, k := range ops[0].kernels() {
		if t := k.elem.goTyp; !k.elem.half() {
			s.line("case %d: %s((*%s)(dst), (*%s)(src), n)", k.elem.kind(), k.generic(), t, t)
		}
	}
	s.line("}\n}")
	for _, o := range ops {
		for _, k := range o.kernels() {
			if k.plain == "" || slices.Contains(inParts, k.plain) && !k.elem.half() {
				s.line("\n//go:noinline\nfunc %s(%s) {\n%s(%s)\n}", k.name(), k.params(), k.generic(), k.args())
			}
		}
	}
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
		constraint := "Float"
		if slices.Contains(o.elems, int32s) {
			constraint = "Number"
		}
		if slices.Contains(o.elems, uint8s) {
			constraint += " | ~uint8 | ~uint16"
		}
		if o.plain != "" && !slices.Contains(inParts, o.plain) {
			continue // what cuts a long slice goes straight there
		}
		name := "run" + strings.ToUpper(o.name[:1]) + o.name[1:]
		s.line("\n// %s: %s.", name, o.doc)
		// The parameters are the kernel's, with slices for pointers and without n.
		params := kernel{o, elem{goTyp: "T"}}.params()
		if o.signature == "" {
			params = strings.TrimSuffix(params, ", n int")
		}
		params = strings.ReplaceAll(params, "*", "[]")
		s.line("func %s[T %s](%s) {", name, constraint, params)
		kind := "float, size := T(1)/2 != 0, unsafe.Sizeof(T(0))"
		if slices.Contains(o.elems, uint8s) {
			kind = "float, unsigned, size := T(1)/2 != 0, T(0)-1 > 0, unsafe.Sizeof(T(0))"
		}
		s.line("switch %s; {", kind)
		for _, e := range slices.DeleteFunc(slices.Clone(o.elems), elem.half) { // halves have entries alone
			k := kernel{o, e}
			var args []string
			for _, a := range strings.Split(k.args(), ", ") {
				switch {
				case a == "sums" || a == "mask" || a == "count":
					a = "&" + a + "[0]"
				case a == "n":
					a = "len(dst)"
				case slices.Contains(o.scalars, a):
					a = fmt.Sprintf("%s(%s)", e.goTyp, a)
				case a == k.dst() || slices.Contains(o.sources, a):
					a = fmt.Sprintf("as[%s](%s)", e.goTyp, a)
				}
				args = append(args, a)
			}
			is := "!float"
			switch {
			case e.float:
				is = "float"
			case e.unsigned:
				is = "unsigned"
			case slices.Contains(o.elems, uint8s):
				is = "!float && !unsigned"
			}
			s.line("case %s && size == %d: %s(%s)", is, e.size, k.name(), strings.Join(args, ", "))
		}
		s.line("}\n}")
	}
	s.generics(ops)
	return s.file()
}

// testTable is the list of kernels that the tests must have covered.
func testTable(ops []op) []byte {
	s := header("relu")
	s.line("\npackage relu")
	s.line("\n// tableRows lists every kernel: what users call, the operation, its element type, its")
	s.line("// place in a kernelTable.")
	s.line("var tableRows = []tableRow{")
	at, _ := slots(ops)
	for _, o := range ops {
		for _, k := range o.kernels() {
			s.line("{%q, %q, %q, %d},", o.public, o.name, k.elem.name, at[k.name()])
		}
	}
	s.line("}")
	return s.file()
}
