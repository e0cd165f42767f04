package main

import (
	"fmt"
	"slices"
	"strings"
)

// elem is an element type as the kernels see it.
type elem struct {
	name  string // in kernel names
	goTyp string // in kernel signatures
	size  int    // in bytes
	float bool   // the kernels may compute with it
	// unsigned is for integers.
	unsigned bool
	// magnitude is the number of bits below the exponent of a float format:
	// all ones shifted left by it are the bits of -Inf. 0 for integers.
	magnitude int
}

var (
	float32s  = elem{name: "Float32", goTyp: "float32", size: 4, float: true, magnitude: 23}
	float64s  = elem{name: "Float64", goTyp: "float64", size: 8, float: true, magnitude: 52}
	int8s     = elem{name: "Int8", goTyp: "int8", size: 1}
	int16s    = elem{name: "Int16", goTyp: "int16", size: 2}
	int32s    = elem{name: "Int32", goTyp: "int32", size: 4}
	int64s    = elem{name: "Int64", goTyp: "int64", size: 8}
	uint8s    = elem{name: "Uint8", goTyp: "uint8", size: 1, unsigned: true}
	uint16s   = elem{name: "Uint16", goTyp: "uint16", size: 2, unsigned: true}
	float16s  = elem{name: "Float16", goTyp: "uint16", size: 2, magnitude: 10}
	bfloat16s = elem{name: "BFloat16", goTyp: "uint16", size: 2, magnitude: 7}
	octets    = elem{goTyp: "byte", size: 1}

	floats   = []elem{float32s, float64s}
	integers = []elem{int8s, int16s, int32s, int64s}
	unsigned = []elem{uint8s, uint16s}
	halves   = []elem{float16s, bfloat16s}
)

// half tells whether the elements are the bits of a float of 16.
func (e elem) half() bool { return e.magnitude != 0 && !e.float }

// floor is the greatest element that is zeroed, as a signed integer of the
// element's size.
func (e elem) floor() int64 {
	if e.magnitude == 0 {
		return 0
	}
	return -1 << e.magnitude
}

// bits is the signed integer type of the element's size.
func (e elem) bits() string {
	return fmt.Sprintf("int%d", 8*e.size)
}

// op is an operation: one row of the table, from which come the kernels of
// every instruction set, their stubs, the dispatch and the list that the tests
// walk.
type op struct {
	name    string // in kernel names
	public  string // what users call
	elems   []elem
	sources []string // pointers to n elements each
	scalars []string // parameters that all elements share
	once    string   // the source that the body for floats uses once, as an operand that may be in memory
	doc     string   // one line, of the form "dst = …"
	plain   string   // for one with non-temporal stores, the name of the one without
	rows    bool     // goes through rows, and starts the last source again for each
	// signature is that of a kernel which is neither elementwise nor by rows. T is the
	// element type, and what stands first, "dst" for others, is where results go.
	signature string
	masks     bool // goes by words of 64 bits, each for as many elements
	bits      bool // the pure-Go kernel takes elements as signed integers, and the floor
	// body gives the result for one vector of each source and of each scalar.
	body func(m machine, src, scalars []vec) vec
	// has tells whether a machine has the body's steps: nil says that all have. One
	// that has not leaves the row to another instruction set, or to pure Go.
	has func(m machine) bool
}

// mulPass is a*b, or 0 where x <= 0.
func mulPass(m machine, a, b, x vec) vec {
	if m, ok := m.(interface{ mulPass(a, b, x vec) vec }); ok {
		return m.mulPass(a, b, x)
	}
	n := m.(multiplier)
	return n.pass(n.mul(a, b), x)
}

// is tells whether a machine has the steps of S.
func is[S any](m machine) bool {
	_, ok := m.(S)
	return ok
}

// hasMasks is for the operations on masks.
func hasMasks(m machine) bool { return is[masker](m) || is[scalable](m) }

