package relu

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// A trial is a way to run one row of the table on memory, and the row's
// definition, written down once more and apart from any kernel. The tests run
// every trial under every kernel.
type trial struct {
	op, elem string // the row
	call     string // the public call, for messages
	size     int    // of an element in bytes
	sources  int
	inPlace  bool // dst is the only source
	apart    bool // dst may be no source
	specials []uint64
	run      func(dst unsafe.Pointer, src []unsafe.Pointer, n int)
	// want is the result for one element of each source. Unless exact, any
	// NaN will do.
	want func(src []uint64) (result uint64, exact bool)
}

// trials covers every row of the table but what goes by rows, which TestRows
// has. The sums of preluGrad are not elementwise: TestPReLUGradShapes has them.
var trials = slices.Concat(
	floatTrials("Float32", 32, func(b uint64) float32 { return math.Float32frombits(uint32(b)) },
		func(v float32) uint64 { return uint64(math.Float32bits(v)) }),
	floatTrials("Float64", 64, math.Float64frombits, math.Float64bits),
	integerTrials[int8]("Int8", 8),
	integerTrials[int16]("Int16", 16),
	integerTrials[int32]("Int32", 32),
	integerTrials[int64]("Int64", 64),
	integerTrials[int](fmt.Sprintf("Int%d", math.MaxInt>>31&32+32), math.MaxInt>>31&32+32),
	clampTrials("Int8", []int8{0, 1, -1, 5, 6, 7, -6, 64, 127, 126, -127, -128}, [][2]int8{{-6, 5}, {0, 127}, {-128, -1}, {7, 7}}),
	clampTrials("Uint8", []uint8{0, 1, 2, 3, 4, 64, 127, 128, 129, 199, 200, 201, 254, 255}, [][2]uint8{{3, 200}, {0, 255}, {128, 255}, {128, 128}}),
	clampTrials("Int16", []int16{0, 1, -1, 5, 6, 7, -6, 64, 255, 256, 32767, 32766, -32767, -32768}, [][2]int16{{-6, 5}, {0, 32767}, {-32768, -1}, {7, 7}}),
	clampTrials("Uint16", []uint16{0, 1, 2, 3, 4, 255, 256, 32767, 32768, 32769, 49999, 50000, 50001, 65534, 65535}, [][2]uint16{{3, 50000}, {0, 65535}, {32768, 65535}, {32768, 32768}}),
	clampTrials("Int32", []int32{0, 1, -1, 5, 6, 7, -6, 1 << 16, math.MaxInt32, math.MinInt32, -math.MaxInt32}, [][2]int32{{-6, 5}, {0, math.MaxInt32}, {math.MinInt32, -1}, {7, 7}}),
	clampTrials("Int64", []int64{0, 1, -1, 5, 6, 7, -6, 1 << 31, 1 << 32, -1 << 31, math.MaxInt64, math.MinInt64, -math.MaxInt64, 1<<32 | 1<<31},
		[][2]int64{{-6, 5}, {0, math.MaxInt64}, {math.MinInt64, -1}, {-1 << 40, 1<<32 | 7}, {7, 7}}),
	maskTrials("Float16", "MaskFloat16", signed(16, 0x7C00, 10), func(v uint16) bool { return v == 0 || v >= 0x8000 && v <= 0xFC00 }, float16Functions.mask, nil, nil),
	maskTrials("BFloat16", "MaskBFloat16", signed(16, 0x7F80, 7), func(v uint16) bool { return v == 0 || v >= 0x8000 && v <= 0xFF80 }, bfloat16Functions.mask, nil, nil),
	halfTrials("Float16", 10, float16Functions),
	halfTrials("BFloat16", 7, bfloat16Functions),
	[]trial{
		halfTrial("Float16", "InPlaceFloat16", 0xFC00, float16Functions.inPlace),
		halfTrial("BFloat16", "InPlaceBFloat16", 0xFF80, bfloat16Functions.inPlace),
	},
)

// A tableRow is what users call, the operation, its element type and its place in a
// kernelTable.
type tableRow struct {
	public, op, elem string
	slot             int
}

