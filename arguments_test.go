package relu

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// TestPanics holds every function to its rule for arguments: a panic that names
// the function and what was wrong, before anything is written.
func TestPanics(t *testing.T) {
	memory := make([]float32, 100)
	for i := range memory {
		memory[i] = float32(i) - 50
	}
	before := slices.Clone(memory)
	// Slices of this length that overlap nothing, and one that overlaps the
	// first in part.
	const n = 16
	a, b, c, d, e := memory[0:n], memory[20:20+n], memory[40:40+n], memory[60:60+n], memory[80:80+n]
	partly := memory[3 : 3+n]
	nan := float32(math.NaN())
	words := make([]uint64, 2)

	for _, test := range []struct {
		call func()
		want string // in the message
	}{
		{func() { To(a, b[1:]) }, "To: dst (length 16) and src (length 15) are not equal"},
		{func() { To(a, partly) }, "To: dst (length 16) and src (length 16) overlap in part"},
		{func() { To(partly, a) }, "To: dst (length 16) and src (length 16) overlap in part"},
		{func() { Grad(a, b[1:], c) }, "Grad: dst (length 16) and grad (length 15)"},
		{func() { Grad(a, b, c[1:]) }, "Grad: dst (length 16) and x (length 15)"},
		{func() { Grad(a, partly, c) }, "Grad: dst (length 16) and grad (length 16) overlap"},
		{func() { Grad(a, b, partly) }, "Grad: dst (length 16) and x (length 16) overlap"},
		{func() { Leaky(a, b[1:], 1) }, "Leaky: dst (length 16) and src (length 15)"},
		{func() { Leaky(a, partly, 1) }, "Leaky: dst (length 16) and src (length 16) overlap"},
		{func() { LeakyGrad(a, b[1:], c, 1) }, "LeakyGrad: dst (length 16) and grad (length 15)"},
		{func() { LeakyGrad(a, b, c[1:], 1) }, "LeakyGrad: dst (length 16) and x (length 15)"},
		{func() { LeakyGrad(a, partly, c, 1) }, "LeakyGrad: dst (length 16) and grad (length 16) overlap"},
		{func() { LeakyGrad(a, b, partly, 1) }, "LeakyGrad: dst (length 16) and x (length 16) overlap"},
		{func() { PReLU(a, b[1:], c, 1) }, "PReLU: dst (length 16) and src (length 15)"},
		{func() { PReLU(a, partly, c, 1) }, "PReLU: dst (length 16) and src (length 16) overlap"},
		{func() { PReLU(a, b, a[15:], 1) }, "PReLU: dst (length 16) and slopes (length 1) overlap"},
		{func() { PReLU(a, b, a, 1) }, "PReLU: dst (length 16) and slopes (length 16) overlap"},
		{func() { PReLU(a, b, nil, 1) }, "PReLU: 0 slopes with inner 1"},
		{func() { PReLU(a, b, c, 0) }, "PReLU: 16 slopes with inner 0"},
		{func() { PReLUGrad(a, b[:3], c[1:], d, e[:3], 1) }, "PReLUGrad: dst (length 16) and grad (length 15)"},
		{func() { PReLUGrad(a, b[:3], c, d[1:], e[:3], 1) }, "PReLUGrad: dst (length 16) and x (length 15)"},
		{func() { PReLUGrad(a, b[:3], c, d, e[:2], 1) }, "PReLUGrad: dslopes (length 3) and slopes (length 2)"},
		{func() { PReLUGrad(a, b[:3], partly, d, e[:3], 1) }, "PReLUGrad: dst (length 16) and grad (length 16) overlap"},
		{func() { PReLUGrad(a, b[:3], c, partly, e[:3], 1) }, "PReLUGrad: dst (length 16) and x (length 16) overlap"},
		{func() { PReLUGrad(a, b[:3], c, d, a[:3], 1) }, "PReLUGrad: dst (length 16) and slopes (length 3) overlap"},
		{func() { PReLUGrad(a, a[:3], c, d, e[:3], 1) }, "PReLUGrad: dslopes (length 3) and dst (length 16) overlap"},
		{func() { PReLUGrad(a, c[:3], c, d, e[:3], 1) }, "PReLUGrad: dslopes (length 3) and grad (length 16) overlap"},
		{func() { PReLUGrad(a, d[:3], c, d, e[:3], 1) }, "PReLUGrad: dslopes (length 3) and x (length 16) overlap"},
		{func() { PReLUGrad(a, e[:3], c, d, e[:3], 1) }, "PReLUGrad: dslopes (length 3) and slopes (length 3) overlap"},
		{func() { PReLUGrad(a, nil, c, d, nil, 1) }, "PReLUGrad: 0 slopes"},
		{func() { PReLUGrad(a, b[:3], c, d, e[:3], -1) }, "PReLUGrad: 3 slopes with inner -1"},
		{func() { Clip(a, b[1:], 6) }, "Clip: dst (length 16) and src (length 15)"},
		{func() { Clip(a, partly, 6) }, "Clip: dst (length 16) and src (length 16) overlap"},
		{func() { Clip(a, b, -1) }, "Clip: limit -1 is not"},
		{func() { Clip(a, b, nan) }, "Clip: limit NaN is not"},
		{func() { Clip([]int8{1}, []int8{2}, -3) }, "Clip: limit -3 is not"},
		{func() { Clip([]int64{1}, []int64{2}, math.MinInt64+1) }, "Clip: limit -9223372036854775807 is not"},
		{func() { Clip(a, b, -0.1) }, "Clip: limit -0.1 is not"},
		{func() { ClipGrad(a, b[1:], c, 6) }, "ClipGrad: dst (length 16) and grad (length 15)"},
		{func() { ClipGrad(a, b, c[1:], 6) }, "ClipGrad: dst (length 16) and x (length 15)"},
		{func() { ClipGrad(a, partly, c, 6) }, "ClipGrad: dst (length 16) and grad (length 16) overlap"},
		{func() { ClipGrad(a, b, partly, 6) }, "ClipGrad: dst (length 16) and x (length 16) overlap"},
		{func() { ClipGrad(a, b, c, nan) }, "ClipGrad: limit NaN is not"},
		{func() { Clamp(a, b[1:], 0, 6) }, "Clamp: dst (length 16) and src (length 15)"},
		{func() { Clamp(a, partly, 0, 6) }, "Clamp: dst (length 16) and src (length 16) overlap"},
		{func() { Clamp(a, b, 1, 0.1) }, "Clamp: lo 1 is not <= hi 0.1"},
		{func() { Clamp(a, b, nan, 6) }, "Clamp: lo NaN is not <= hi 6"},
		{func() { Clamp(a, b, 0, nan) }, "Clamp: lo 0 is not <= hi NaN"},
		{func() { Clamp([]int64{1}, []int64{2}, 1<<53+1, 1<<53) }, "Clamp: lo 9007199254740993 is not <= hi 9007199254740992"},
		{func() { Clamp([]uint8{1}, []uint8{2}, 200, 100) }, "Clamp: lo 200 is not <= hi 100"},
		{func() { ClampGrad(a, b[1:], c, 0, 6) }, "ClampGrad: dst (length 16) and grad (length 15)"},
		{func() { ClampGrad(a, b, c[1:], 0, 6) }, "ClampGrad: dst (length 16) and x (length 15)"},
		{func() { ClampGrad(a, partly, c, 0, 6) }, "ClampGrad: dst (length 16) and grad (length 16) overlap"},
		{func() { ClampGrad(a, b, partly, 0, 6) }, "ClampGrad: dst (length 16) and x (length 16) overlap"},
		{func() { ClampGrad(a, b, c, 6, -6) }, "ClampGrad: lo 6 is not <= hi -6"},
		{func() { Square(a, b[1:]) }, "Square: dst (length 16) and src (length 15)"},
		{func() { Square(a, partly) }, "Square: dst (length 16) and src (length 16) overlap"},
		{func() { SquareGrad(a, b[1:], c) }, "SquareGrad: dst (length 16) and grad (length 15)"},
		{func() { SquareGrad(a, b, c[1:]) }, "SquareGrad: dst (length 16) and x (length 15)"},
		{func() { SquareGrad(a, partly, c) }, "SquareGrad: dst (length 16) and grad (length 16) overlap"},
		{func() { SquareGrad(a, b, partly) }, "SquareGrad: dst (length 16) and x (length 16) overlap"},
		{func() { Gate(a, b[1:], c) }, "Gate: dst (length 16) and a (length 15)"},
		{func() { Gate(a, b, c[1:]) }, "Gate: dst (length 16) and b (length 15)"},
		{func() { Gate(a, partly, c) }, "Gate: dst (length 16) and a (length 16) overlap"},
		{func() { Gate(a, b, partly) }, "Gate: dst (length 16) and b (length 16) overlap"},
		{func() { GateGrad(a, b, c[1:], d, e) }, "GateGrad: da (length 16) and grad (length 15)"},
		{func() { GateGrad(a, b, c, d[1:], e) }, "GateGrad: da (length 16) and a (length 15)"},
		{func() { GateGrad(a, b, c, d, e[1:]) }, "GateGrad: da (length 16) and b (length 15)"},
		{func() { GateGrad(a, b[1:], c, d, e) }, "GateGrad: db (length 15) and grad (length 16)"},
		{func() { GateGrad(a, b, partly, d, e) }, "GateGrad: da (length 16) and grad (length 16) overlap"},
		{func() { GateGrad(a, b, c, partly, e) }, "GateGrad: da (length 16) and a (length 16) overlap"},
		{func() { GateGrad(a, b, c, d, partly) }, "GateGrad: da (length 16) and b (length 16) overlap"},
		{func() { GateGrad(b, a, partly, d, e) }, "GateGrad: db (length 16) and grad (length 16) overlap"},
		{func() { GateGrad(b, a, c, partly, e) }, "GateGrad: db (length 16) and a (length 16) overlap"},
		{func() { GateGrad(b, a, c, d, partly) }, "GateGrad: db (length 16) and b (length 16) overlap"},
		{func() { GateGrad(a, a, c, d, e) }, "GateGrad: da (length 16) and db (length 16) overlap"},
		{func() { GateGrad(a, partly, c, d, e) }, "GateGrad: da (length 16) and db (length 16) overlap"},
		{func() { Mask(nil, a) }, "Mask: mask (length 0) and x (length 16) do not fit"},
		{func() { Mask(words[:2], memory[:64]) }, "Mask: mask (length 2) and x (length 64) do not fit"},
		{func() { Mask(words[:1], memory[:65]) }, "Mask: mask (length 1) and x (length 65) do not fit"},
		{func() { Mask(words[:1], sliceAs[float32](words)) }, "Mask: mask (length 1) and x (length 2) overlap"},
		{func() { MaskFloat16(words, make([]uint16, 64)) }, "MaskFloat16: mask (length 2) and x (length 64) do not fit"},
		{func() { MaskBFloat16(words[:1], sliceAs[uint16](words)) }, "MaskBFloat16: mask (length 1) and x (length 2) overlap"},
		{func() { InPlaceMask(a, words) }, "InPlaceMask: mask (length 2) and x (length 16) do not fit"},
		{func() { InPlaceMask(sliceAs[float64](words), words[:1]) }, "InPlaceMask: mask (length 1) and x (length 2) overlap"},
		{func() { GradMask(a, b[1:], words[:1]) }, "GradMask: dst (length 16) and grad (length 15)"},
		{func() { GradMask(a, partly, words[:1]) }, "GradMask: dst (length 16) and grad (length 16) overlap"},
		{func() { GradMask(a, b, words) }, "GradMask: mask (length 2) and dst (length 16) do not fit"},
		{func() { GradMask(sliceAs[float32](words), b[:2], words[:1]) }, "GradMask: mask (length 1) and dst (length 2) overlap"},
		{func() { GradMask(b[:2], sliceAs[float32](words), words[:1]) }, "GradMask: mask (length 1) and grad (length 2) overlap"},
		{func() { Bias(a, b[1:], c[:4]) }, "Bias: dst (length 16) and src (length 15)"},
		{func() { Bias(a, b, c[:5]) }, "Bias: src (length 16) and bias (length 5) are not a multiple"},
		{func() { Bias(a, b, nil) }, "Bias: src (length 16) and bias (length 0) are not a multiple"},
		{func() { Bias(a, partly, c[:4]) }, "Bias: dst (length 16) and src (length 16) overlap"},
		{func() { Bias(a, b, a[:4]) }, "Bias: dst (length 16) and bias (length 4) overlap"},
		{func() { Bias(a, b, partly) }, "Bias: dst (length 16) and bias (length 16) overlap"},
		{func() { Add(a, b[1:], c) }, "Add: dst (length 16) and a (length 15)"},
		{func() { Add(a, b, c[1:]) }, "Add: dst (length 16) and b (length 15)"},
		{func() { Add(a, partly, c) }, "Add: dst (length 16) and a (length 16) overlap"},
		{func() { Add(a, b, partly) }, "Add: dst (length 16) and b (length 16) overlap"},
	} {
		message := messageOf(test.call)
		if !strings.Contains(message, "relu: "+test.want) {
			t.Errorf("panicked with %q, want %q in it", message, test.want)
		}
		if !slices.Equal(memory, before) {
			t.Fatalf("%q came after something was written", message)
		}
	}
}

