// Package ops is the table of the operations of relu that bench measures.
package ops

import (
	"slices"
	"unsafe"

	"github.com/seed88f7e06c/relu"
)

// Op is an operation on slices of a type, the plain Go loop that does the same,
// and its limit.
type Op struct {
	Name, Type string
	Arrays     int // slices of N elements that a call reads or writes: one in place
	Call, Loop Calls
	Limit      func(kernel string) Calls
	// From is the length in bytes of a slice from which the operation is one of
	// its own. It is 0 but for Parallel.
	From int
}

// Calls makes a call for each row.
type Calls func(Rows)

// Rows are the arguments of Count calls, the slices of N elements of one array
// side by side. In place, Dst is the only array.
type Rows struct {
	N, Count  int
	Dst, A, B unsafe.Pointer
}

// rows are Rows whose elements have a type. The operations of the table loop
// over them without another call in between, which would show where a call takes
// two nanoseconds.
type rows[T any] struct {
	n, count int
	d, s, s2 []T
}

func (r *rows[T]) dst(i int) []T { return r.d[i*r.n:][:r.n] }
func (r *rows[T]) a(i int) []T   { return r.s[i*r.n:][:r.n] }
func (r *rows[T]) b(i int) []T   { return r.s2[i*r.n:][:r.n] }

const (
	slope     = 0.01
	clipLimit = 1.5 // within the data
)

// RowLength is how many elements B has at least for Bias and PReLU, unless the
// slices are shorter: a bias, or slopes.
const RowLength = 1024

// All are the operations by name, each on all its types.
var All = slices.Concat(
	inPlace[float32]("float32"), inPlace[float64]("float64"),
	inPlace[int8]("int8"), inPlace[int16]("int16"), inPlace[int32]("int32"), inPlace[int64]("int64"),
	halves("float16", float16, halfCalls{
		relu.InPlaceFloat16[uint16], relu.ToFloat16[uint16], relu.LeakyFloat16[uint16], relu.ClipFloat16[uint16],
		relu.SquareFloat16[uint16], relu.BiasFloat16[uint16], relu.AddFloat16[uint16], relu.GradFloat16[uint16],
		relu.LeakyGradFloat16[uint16], relu.ClipGradFloat16[uint16], relu.MaskFloat16[uint16],
	}),
	halves("bfloat16", bfloat16, halfCalls{
		relu.InPlaceBFloat16[uint16], relu.ToBFloat16[uint16], relu.LeakyBFloat16[uint16], relu.ClipBFloat16[uint16],
		relu.SquareBFloat16[uint16], relu.BiasBFloat16[uint16], relu.AddBFloat16[uint16], relu.GradBFloat16[uint16],
		relu.LeakyGradBFloat16[uint16], relu.ClipGradBFloat16[uint16], relu.MaskBFloat16[uint16],
	}),
	floats[float32]("float32"), floats[float64]("float64"),
	masks[float32]("float32"), masks[float64]("float64"), masks[int8]("int8"), quantised("uint8"),
	gradMask[float32]("float32"), gradMask[float64]("float64"),
)

func inPlace[T relu.Number](typ string) []Op {
	return table([]entry[T]{{"InPlace", copyInPlace,
		func(r rows[T]) {
			for i := range r.count {
				relu.InPlace(r.dst(i))
			}
		},
		func(r rows[T]) {
			for i := range r.count {
				x := r.dst(i)
				for j, v := range x {
					x[j] = max(0, v)
				}
			}
		}}}, typ)
}