// TestTrialsCoverTheTable prints the table with -v: for each row the kernels that
// have it. The others leave it to pure Go.
func TestTrialsCoverTheTable(t *testing.T) {
	for _, row := range tableRows {
		var have []kernel
		for _, k := range available {
			if k == generic || hasKernel(k, row.slot) {
				have = append(have, k)
			}
		}
		t.Logf("%-16s %-15s %-8s %v", row.public, row.op, row.elem, have)
		if strings.HasSuffix(row.op, "Rows") {
			continue // TestRows goes through rowOps, which has both types
		}
		if strings.HasPrefix(row.op, "stream") && !switches {
			continue // TestLongStreams has them
		}
		if !slices.ContainsFunc(trials, func(tr trial) bool { return tr.op == row.op && tr.elem == row.elem }) {
			t.Errorf("no test runs %s on %s, which %s calls", row.op, row.elem, row.public)
		}
	}
}

// eachKernel runs a test under every kernel that this CPU has, or under those
// that the environment variable RELU_TEST_KERNELS lists, which must be there.
func eachKernel(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	names := strings.Fields(os.Getenv("RELU_TEST_KERNELS"))
	if len(names) == 0 {
		names = Kernels()
	}
	for _, name := range names {
		i := slices.Index(Kernels(), name)
		if i < 0 {
			t.Errorf("the kernel %s cannot run here, though RELU_TEST_KERNELS asks for it; there are %v", name, Kernels())
			continue
		}
		t.Run(name, func(t *testing.T) {
			withKernel(available[i], func() { test(t) })
		})
	}
}

// withKernel runs f under a kernel.
func withKernel(k kernel, f func()) {
	defer use(active)
	use(k)
	f()
}

func slice[T any](p unsafe.Pointer, n int) []T { return unsafe.Slice((*T)(p), n) }