// messageOf is what a call panics with.
func messageOf(run func()) (message string) {
	defer func() {
		if r := recover(); r != nil {
			message = fmt.Sprint(r)
		}
	}()
	run()
	return ""
}

// TestViews lays each slice that a function writes over each other slice, at
// distances that are and are not whole elements, as only package unsafe can: the
// function panics before it writes. Sources may overlap each other.
func TestViews(t *testing.T) {
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) { views(t, c) })
	}
}

func views(t *testing.T, c call) {
	const n = 130
	// There is room before and behind each slice for one that is moved.
	const room = 8 * n
	memory := make([]uint64, 5*3*n)
	for i := range memory {
		memory[i] = 0xBF80BF80BF80BF80 // of which a call changes all
	}
	at := func(place int) unsafe.Pointer { return unsafe.Add(unsafe.Pointer(&memory[0]), (3*place+1)*room) }
	apart := c.arguments(n, func(place, _ int) unsafe.Pointer { return at(place) })
	bytes := func(v reflect.Value) int { return v.Len() * int(v.Type().Elem().Size()) }
	written := c.written()
	for _, fixed := range c.slices() {
		for _, moved := range c.slices() {
			if fixed == moved {
				continue
			}
			size := int(apart[moved].Type().Elem().Size())
			// A mask may not overlap anything.
			writes := slices.Contains(written, fixed) || slices.Contains(written, moved) || apart[fixed].Type() != apart[moved].Type()
			for _, distance := range []int{
				1, size - 1, size, size + 1, 16, bytes(apart[fixed]) - size, bytes(apart[fixed]) - 1,
				-1, 1 - size, -size, -16, size - bytes(apart[moved]), 1 - bytes(apart[moved]),
			} {
				if distance == 0 || distance%size != 0 && !writes {
					continue
				}
				in := c.arguments(n, func(place, bytes int) unsafe.Pointer {
					if place == moved {
						return unsafe.Add(at(fixed), distance)
					}
					return at(place)
				})
				before := slices.Clone(memory)
				message := messageOf(func() { c.run(in) })
				where := fmt.Sprintf("%s with argument %d %d bytes behind argument %d", c.name, moved, distance, fixed)
				if !writes {
					if message != "" {
						t.Errorf("%s panicked with %q", where, message)
					}
					continue
				}
				if want := "relu: " + c.name + ": "; !strings.HasPrefix(message, want) || !strings.HasSuffix(message, "overlap in part") {
					t.Errorf("%s panicked with %q, want %q and that they overlap", where, message, want)
				}
				if !slices.Equal(memory, before) {
					t.Fatalf("%s wrote before it panicked", where)
				}
			}
		}
	}
}