// masks has a row for each operation on a bit for each element. The bits of one row
// after the other go to the same words.
func masks[T relu.Number](typ string) []Op {
	var words []uint64
	count := 0
	mask := func(r rows[T]) []uint64 {
		n := (r.n + 63) / 64
		words = slices.Grow(words[:0], n)[:n]
		return words
	}
	return table([]entry[T]{
		{"Mask", readOf1,
			func(r rows[T]) {
				m := mask(r)
				for i := range r.count {
					relu.Mask(m, r.dst(i))
				}
			},
			func(r rows[T]) {
				m := mask(r)
				for i := range r.count {
					maskLoop(m, r.dst(i))
				}
			}},
		{"InPlaceMask", copyInPlace,
			func(r rows[T]) {
				m := mask(r)
				for i := range r.count {
					relu.InPlaceMask(r.dst(i), m)
				}
			},
			func(r rows[T]) {
				m := mask(r)
				for i := range r.count {
					x := r.dst(i)
					maskLoop(m, x)
					for j, v := range x {
						x[j] = max(0, v)
					}
				}
			}},
		{"Active", readOf1,
			func(r rows[T]) {
				for i := range r.count {
					count += relu.Active(r.dst(i))
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					for _, v := range r.dst(i) {
						if !(v <= 0) {
							count++
						}
					}
				}
			}},
	}, typ)
}

// maskLoop is the plain loop for Mask.
func maskLoop[T relu.Number](mask []uint64, x []T) {
	for w := range mask {
		var word uint64
		for j, v := range x[64*w : min(64*w+64, len(x))] {
			if !(v <= 0) {
				word |= 1 << j
			}
		}
		mask[w] = word
	}
}

// gradMask is GradMask, whose mask has every other bit.
func gradMask[T relu.Float](typ string) []Op {
	var words []uint64
	mask := func(r rows[T]) []uint64 {
		for n := (r.n + 63) / 64; len(words) < n; {
			words = append(words, 0x5555555555555555)
		}
		return words[:(r.n+63)/64]
	}
	return table([]entry[T]{{"GradMask", copyOf1,
		func(r rows[T]) {
			m := mask(r)
			for i := range r.count {
				relu.GradMask(r.dst(i), r.a(i), m)
			}
		},
		func(r rows[T]) {
			m := mask(r)
			for i := range r.count {
				dst := r.dst(i)
				for j, g := range r.a(i) {
					if m[j/64]>>(j%64)&1 == 0 {
						g = 0
					}
					dst[j] = g
				}
			}
		}}}, typ)
}

// quantised is the rectifier of tensors whose zero is not 0.
func quantised(typ string) []Op {
	const zero, most = 128, 250
	return table([]entry[uint8]{{"Clamp", copyOf1,
		func(r rows[uint8]) {
			for i := range r.count {
				relu.Clamp(r.dst(i), r.a(i), zero, most)
			}
		},
		func(r rows[uint8]) {
			for i := range r.count {
				dst, src := r.dst(i), r.a(i)
				for j, v := range src {
					dst[j] = min(max(zero, v), most)
				}
			}
		}}}, typ)
}