func floatTrials[T Float](elem string, size int, from func(uint64) T, bits func(T) uint64) []trial {
	product := func(a, b uint64) (uint64, bool) {
		p := from(a) * from(b)
		return bits(p), p == p
	}
	limit, below := T(6), from(bits(6)-1)
	specials := floatSpecials(size)
	specials = append(specials, bits(1), bits(-1), bits(limit), bits(below), bits(-below), bits(limit+1), bits(0.1), bits(-0.3))
	one := func(op, call string, run func(dst, src []T), want func(v uint64) (uint64, bool)) trial {
		return trial{op: op, elem: elem, call: call, size: size / 8, sources: 1, specials: specials,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) { run(slice[T](dst, n), slice[T](src[0], n)) },
			want: func(src []uint64) (uint64, bool) {
				return want(src[0])
			}}
	}
	two := func(op, call string, run func(dst, a, b []T), want func(a, b uint64) (uint64, bool)) trial {
		return trial{op: op, elem: elem, call: call, size: size / 8, sources: 2, specials: specials,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
				run(slice[T](dst, n), slice[T](src[0], n), slice[T](src[1], n))
			},
			want: func(src []uint64) (uint64, bool) { return want(src[0], src[1]) }}
	}
	rectified := func(v uint64) (uint64, bool) {
		if from(v) <= 0 {
			return 0, true
		}
		return v, true
	}
	clipped := func(limit T) func(v uint64) (uint64, bool) {
		return func(v uint64) (uint64, bool) {
			if from(v) > 0 && from(v) > limit {
				return bits(limit), true
			}
			return rectified(v)
		}
	}
	list := []trial{
		one("relu", "To", To[T], rectified),
		one("relu", "InPlace", func(dst, _ []T) { InPlace(dst) }, rectified),
		two("grad", "Grad", Grad[T], func(g, x uint64) (uint64, bool) {
			if from(x) <= 0 {
				return 0, true
			}
			return g, true
		}),
		two("prelu", "PReLU", func(dst, src, slopes []T) {
			if len(slopes) > 0 {
				PReLU(dst, src, slopes, 1)
			}
		}, func(v, slope uint64) (uint64, bool) {
			if from(v) <= 0 {
				return product(v, slope)
			}
			return v, true
		}),
		two("add", "Add", Add[T], func(a, b uint64) (uint64, bool) {
			sum := from(a) + from(b)
			if sum != sum {
				return bits(sum), false
			}
			return rectified(bits(sum))
		}),
		two("add", "Bias", func(dst, src, bias []T) { Bias(dst, src, bias) }, func(a, b uint64) (uint64, bool) {
			sum := from(a) + from(b)
			if sum != sum {
				return bits(sum), false
			}
			return rectified(bits(sum))
		}),
		{op: "preluGrad", elem: elem, call: "PReLUGrad", size: size / 8, sources: 3, specials: specials,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
				if n > 0 {
					PReLUGrad(slice[T](dst, n), make([]T, n), slice[T](src[0], n), slice[T](src[1], n), slice[T](src[2], n), 1)
				}
			},
			want: func(src []uint64) (uint64, bool) {
				if from(src[1]) <= 0 {
					return product(src[0], src[2])
				}
				return src[0], true
			}},
	}
	list[1].inPlace = true
	list = append(list, maskTrials(elem, "Mask", specials, func(v T) bool { return v <= 0 }, Mask[T], InPlaceMask[T], Active[T])...)
	list = append(list, two("gradMask", "GradMask", func(dst, grad, x []T) {
		mask := make([]uint64, (len(x)+63)/64)
		for i, v := range x {
			if !(v <= 0) {
				mask[i/64] |= 1 << (i % 64)
			}
		}
		if len(x)%64 != 0 {
			mask[len(x)/64] |= ^uint64(0) << (len(x) % 64) // bits that do not matter
		}
		GradMask(dst, grad, mask)
	}, func(g, x uint64) (uint64, bool) {
		if from(x) <= 0 {
			return 0, true
		}
		return g, true
	}))
	// gated is the product where x is not <= 0.
	gated := func(a, b, x T) (uint64, bool) {
		if x <= 0 {
			return 0, true
		}
		return bits(a * b), a*b == a*b
	}
	list = append(list,
		one("square", "Square", Square[T], func(v uint64) (uint64, bool) { return gated(from(v), from(v), from(v)) }),
		two("squareGrad", "SquareGrad", SquareGrad[T], func(g, x uint64) (uint64, bool) { return gated(from(g), 2*from(x), from(x)) }),
		two("gate", "Gate", Gate[T], func(a, b uint64) (uint64, bool) { return gated(from(a), from(b), from(a)) }),
		trial{op: "gateGrad", elem: elem, call: "GateGrad, da", size: size / 8, sources: 3, specials: specials,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
				GateGrad(slice[T](dst, n), make([]T, n), slice[T](src[0], n), slice[T](src[1], n), slice[T](src[2], n))
			},
			want: func(src []uint64) (uint64, bool) { return gated(from(src[0]), from(src[2]), from(src[1])) }},
		trial{op: "gateGrad", elem: elem, call: "GateGrad, db", size: size / 8, sources: 3, specials: specials,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
				GateGrad(make([]T, n), slice[T](dst, n), slice[T](src[0], n), slice[T](src[1], n), slice[T](src[2], n))
			},
			want: func(src []uint64) (uint64, bool) { return gated(from(src[0]), from(src[1]), from(src[1])) }})
	for _, slope := range []T{0.01, 1, from(1), -0.5, 0, 1.5, T(math.Inf(1)), T(math.NaN())} {
		op := "leaky"
		if 0 < slope && slope <= 1 {
			op = "leakyMax"
		}
		list = append(list,
			one(op, fmt.Sprintf("Leaky(%v)", slope), func(dst, src []T) { Leaky(dst, src, slope) },
				func(v uint64) (uint64, bool) {
					if from(v) <= 0 {
						return product(v, bits(slope))
					}
					return v, true
				}),
			two("leakyGrad", fmt.Sprintf("LeakyGrad(%v)", slope), func(dst, grad, x []T) { LeakyGrad(dst, grad, x, slope) },
				func(g, x uint64) (uint64, bool) {
					if from(x) <= 0 {
						return product(g, bits(slope))
					}
					return g, true
				}))
	}
	for _, limit := range []T{limit, 0, T(math.Inf(1)), T(math.Copysign(0, -1))} {
		list = append(list,
			one("clip", fmt.Sprintf("Clip(%v)", limit), func(dst, src []T) { Clip(dst, src, limit) }, clipped(limit+0)),
			two("clipGrad", fmt.Sprintf("ClipGrad(%v)", limit), func(dst, grad, x []T) { ClipGrad(dst, grad, x, limit) },
				func(g, x uint64) (uint64, bool) {
					if from(x) <= 0 || from(x) >= limit {
						return 0, true
					}
					return g, true
				}))
	}
	for _, bounds := range [][2]T{{-1, 6}, {0, limit}, {T(math.Copysign(0, -1)), 1}, {-1, T(math.Copysign(0, -1))}, {-1, 0},
		{T(math.Inf(-1)), T(math.Inf(1))}, {1, 1}, {0, T(math.Copysign(0, -1))}} {
		lo, hi := bounds[0], bounds[1]
		list = append(list,
			one("clamp", fmt.Sprintf("Clamp(%v, %v)", lo, hi), func(dst, src []T) { Clamp(dst, src, lo, hi) },
				func(v uint64) (uint64, bool) {
					switch {
					case from(v) <= lo:
						return bits(lo + 0), true
					case from(v) >= hi:
						return bits(hi + 0), true
					}
					return v, true
				}),
			two("clampGrad", fmt.Sprintf("ClampGrad(%v, %v)", lo, hi), func(dst, grad, x []T) { ClampGrad(dst, grad, x, lo, hi) },
				func(g, x uint64) (uint64, bool) {
					if from(x) <= lo || from(x) >= hi {
						return 0, true
					}
					return g, true
				}))
	}
	return list
}