// ops is the table.
var ops = []op{{
	name: "relu", public: "InPlace", elems: concat(floats, integers, halves),
	sources: []string{"src"}, bits: true,
	doc:  "dst = max(0, src)",
	body: func(m machine, src, _ []vec) vec { return m.rectify(src[0]) },
}, {
	name: "grad", public: "Grad", elems: concat(floats, halves),
	sources: []string{"grad", "x"}, bits: true,
	once: "grad",
	doc:  "dst = 0 where x <= 0, else grad",
	body: func(m machine, src, _ []vec) vec { return m.gate(src[0], src[1]) },
}, {
	name: "leaky", public: "Leaky", elems: concat(floats, halves),
	sources: []string{"src"}, scalars: []string{"slope"},
	doc:  "dst = slope*src where src <= 0, else src",
	body: func(m machine, src, s []vec) vec { return m.scale(src[0], src[0], s[0]) },
}, {
	// The usual slopes, of which the product is never below a positive element
	// nor above a negative one, need no comparison.
	name: "leakyMax", public: "Leaky", elems: floats,
	sources: []string{"src"}, scalars: []string{"slope"},
	doc:  "dst = slope*src where src <= 0, else src, for 0 < slope <= 1",
	body: func(m machine, src, s []vec) vec { return m.scaleMax(src[0], s[0]) },
}, {
	name: "leakyGrad", public: "LeakyGrad", elems: concat(floats, halves),
	sources: []string{"grad", "x"}, scalars: []string{"slope"},
	doc:  "dst = slope*grad where x <= 0, else grad",
	body: func(m machine, src, s []vec) vec { return m.scale(src[0], src[1], s[0]) },
}, {
	name: "prelu", public: "PReLU", elems: floats,
	sources: []string{"src", "slopes"},
	doc:     "dst = slopes*src where src <= 0, else src",
	body:    func(m machine, src, _ []vec) vec { return m.scale(src[0], src[0], src[1]) },
}, {
	name: "clip", public: "Clip", elems: concat(floats, integers, halves),
	sources: []string{"src"}, scalars: []string{"limit"},
	once: "src",
	doc:  "dst = min(max(0, src), limit)",
	body: func(m machine, src, s []vec) vec { return m.clip(src[0], s[0]) },
}, {
	name: "clipGrad", public: "ClipGrad", elems: concat(floats, halves),
	sources: []string{"grad", "x"}, scalars: []string{"limit"},
	once: "grad",
	doc:  "dst = 0 where x <= 0 or x >= limit, else grad",
	body: func(m machine, src, s []vec) vec { return m.gateWithin(src[0], src[1], s[0]) },
}, {
	name: "clamp", public: "Clamp", elems: concat(floats, integers, unsigned),
	sources: []string{"src"}, scalars: []string{"lo", "hi"},
	doc:  "dst = min(max(lo, src), hi); of floats, no bound is 0",
	body: func(m machine, src, s []vec) vec { return m.(clamper).clamp(src[0], s[0], s[1]) },
	has:  is[clamper],
}, {
	name: "clampGrad", public: "ClampGrad", elems: floats,
	sources: []string{"grad", "x"}, scalars: []string{"lo", "hi"},
	once: "grad",
	doc:  "dst = 0 where x <= lo or x >= hi, else grad",
	body: func(m machine, src, s []vec) vec { return m.(clamper).gateBetween(src[0], src[1], s[0], s[1]) },
	has:  is[clamper],
}, {
	name: "square", public: "Square", elems: concat(floats, halves),
	sources: []string{"src"},
	once:    "src",
	doc:     "dst = max(0, src) squared",
	body:    func(m machine, src, _ []vec) vec { return m.(multiplier).square(src[0]) },
	has:     is[multiplier],
}, {
	name: "squareGrad", public: "SquareGrad", elems: floats,
	sources: []string{"grad", "x"},
	once:    "grad",
	doc:     "dst = 0 where x <= 0, else grad*(x+x)",
	body: func(m machine, src, _ []vec) vec {
		twice := m.add(src[1], src[1]) // <= 0 where x is
		return mulPass(m, src[0], twice, twice)
	},
	has: is[multiplier],
}, {
	name: "gate", public: "Gate", elems: floats,
	sources: []string{"a", "b"},
	once:    "b",
	doc:     "dst = 0 where a <= 0, else a*b",
	body: func(m machine, src, _ []vec) vec {
		return mulPass(m, src[1], src[0], src[0])
	},
	has: is[multiplier],
}, {
	name: "gateGrad", public: "GateGrad", elems: floats,
	sources: []string{"grad", "factor", "a"},
	once:    "grad",
	doc:     "dst = 0 where a <= 0, else grad*factor",
	body: func(m machine, src, _ []vec) vec {
		return mulPass(m, src[0], src[1], src[2])
	},
	has: is[multiplier],
}, {
	name: "add", public: "Add", elems: concat(floats, halves),
	sources: []string{"a", "b"},
	once:    "b",
	doc:     "dst = max(0, a+b)",
	body:    func(m machine, src, _ []vec) vec { return m.rectify(m.add(src[0], src[1])) },
}}