// floats has a row for each operation on floats: its name, its limit, the call
// and the plain loop.
func floats[T relu.Float](typ string) []Op {
	one, sum, other := []T{slope}, make([]T, 1), []T(nil)
	return table([]entry[T]{
		{"To", copyOf1,
			func(r rows[T]) {
				for i := range r.count {
					relu.To(r.dst(i), r.a(i))
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, src := r.dst(i), r.a(i)
					for j, v := range src {
						dst[j] = max(0, v)
					}
				}
			}},
		{"Parallel", copyInParallel,
			func(r rows[T]) {
				for i := range r.count {
					relu.Parallel(r.dst(i))
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					x := r.dst(i)
					for j, v := range x {
						x[j] = max(0, v)
					}
				}
			}},
		{"Leaky", copyOf1,
			func(r rows[T]) {
				for i := range r.count {
					relu.Leaky(r.dst(i), r.a(i), slope)
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, src := r.dst(i), r.a(i)
					for j, v := range src {
						if v <= 0 {
							v *= slope
						}
						dst[j] = v
					}
				}
			}},
		{"PReLU", copyOfRows,
			func(r rows[T]) {
				slopes := r.s2
				for i := range r.count {
					relu.PReLU(r.dst(i), r.a(i), slopes, 1)
				}
			},
			func(r rows[T]) {
				slopes := r.s2
				for i := range r.count {
					for dst, src := r.dst(i), r.a(i); len(src) > 0; dst, src = dst[len(slopes):], src[len(slopes):] {
						for j, s := range slopes {
							v := src[j]
							if v <= 0 {
								v *= s
							}
							dst[j] = v
						}
					}
				}
			}},
		{"Clip", copyOf1,
			func(r rows[T]) {
				for i := range r.count {
					relu.Clip(r.dst(i), r.a(i), clipLimit)
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, src := r.dst(i), r.a(i)
					for j, v := range src {
						dst[j] = min(max(0, v), clipLimit)
					}
				}
			}},
		{"Clamp", copyOf1,
			func(r rows[T]) {
				for i := range r.count {
					relu.Clamp(r.dst(i), r.a(i), -clipLimit, clipLimit)
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, src := r.dst(i), r.a(i)
					for j, v := range src {
						dst[j] = min(max(-clipLimit, v), clipLimit)
					}
				}
			}},
		{"Square", copyOf1,
			func(r rows[T]) {
				for i := range r.count {
					relu.Square(r.dst(i), r.a(i))
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, src := r.dst(i), r.a(i)
					for j, v := range src {
						v = max(0, v)
						dst[j] = v * v
					}
				}
			}},
		{"Gate", copyOf2,
			func(r rows[T]) {
				for i := range r.count {
					relu.Gate(r.dst(i), r.a(i), r.b(i))
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, a, b := r.dst(i), r.a(i), r.b(i)
					for j, v := range a {
						p := v * b[j]
						if v <= 0 {
							p = 0
						}
						dst[j] = p
					}
				}
			}},
		{"Bias", copyOfRows,
			func(r rows[T]) {
				bias := r.s2
				for i := range r.count {
					relu.Bias(r.dst(i), r.a(i), bias)
				}
			},
			func(r rows[T]) {
				bias := r.s2
				for i := range r.count {
					for dst, src := r.dst(i), r.a(i); len(src) > 0; dst, src = dst[len(bias):], src[len(bias):] {
						for j, b := range bias {
							dst[j] = max(0, src[j]+b)
						}
					}
				}
			}},
		{"Add", copyOf2,
			func(r rows[T]) {
				for i := range r.count {
					relu.Add(r.dst(i), r.a(i), r.b(i))
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, a, b := r.dst(i), r.a(i), r.b(i)
					for j, v := range a {
						dst[j] = max(0, v+b[j])
					}
				}
			}},
		{"Grad", copyOf2,
			func(r rows[T]) {
				for i := range r.count {
					relu.Grad(r.dst(i), r.a(i), r.b(i))
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, grad, x := r.dst(i), r.a(i), r.b(i)
					for j, v := range x {
						g := grad[j]
						if v <= 0 {
							g = 0
						}
						dst[j] = g
					}
				}
			}},
		{"LeakyGrad", copyOf2,
			func(r rows[T]) {
				for i := range r.count {
					relu.LeakyGrad(r.dst(i), r.a(i), r.b(i), slope)
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, grad, x := r.dst(i), r.a(i), r.b(i)
					for j, v := range x {
						g := grad[j]
						if v <= 0 {
							g *= slope
						}
						dst[j] = g
					}
				}
			}},
		{"PReLUGrad", copyOf2,
			func(r rows[T]) {
				for i := range r.count {
					relu.PReLUGrad(r.dst(i), sum, r.a(i), r.b(i), one, 1)
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, grad, x := r.dst(i), r.a(i), r.b(i)
					total := 0.0
					for j, v := range x {
						g := grad[j]
						if v <= 0 {
							total += float64(g * v)
							g *= slope
						}
						dst[j] = g
					}
					sum[0] = T(total)
				}
			}},
		{"ClipGrad", copyOf2,
			func(r rows[T]) {
				for i := range r.count {
					relu.ClipGrad(r.dst(i), r.a(i), r.b(i), clipLimit)
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, grad, x := r.dst(i), r.a(i), r.b(i)
					for j, v := range x {
						g := grad[j]
						if v <= 0 || v >= clipLimit {
							g = 0
						}
						dst[j] = g
					}
				}
			}},
		{"ClampGrad", copyOf2,
			func(r rows[T]) {
				for i := range r.count {
					relu.ClampGrad(r.dst(i), r.a(i), r.b(i), -clipLimit, clipLimit)
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, grad, x := r.dst(i), r.a(i), r.b(i)
					for j, v := range x {
						g := grad[j]
						if v <= -clipLimit || v >= clipLimit {
							g = 0
						}
						dst[j] = g
					}
				}
			}},
		{"SquareGrad", copyOf2,
			func(r rows[T]) {
				for i := range r.count {
					relu.SquareGrad(r.dst(i), r.a(i), r.b(i))
				}
			},
			func(r rows[T]) {
				for i := range r.count {
					dst, grad, x := r.dst(i), r.a(i), r.b(i)
					for j, v := range x {
						p := grad[j] * (v + v)
						if v <= 0 {
							p = 0
						}
						dst[j] = p
					}
				}
			}},
		// a and b are the same slice, and the other gradient goes to one of its own,
		// which the limit knows nothing of.
		{"GateGrad", copyOf2,
			func(r rows[T]) {
				other = slices.Grow(other[:0], r.n)[:r.n]
				for i := range r.count {
					relu.GateGrad(r.dst(i), other, r.a(i), r.b(i), r.b(i))
				}
			},
			func(r rows[T]) {
				other = slices.Grow(other[:0], r.n)[:r.n]
				for i := range r.count {
					dst, grad, x := r.dst(i), r.a(i), r.b(i)
					for j, v := range x {
						p, q := grad[j]*v, grad[j]*v
						if v <= 0 {
							p, q = 0, 0
						}
						dst[j], other[j] = p, q
					}
				}
			}},
	}, typ)
}

