package relu

import (
	"slices"
	"testing"
	"unsafe"
)

// TestStackMoves has arrays on stacks that run out of room below every number of frames,
// and so move: at one of them, while the arrays are cut into pieces.
func TestStackMoves(t *testing.T) {
	for _, s := range stackCalls() {
		if stride(1, 0) == 0 && s.elem != "Float64" {
			continue // all types are cut alike
		}
		movedOnce := false
		for depth := range stackDepth {
			right, moved := s.onNewStack(0, depth)
			if !right {
				t.Errorf("kernel %v, %s, %d frames deep: arrays on the stack came out wrong", active, s.name(), depth)
			}
			movedOnce = movedOnce || moved
		}
		if !movedOnce && switches && !raceEnabled { // where there is nothing cut, and under the race detector, frames are of other sizes
			t.Errorf("%s: at no depth did the stack move in the call", s.name())
		}
	}
}

// stackWords is the length of an array on a stack, which may be 128 KiB. With it, all of them leave some
// kilobytes of a stack of 512 KiB, for up to stackDepth frames, one of which runs out
// of room: then the stack is moved to a larger one. At some depth that is where a
// kernel's slice is being cut into pieces, of which an array has almost two.
const (
	stackWords = 15720
	stackDepth = 200
)

// stackArrays are the arguments of one call.
type stackArrays struct {
	dst, a, b, c [stackWords]uint64
	mask         [stackWords / 8]uint64
}

// A stackCall is a call of a public function on arrays that lie on a stack.
type stackCall struct {
	public, elem string
	in, want     *stackArrays
}

func (s *stackCall) name() string { return s.public + " of " + s.elem }

// stackCalls are one call of each row of the table, with what it gives in pure Go on
// the heap.
func stackCalls() []*stackCall {
	inputs := map[string]*stackArrays{
		"Float32":  stackInput(func(i int) float32 { return float32(stackValue(i)) }),
		"Float64":  stackInput(stackValue),
		"Int8":     stackInput(func(i int) int8 { return int8(stackValue(i)) }),
		"Int16":    stackInput(func(i int) int16 { return int16(stackValue(i)) }),
		"Int32":    stackInput(func(i int) int32 { return int32(stackValue(i)) }),
		"Int64":    stackInput(func(i int) int64 { return int64(stackValue(i)) }),
		"Uint8":    stackInput(func(i int) uint8 { return uint8(i * 7) }),
		"Uint16":   stackInput(func(i int) uint16 { return uint16(i * 7777) }),
		"Float16":  stackInput(func(i int) uint16 { return uint16(i*7777) &^ 0x4000 }), // finite
		"BFloat16": stackInput(func(i int) uint16 { return uint16(i*7777) &^ 0x4000 }),
	}
	var calls []*stackCall
	for _, row := range tableRows {
		if slices.ContainsFunc(calls, func(s *stackCall) bool { return s.public == row.public && s.elem == row.elem }) {
			continue
		}
		s := &stackCall{row.public, row.elem, inputs[row.elem], new(stackArrays)}
		*s.want = *s.in
		withKernel(generic, func() { s.call(s.want.dst[:], s.want.a[:], s.want.b[:], s.want.c[:], s.want.mask[:]) })
		calls = append(calls, s)
	}
	return calls
}

func stackValue(i int) float64 { return []float64{-2, 1, -0.5, 3, 0, 0.25, -100, 7, 100, -1, 2}[i%11] }

func stackInput[T any](value func(i int) T) *stackArrays {
	in := new(stackArrays)
	for k, array := range [][]uint64{in.a[:], in.b[:], in.c[:]} {
		x := on[T](array)
		for i := range x {
			x[i] = value(i*(k+1) + k)
		}
	}
	for i := range in.mask {
		in.mask[i] = uint64(i) * 0x9E3779B97F4A7C15
	}
	return in
}

// on is an array's memory as elements.
func on[T any](x []uint64) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(&x[0])), len(x)*8/int(unsafe.Sizeof(*new(T))))
}

//go:noinline
func descend(frames int) byte {
	var frame [2048]byte
	if frames > 0 {
		frame[frames%len(frame)] = descend(frames - 1)
	}
	return frame[0]
}

// onNewStack makes the call below some frames of a goroutine that was deep down before.
// It reports whether it did what it does in pure Go, and whether the stack moved.
func (s *stackCall) onNewStack(deep, depth int) (right, moved bool) {
	done := make(chan bool)
	go func() {
		descend(deep)
		right, moved = s.below(depth)
		close(done)
	}()
	<-done
	return right, moved
}

//go:noinline
func (s *stackCall) below(depth int) (right, moved bool) {
	if depth > 0 {
		return s.below(depth - 1)
	}
	return s.onStackOf512KiB()
}

//go:noinline
func (s *stackCall) onStackOf512KiB() (right, moved bool) {
	// One variable of this size would not be on the stack.
	var dst, a, b, c [stackWords]uint64
	var mask [stackWords / 8]uint64
	copy(a[:], s.in.a[:])
	copy(b[:], s.in.b[:])
	copy(c[:], s.in.c[:])
	copy(mask[:], s.in.mask[:])
	before := uintptr(unsafe.Pointer(&dst))
	s.call(dst[:], a[:], b[:], c[:], mask[:])
	moved = before != uintptr(unsafe.Pointer(&dst))
	right = slices.Equal(dst[:], s.want.dst[:]) && slices.Equal(a[:], s.want.a[:]) && slices.Equal(b[:], s.want.b[:]) &&
		slices.Equal(c[:], s.want.c[:]) && slices.Equal(mask[:], s.want.mask[:])
	return right, moved
}