// hugeSlice is a slice that only package unsafe can make. Most of it is not there.
func hugeSlice[T any](first *T, n int) []T {
	header := struct {
		first  *T
		n, cap int
	}{first, n, n}
	return *(*[]T)(unsafe.Pointer(&header))
}

// TestHugeLengths has lengths near the largest int, whose sums and products overflow:
// a panic, before anything is written, or the defined result.
func TestHugeLengths(t *testing.T) {
	const pattern = 0xBF80BF80BF80BF80 // -1, in several types
	words := make([]uint64, 16)
	for i := range words {
		words[i] = pattern
	}
	ints := hugeSlice((*int8)(unsafe.Pointer(&words[0])), math.MaxInt)
	floats := hugeSlice((*float32)(unsafe.Pointer(&words[0])), math.MaxInt/8)
	for _, test := range []struct {
		call func()
		want string
	}{
		{func() { To(ints[:64], ints) }, "To: dst (length 64) and src (length"},
		{func() { To(ints, ints[:64]) }, "To: dst (length"},
		{func() { To(ints[1:], ints[:len(ints)-1]) }, "overlap in part"},
		{func() { Mask(words[:1], ints) }, "Mask: mask (length 1) and x (length"},
		{func() { InPlaceMask(ints, words[:0]) }, "InPlaceMask: mask (length 0) and x (length"},
		{func() { GradMask(floats, floats, words) }, "GradMask: mask (length 16) and dst (length"},
		{func() { Grad(floats[1:], floats[:len(floats)-1], floats[1:]) }, "Grad: dst (length"},
		{func() { Bias(floats[:4], floats[4:8], floats) }, "Bias: src (length 4) and bias (length"},
		{func() { Bias(floats, floats, nil) }, "Bias: src (length"},
		{func() { PReLU(floats[:4], floats[4:8], floats, math.MaxInt) }, "PReLU: dst (length 4) and slopes (length"},
		{func() { PReLU(floats[:4], floats[4:8], floats[8:10], math.MinInt) }, "PReLU: 2 slopes with inner -"},
		{func() { PReLUGrad(floats[:2], floats[2:4], floats[4:6], floats[6:8], floats, 1) }, "PReLUGrad: dslopes (length 2) and slopes (length"},
	} {
		if message := messageOf(test.call); !strings.Contains(message, test.want) {
			t.Errorf("panicked with %q, want %q in it", message, test.want)
		}
		if slices.ContainsFunc(words, func(w uint64) bool { return w != pattern }) {
			t.Fatalf("something was written before the panic with %q", test.want)
		}
	}
	if raceEnabled {
		return // the race detector goes through all slopes
	}
	for _, inner := range []int{1, 2, math.MaxInt/2 + 1, math.MaxInt} {
		clear(words[:8])
		PReLU(floats[:16], floats[16:32], floats[16:], inner)
		for i, v := range floats[:16] {
			if want := floats[16] * floats[16]; v != want {
				t.Errorf("PReLU with %d slopes and inner %d, index %d: %v, want %v", len(floats)-16, inner, i, v, want)
			}
		}
	}
}