// floatSpecials are both zeros and infinities, NaNs quiet and signalling with
// payloads, and the edges of the subnormal, normal and finite numbers, each
// with either sign, for 16-bit (half), 32- and 64-bit floats.
func floatSpecials(size int) []uint64 {
	mantissa := map[int]int{16: 10, 32: 23, 64: 52}[size]
	return signed(size, uint64(1)<<(size-1)-uint64(1)<<mantissa, mantissa)
}

// signed are the specials of a float format whose +Inf has those bits.
func signed(size int, inf uint64, mantissa int) []uint64 {
	quiet := inf | 1<<(mantissa-1)
	positive := []uint64{
		0, 1, 1<<mantissa - 1, 1 << mantissa, inf - 1, inf,
		inf + 1, quiet - 1, quiet, quiet + 5, 1<<(size-1) - 1,
	}
	var all []uint64
	for _, b := range positive {
		all = append(all, b, b|1<<(size-1))
	}
	return all
}

func integerTrials[T int8 | int16 | int32 | int64 | int](elem string, size int) []trial {
	mask := uint64(1)<<(size-1)<<1 - 1
	top := T(1)<<(size-2) + (T(1)<<(size-2) - 1)
	var specials []uint64
	for _, v := range []T{0, 1, -1, 2, -2, 5, 6, 7, -6, top, top - 1, -top, -top - 1, top / 3, -top / 3, 64, -64} {
		specials = append(specials, uint64(v)&mask)
	}
	unary := func(op, call string, run func(dst, src []T), want func(v T) T) trial {
		return trial{op: op, elem: elem, call: call, size: size / 8, sources: 1, specials: specials,
			run:  func(dst unsafe.Pointer, src []unsafe.Pointer, n int) { run(slice[T](dst, n), slice[T](src[0], n)) },
			want: func(src []uint64) (uint64, bool) { return uint64(want(T(src[0]))) & mask, true }}
	}
	list := []trial{
		unary("relu", "To", To[T], func(v T) T { return max(0, v) }),
		unary("relu", "InPlace", func(dst, _ []T) { InPlace(dst) }, func(v T) T { return max(0, v) }),
	}
	list[1].inPlace = true
	list = append(list, maskTrials(elem, "Mask", specials, func(v T) bool { return v <= 0 }, Mask[T], InPlaceMask[T], Active[T])...)
	for _, limit := range []T{6, 0, top} {
		list = append(list, unary("clip", fmt.Sprintf("Clip(%v)", limit), func(dst, src []T) { Clip(dst, src, limit) },
			func(v T) T { return min(max(0, v), limit) }))
	}
	return list
}