// call does so by name, directly, because an argument of a function variable is not
// on a stack.
func (s *stackCall) call(dst, a, b, c, mask []uint64) {
	known := true
	switch s.elem {
	case "Float32":
		known = callFloats(s.public, on[float32](dst), on[float32](a), on[float32](b), on[float32](c), mask)
	case "Float64":
		known = callFloats(s.public, on[float64](dst), on[float64](a), on[float64](b), on[float64](c), mask)
	case "Int8":
		known = callIntegers(s.public, on[int8](dst), on[int8](a), mask)
	case "Int16":
		known = callIntegers(s.public, on[int16](dst), on[int16](a), mask)
	case "Int32":
		known = callIntegers(s.public, on[int32](dst), on[int32](a), mask)
	case "Int64":
		known = callIntegers(s.public, on[int64](dst), on[int64](a), mask)
	case "Uint8":
		Clamp(on[uint8](dst), on[uint8](a), 3, 200)
		known = s.public == "Clamp"
	case "Uint16":
		Clamp(on[uint16](dst), on[uint16](a), 3, 50000)
		known = s.public == "Clamp"
	default:
		known = callHalves(s.public+s.elem, on[uint16](dst), on[uint16](a), on[uint16](b), on[uint16](c), mask)
	}
	if !known {
		panic("no call of " + s.name() + " on a stack")
	}
}

func callFloats[T Float](public string, dst, a, b, c []T, mask []uint64) bool {
	const row = 100
	mask = mask[:(len(a)+63)/64]
	whole := len(dst) / row * row
	switch public {
	case "InPlace":
		To(dst, a)
		InPlace(c)
	case "Grad":
		Grad(dst, a, b)
	case "Leaky":
		Leaky(dst, a, 0.25)
		Leaky(c, b, 1.5)
	case "LeakyGrad":
		LeakyGrad(dst, a, b, 0.25)
	case "PReLU":
		PReLU(dst, a, b, 1)
		PReLU(c, a, b[:row], 1)
	case "PReLUGrad":
		PReLUGrad(dst, c[:row], a, b, c[row:2*row], 1)
	case "Clip":
		Clip(dst, a, 6)
	case "ClipGrad":
		ClipGrad(dst, a, b, 6)
	case "Clamp":
		Clamp(dst, a, -1, 6)
	case "ClampGrad":
		ClampGrad(dst, a, b, -1, 6)
	case "Square":
		Square(dst, a)
	case "SquareGrad":
		SquareGrad(dst, a, b)
	case "Gate":
		Gate(dst, a, b)
	case "GateGrad":
		GateGrad(dst, c, a, b, a)
	case "Add":
		Add(dst, a, b)
	case "Bias":
		Bias(dst[:whole], a[:whole], b[:row])
	case "Mask":
		Mask(mask, a)
	case "InPlaceMask":
		InPlaceMask(c, mask)
	case "Active":
		mask[0] = uint64(Active(a))
	case "GradMask":
		GradMask(dst, a, mask)
	default:
		return false
	}
	return true
}

func callIntegers[T int8 | int16 | int32 | int64](public string, dst, a []T, mask []uint64) bool {
	mask = mask[:(len(a)+63)/64]
	switch public {
	case "InPlace":
		To(dst, a)
		InPlace(a)
	case "Clip":
		Clip(dst, a, 6)
	case "Clamp":
		Clamp(dst, a, -1, 6)
	case "Mask":
		Mask(mask, a)
	case "InPlaceMask":
		InPlaceMask(a, mask)
	case "Active":
		mask[0] = uint64(Active(a))
	default:
		return false
	}
	return true
}

func callHalves(name string, dst, a, b, c []uint16, mask []uint64) bool {
	const row, six, slope = 100, 0x4600, 0x3400
	mask = mask[:(len(a)+63)/64]
	whole := len(dst) / row * row
	switch name {
	case "InPlaceFloat16":
		ToFloat16(dst, a)
		InPlaceFloat16(c)
	case "InPlaceBFloat16":
		ToBFloat16(dst, a)
		InPlaceBFloat16(c)
	case "GradFloat16":
		GradFloat16(dst, a, b)
	case "GradBFloat16":
		GradBFloat16(dst, a, b)
	case "LeakyFloat16":
		LeakyFloat16(dst, a, slope)
	case "LeakyBFloat16":
		LeakyBFloat16(dst, a, slope)
	case "LeakyGradFloat16":
		LeakyGradFloat16(dst, a, b, slope)
	case "LeakyGradBFloat16":
		LeakyGradBFloat16(dst, a, b, slope)
	case "ClipFloat16":
		ClipFloat16(dst, a, six)
	case "ClipBFloat16":
		ClipBFloat16(dst, a, six)
	case "ClipGradFloat16":
		ClipGradFloat16(dst, a, b, six)
	case "ClipGradBFloat16":
		ClipGradBFloat16(dst, a, b, six)
	case "SquareFloat16":
		SquareFloat16(dst, a)
	case "SquareBFloat16":
		SquareBFloat16(dst, a)
	case "AddFloat16":
		AddFloat16(dst, a, b)
		BiasFloat16(c[:whole], a[:whole], b[:row])
	case "AddBFloat16":
		AddBFloat16(dst, a, b)
		BiasBFloat16(c[:whole], a[:whole], b[:row])
	case "MaskFloat16":
		MaskFloat16(mask, a)
	case "MaskBFloat16":
		MaskBFloat16(mask, a)
	default:
		return false
	}
	return true
}