// entry is an operation on elements of type T.
type entry[T any] struct {
	name       string
	limit      limit
	call, loop func(rows[T])
}

func table[T any](entries []entry[T], typ string) []Op {
	var all []Op
	for _, e := range entries {
		all = append(all, Op{
			Name: e.name, Type: typ, Arrays: e.limit.arrays, From: e.limit.from,
			Call: on(e.call, e.limit.shared), Loop: on(e.loop, e.limit.shared),
			Limit: func(kernel string) Calls { return e.limit.calls(kernel, Size(typ)) },
		})
	}
	return all
}

// on hands a function slices of a type, the last of which is one row if all share
// it.
func on[T any](f func(rows[T]), shared bool) Calls {
	return func(r Rows) {
		all := r.N * r.Count
		ofB := all
		if shared {
			ofB = min(r.N, RowLength)
		}
		f(rows[T]{r.N, r.Count, unsafe.Slice((*T)(r.Dst), all), unsafe.Slice((*T)(r.A), all), unsafe.Slice((*T)(r.B), ofB)})
	}
}

// Find is an operation on a type, or nil if there is none.
func Find(name, typ string) *Op {
	for i := range All {
		if o := &All[i]; o.Name == name && o.Type == typ {
			return o
		}
	}
	return nil
}

// Names are the names of the operations.
func Names() []string {
	var names []string
	for _, o := range All {
		if !slices.Contains(names, o.Name) {
			names = append(names, o.Name)
		}
	}
	return names
}

// Arrays is how many slices of N elements have to find room in a cache; 1 for an
// operation of another version of relu.
func Arrays(name string) int {
	for _, o := range All {
		if o.Name == name {
			return o.Arrays
		}
	}
	return 1
}