// maskTrials are those of the functions that make a mask, and of the one that counts
// its bits. dst gets each bit as an element.
func maskTrials[T any](elem, maskName string, specials []uint64, zeroed func(v T) bool,
	mask func(mask []uint64, x []T), inPlace func(x []T, mask []uint64), active func(x []T) int) []trial {
	size := int(unsafe.Sizeof(*new(T)))
	bit := func(src []uint64) (uint64, bool) {
		b := make([]byte, 8)
		setBits(b, size, 0, src[0])
		if zeroed(*(*T)(unsafe.Pointer(&b[0]))) {
			return 0, true
		}
		return 1, true
	}
	// between gives f a mask between words that it must leave alone, full of bits that
	// it must clear.
	between := func(n int, f func(mask []uint64)) []uint64 {
		const canary = 0xA5A5A5A5A5A5A5A5
		words := (n + 63) / 64
		all := slices.Repeat([]uint64{canary}, words+2)
		mask := all[1 : 1+words]
		f(mask)
		if all[0] != canary || all[1+words] != canary {
			panic("wrote beside the mask")
		}
		if n%64 != 0 && mask[words-1]>>(n%64) != 0 {
			panic(fmt.Sprintf("the last word of %d elements is %#x", n, mask[words-1]))
		}
		return mask
	}
	one := func(op, call string, run func(dst, src []T)) trial {
		return trial{op: op, elem: elem, call: call, size: size, sources: 1, specials: specials, want: bit,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) { run(slice[T](dst, n), slice[T](src[0], n)) }}
	}
	expand := func(dst []T, mask []uint64) {
		for i := range dst {
			setBits(unsafe.Slice((*byte)(unsafe.Pointer(&dst[i])), size), size, 0, mask[i/64]>>(i%64)&1)
		}
	}
	list := []trial{
		one("mask", maskName, func(dst, src []T) {
			expand(dst, between(len(src), func(m []uint64) { mask(m, src) }))
		}),
		one("active", "Active", func(dst, src []T) {
			want := 0
			bits := make([]uint64, (len(src)+63)/64)
			for i, v := range src {
				if !zeroed(v) {
					want++
					bits[i/64] |= 1 << (i % 64)
				}
			}
			if got := active(src); got != want {
				panic(fmt.Sprintf("%d of %d elements are active, not %d", want, len(src), got))
			}
			expand(dst, bits)
		}),
		one("reluMask", "InPlaceMask", func(x, _ []T) {
			before := slices.Clone(x)
			got := between(len(x), func(m []uint64) { inPlace(x, m) })
			for i, v := range before {
				if got[i/64]>>(i%64)&1 == 1 == zeroed(v) {
					panic(fmt.Sprintf("bit %d of %d is wrong for %v", i, len(x), v))
				}
			}
		}),
	}
	if inPlace == nil {
		return list[:1]
	}
	list[2].inPlace = true
	list[2].want = func(src []uint64) (uint64, bool) {
		if set, _ := bit(src); set == 0 {
			return 0, true
		}
		return src[0], true
	}
	return list
}

// clampTrials are those of Clamp for integers.
func clampTrials[T int8 | int16 | int32 | int64 | uint8 | uint16](elem string, specials []T, bounds [][2]T) []trial {
	size := int(unsafe.Sizeof(T(0)))
	mask := uint64(1)<<(8*size-1)<<1 - 1
	var asBits []uint64
	for _, v := range specials {
		asBits = append(asBits, uint64(v)&mask)
	}
	var list []trial
	for _, b := range bounds {
		list = append(list, trial{op: "clamp", elem: elem, call: fmt.Sprintf("Clamp(%d, %d)", b[0], b[1]), size: size, sources: 1, specials: asBits,
			run: func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
				Clamp(slice[T](dst, n), slice[T](src[0], n), b[0], b[1])
			},
			want: func(src []uint64) (uint64, bool) { return uint64(min(max(b[0], T(src[0])), b[1])) & mask, true }})
	}
	return list
}