// limits are the operations of internal/roofline: the loads and stores of a
// kernel, and no arithmetic.
var limits = []op{{
	name: "copy", elems: []elem{octets},
	sources: []string{"src"},
	doc:     "dst = src",
	body:    func(m machine, src, _ []vec) vec { return src[0] },
}, {
	name: "copyOf2", elems: []elem{octets},
	sources: []string{"a", "b"},
	doc:     "dst = a, having loaded b",
	body:    func(m machine, src, _ []vec) vec { return src[0] },
}}

// readLimit is that of operations which write next to nothing: words of 256 bytes
// are loaded and added up.
var readLimit = op{
	name: "read", elems: []elem{{goTyp: "byte", size: 4}},
	signature: "src *T, words int",
	doc:       "loads src and adds it up",
	masks:     true, has: hasMasks,
}

// preluGrad is the one operation that is not elementwise: it goes down the rows
// of 16 columns.
var preluGrad = op{
	name: "preluGrad", public: "PReLUGrad", elems: floats,
	sources:   []string{"grad", "x", "slopes"},
	signature: "dst *T, sums *float64, grad, x, slopes *T, rows, stride int",
	once:      "slopes",
	doc:       "dst = slopes*grad where x <= 0, else grad; sums += grad*x where x <= 0",
}

// masks are the operations on a bit for each element. Words of 64 bits are whole:
// what calls the kernels rounds the elements up.
var masks = []op{{
	name: "mask", public: "Mask", elems: concat(floats, integers, halves),
	signature: "mask *uint64, x *T, words int", sources: []string{"x"},
	doc:   "a bit of mask for each element of x: 0 where it is <= 0, else 1",
	masks: true, bits: true, has: hasMasks,
}, {
	name: "reluMask", public: "InPlaceMask", elems: concat(floats, integers),
	signature: "dst *T, mask *uint64, src *T, words int", sources: []string{"mask", "src"},
	doc:   "dst = max(0, src), and mask as by mask",
	masks: true, bits: true, has: hasMasks,
}, {
	name: "active", public: "Active", elems: concat(floats, integers),
	signature: "count *uint64, x *T, words int", sources: []string{"x"},
	doc:   "count += the elements of x that are not <= 0",
	masks: true, bits: true, has: hasMasks,
}, {
	name: "gradMask", public: "GradMask", elems: floats,
	signature: "dst *T, mask *uint64, grad *T, words int", sources: []string{"mask", "grad"},
	doc:   "dst = 0 where the bit of mask is 0, else grad",
	masks: true, has: hasMasks,
}}

// streams are the elementwise operations with non-temporal stores, for slices
// that no cache holds: such a store spares the read of the line that it
// overwrites. AVX-512 has no better ones than AVX2, SSE2 is for CPUs older than
// 2013, and NEON has none that is known to pay.
var streams = streaming(ops)