// TestEmpty calls every function with nothing to do.
func TestEmpty(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		var none []float64
		slopes, dslopes := []float64{2, 3}, []float64{4, 5}
		InPlace(none)
		InPlace([]int8{})
		InPlaceFloat16([]uint16(nil))
		InPlaceBFloat16([]uint16{})
		To(none, none)
		Grad(none, none, none)
		Leaky(none, none, 1)
		LeakyGrad(none, none, none, 1)
		PReLU(none, none, slopes, 3)
		Clip(none, none, 6)
		ClipGrad(none, none, none, 6)
		Clamp(none, none, -1, 6)
		Clamp([]uint8{}, nil, 3, 200)
		ClampGrad(none, none, none, -1, 6)
		Square(none, none)
		SquareGrad(none, none, none)
		Gate(none, none, none)
		GateGrad(none, none, none, none, none)
		Mask(nil, none)
		MaskFloat16(nil, []uint16{})
		MaskBFloat16(nil, []uint16(nil))
		InPlaceMask(none, nil)
		GradMask(none, none, nil)
		if n := Active(none); n != 0 {
			t.Errorf("kernel %v: %d of no elements are active", active, n)
		}
		Bias(none, none, none)
		Bias(none, none, slopes)
		Add(none, none, none)
		PReLUGrad(none, dslopes, none, none, slopes, 3)
		if dslopes[0] != 0 || dslopes[1] != 0 {
			t.Errorf("kernel %v: the slopes' gradient without elements is %v", active, dslopes)
		}
	})
}

// TestNamedTypes calls through types of the user's own.
func TestNamedTypes(t *testing.T) {
	type celsius float32
	type count int
	type half uint16
	c, n, h := []celsius{-1, 2}, []count{-3, 4}, []half{0xBC00, 0x3C00}
	InPlace(c)
	InPlace(n)
	InPlaceFloat16(h)
	if c[0] != 0 || c[1] != 2 || n[0] != 0 || n[1] != 4 || h[0] != 0 || h[1] != 0x3C00 {
		t.Error(c, n, h)
	}
}