func halfTrial(elem, call string, negInf uint64, run func([]uint16)) trial {
	mantissa := map[uint64]int{0xFC00: 10, 0xFF80: 7}[negInf]
	return trial{op: "relu", elem: elem, call: call, size: 2, sources: 1, inPlace: true,
		specials: signed(16, negInf&0x7FFF, mantissa),
		run:      func(dst unsafe.Pointer, _ []unsafe.Pointer, n int) { run(slice[uint16](dst, n)) },
		want: func(src []uint64) (uint64, bool) {
			if b := src[0]; b == 0 || b >= 0x8000 && b <= negInf {
				return 0, true
			}
			return src[0], true
		}}
}

// A bench is the memory that trials run on.
type bench struct {
	mem [4][]byte // dst, then the sources
	in  [3][]uint64
}

const (
	maxTrial   = 1200 // elements
	maxAligned = 64
)

// canary surrounds each slice on both sides.
var canary = bytes.Repeat([]byte{0xA5}, 128)

func newBench() *bench {
	b := new(bench)
	for i := range b.mem {
		b.mem[i] = aligned(maxTrial*8 + 2*len(canary) + maxAligned)
	}
	for i := range b.in {
		b.in[i] = make([]uint64, maxTrial)
	}
	return b
}

// aligned is memory from a multiple of 64 bytes on.
func aligned(size int) []byte {
	mem := make([]byte, size+maxAligned)
	skip := -uintptr(unsafe.Pointer(&mem[0])) % maxAligned
	return mem[skip : int(skip)+size]
}

// bounds are the lengths at which a kernel takes another way, whatever its
// vectors: for those of 8 to 64 bytes each number of them up to two iterations
// of eight and the start of a third, with one element less and one more.
func (tr trial) bounds() []int {
	lengths := []int{0}
	for vector := 8; vector <= 64; vector *= 2 {
		for count := range 18 {
			for n := count*vector/tr.size - 1; n <= count*vector/tr.size+1; n++ {
				lengths = append(lengths, max(0, n))
			}
		}
	}
	slices.Sort(lengths)
	return slices.Compact(lengths)
}

// slice is n elements, offset elements behind a multiple of 64 bytes, and the
// canaries around them.
func (b *bench) slice(mem, size, n, offset int) (elements, whole []byte) {
	start := offset * size
	whole = b.mem[mem][start : start+n*size+2*len(canary)]
	copy(whole, canary)
	copy(whole[len(canary)+n*size:], canary)
	return whole[len(canary) : len(canary)+n*size], whole
}

// run does the trial once, on n elements that value gives, offset elements
// behind a multiple of 64 bytes, and holds result and surroundings against the
// definition. If alias is not negative, dst is that source.
func (b *bench) run(t testing.TB, tr trial, n, offset, alias int, value func(source, i int) uint64) {
	t.Helper()
	perLine := maxAligned / tr.size
	var src [3][]byte
	var pointers [3]unsafe.Pointer
	dst, around := b.slice(0, tr.size, n, (offset+5)%perLine)
	for s := range tr.sources {
		var whole []byte
		src[s], whole = b.slice(s+1, tr.size, n, (offset+s*3)%perLine)
		if s == alias {
			dst, around = src[s], whole
		}
		for i := range n {
			b.in[s][i] = value(s, i)
			setBits(src[s], tr.size, i, b.in[s][i])
		}
		pointers[s] = unsafe.Pointer(unsafe.SliceData(src[s]))
	}
	tr.run(unsafe.Pointer(unsafe.SliceData(dst)), pointers[:tr.sources], n)

	var element [3]uint64
	for i := range n {
		for s := range tr.sources {
			element[s] = b.in[s][i]
			if s != alias {
				if got := bitsAt(src[s], tr.size, i); got != element[s] {
					t.Fatalf("%s, index %d: source %d was %#x and is now %#x", tr.describe(n, dst, alias), i, s, element[s], got)
				}
			}
		}
		want, exact := tr.want(element[:tr.sources])
		if got := bitsAt(dst, tr.size, i); got != want && (exact || !tr.nan(got)) {
			t.Fatalf("%s, index %d: %#x gave %#x, want %#x", tr.describe(n, dst, alias), i, element[:tr.sources], got, want)
		}
	}
	if !bytes.HasPrefix(around, canary) || !bytes.HasSuffix(around, canary) {
		t.Fatalf("%s: wrote outside: %x before it and %x behind it", tr.describe(n, dst, alias), around[:len(canary)], around[len(around)-len(canary):])
	}
}