func streaming(ops []op) []op {
	var streams []op
	for _, o := range ops {
		o.elems = slices.DeleteFunc(slices.Clone(o.elems), func(e elem) bool { return !kernel{o, e}.streamed() })
		o.plain, o.name = o.name, "stream"+strings.ToUpper(o.name[:1])+o.name[1:]
		o.doc += ", for dst apart"
		streams = append(streams, o)
	}
	return streams
}

// streamed tells whether a kernel has a form with non-temporal stores. With one source
// they are 1.1 to 1.2 times as fast on Zen 5, for integers and half floats not enough
// for code of their own; with more, whose bytes are most of the traffic, 1.3 to 1.5.
func (k kernel) streamed() bool {
	return k.elem.float || k.op.name == "relu" || k.elem.half() && len(k.sources) > 1
}

// inParts are the operations that a long slice meets a row or a run at a time: what
// calls them says whether stores are to be non-temporal.
var inParts = []string{"add", "prelu", "leaky", "leakyMax", "gateGrad"}

// rowed are operations whose last source is a row that each row of the others
// meets, so that a row is not a call.
var rowed = []op{byRows("add", "Bias"), byRows("prelu", "PReLU")}

// byRows is a row of the table, for rows of 64 bytes and more.
func byRows(name, public string) op {
	o := find(name)
	o.name, o.public, o.rows, o.elems = name+"Rows", public, true, floats
	o.doc += ", over rows"
	return o
}

func find(name string) op {
	return ops[slices.IndexFunc(ops, func(o op) bool { return o.name == name })]
}

// kernel is one function of assembly: an operation on a type.
type kernel struct {
	op
	elem elem
}

func (k kernel) name() string { return k.op.name + k.elem.name }

// cut tells whether slices come at any length, and long ones are cut into pieces.
func (k kernel) cut() bool {
	return k.public != "" && !k.rows && k.signature == ""
}

// pieces and generic are the names of the Go functions that cut a long slice, and
// that do what a kernel does.
func (k kernel) pieces() string { return k.name() + "Pieces" }

func (k kernel) generic() string {
	if k.plain != "" {
		return k.plain + k.elem.name + "Generic"
	}
	return k.name() + "Generic"
}

// shortByGo is what shorter is for machines that few have, or nobody has measured. A
// limit has no pure Go.
func (k kernel) shortByGo() string {
	if k.cut() {
		return "Generic"
	}
	return ""
}

// params is the parameter list of the kernel's signature.
func (k kernel) params() string {
	t := k.elem.goTyp
	if k.signature != "" {
		return strings.ReplaceAll(k.signature, "*T", "*"+t)
	}
	if k.op.rows {
		return fmt.Sprintf("dst, %s *%s, row, rows int", strings.Join(k.sources, ", "), t)
	}
	scalar := ""
	if len(k.scalars) > 0 {
		scalar = fmt.Sprintf("%s %s, ", strings.Join(k.scalars, ", "), t)
	}
	return fmt.Sprintf("dst, %s *%s, %sn int", strings.Join(k.sources, ", "), t, scalar)
}

// args are the names in params.
func (k kernel) args() string {
	var names []string
	for _, p := range strings.Split(k.params(), ", ") {
		name, _, _ := strings.Cut(p, " ")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// dst is the name of the parameter that results go to.
func (k kernel) dst() string {
	first, _, _ := strings.Cut(k.args(), ",")
	return first
}

// step is how many bytes of a parameter a word of a mask is for.
func (k kernel) step(param string) int {
	switch param {
	case "mask":
		return 8
	case "count":
		return 0
	}
	return 64 * k.elem.size
}

// kernels lists an operation for each of its types.
func (o op) kernels() []kernel {
	var ks []kernel
	for _, e := range o.elems {
		ks = append(ks, kernel{o, e})
	}
	return ks
}

func concat[T any](lists ...[]T) []T {
	var all []T
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