func (tr trial) describe(n int, dst []byte, alias int) string {
	where := "apart"
	if alias >= 0 {
		where = fmt.Sprintf("over source %d", alias)
	}
	address := uintptr(unsafe.Pointer(unsafe.SliceData(dst)))
	return fmt.Sprintf("kernel %v, %s on %s, length %d, dst %s at %d modulo 64", active, tr.call, tr.elem, n, where, address%64)
}

// nan reports whether bits are a NaN of the trial's float type.
func (tr trial) nan(bits uint64) bool {
	if tr.size == 2 {
		return math.IsNaN(halfValue(map[string]int{"Float16": 10, "BFloat16": 7}[tr.elem], bits))
	}
	if tr.size == 4 {
		return math.IsNaN(float64(math.Float32frombits(uint32(bits))))
	}
	return math.IsNaN(math.Float64frombits(bits))
}

// aliases are the values of run's alias that the trial allows. The slopes of
// PReLU, its last source, may not be the destination.
func (tr trial) aliases() []int {
	if tr.inPlace {
		return []int{0}
	}
	all := []int{-1, 0, 1, 2}[:tr.sources+1]
	if tr.apart {
		return all[:1]
	}
	if tr.op == "prelu" || tr.op == "preluGrad" {
		all = all[:tr.sources]
	}
	return all
}

// special spreads the special values over the sources so that, as shift runs
// through as many values as there are, each comes to each position, and beyond
// that each to each of the other sources.
func (tr trial) special(shift int) func(source, i int) uint64 {
	return func(source, i int) uint64 {
		return tr.specials[(i*(source+1)+(i/7)*source+shift+source*(shift/len(tr.specials)))%len(tr.specials)]
	}
}

func bitsAt(mem []byte, size, i int) uint64 {
	p := unsafe.Add(unsafe.Pointer(unsafe.SliceData(mem)), i*size)
	switch size {
	case 1:
		return uint64(*(*uint8)(p))
	case 2:
		return uint64(*(*uint16)(p))
	case 4:
		return uint64(*(*uint32)(p))
	}
	return *(*uint64)(p)
}

func setBits(mem []byte, size, i int, bits uint64) {
	p := unsafe.Add(unsafe.Pointer(unsafe.SliceData(mem)), i*size)
	switch size {
	case 1:
		*(*uint8)(p) = uint8(bits)
	case 2:
		*(*uint16)(p) = uint16(bits)
	case 4:
		*(*uint32)(p) = uint32(bits)
	default:
		*(*uint64)(p) = bits
	}
}

// period is how many elements repeated fills the sources with, again and again. No
// piece is a multiple of it.
const period = 251

// repeated fills sources and result with special values, by the definition.
func (tr trial) repeated(src [3][]byte, want []byte) {
	var element [3]uint64
	for i, k := 0, 0; i < period; k++ {
		for s := range tr.sources {
			element[s] = tr.specials[(i*(s+1)+k*(3*s+1))%len(tr.specials)]
		}
		result, exact := tr.want(element[:tr.sources])
		if !exact {
			continue // the next k has other values
		}
		for s := range tr.sources {
			setBits(src[s], tr.size, i, element[s])
		}
		setBits(want, tr.size, i, result)
		i, k = i+1, 0
	}
	for _, x := range [][]byte{src[0], src[1], src[2], want} {
		for filled := period * tr.size; filled < len(x); filled *= 2 {
			copy(x[filled:], x[:filled])
		}
	}
}
