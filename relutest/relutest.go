// Package relutest tests rectifiers that are not relu's: a kernel of one's own, or
// a function that calls relu.
//
//	func TestMine(t *testing.T) { relutest.Check(t, mine) }
//	func FuzzMine(f *testing.F) { relutest.Fuzz(f, mine) }
package relutest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu"
)

// Check holds f to the contract of [relu.To]: dst[i] is +0 where src[i] <= 0, and
// src[i], bit for bit, elsewhere, NaN included.
//
// It calls f with slices of 0 to 300 elements and some longer ones, at every
// alignment, apart and with dst as src; with both zeros, infinities, subnormals and
// NaNs, quiet and signalling, at every position, and with random bits; and, where
// the system has them, beside pages that cannot be touched. f must write all of dst
// and nothing else. The first fault ends the test, by a message that names length,
// alignment, index and bits.
func Check[T relu.Number](t testing.TB, f func(dst, src []T)) {
	t.Helper()
	CheckFunc(t, f, rectified[T])
}

// CheckFunc is [Check] for another function of one element. Where want makes a NaN
// that is not its argument, any NaN will do.
func CheckFunc[T relu.Number](t testing.TB, f func(dst, src []T), want func(x T) T) {
	t.Helper()
	c := newChecker(t, f, want)
	special := specials[T]()
	for n := range 301 {
		c.check(n, n, func(i int) T { return special[(i+n)%len(special)] })
	}
	for offset := range 64 {
		for _, n := range []int{1, 3, 7, 15, 31, 33, 65, 127, 1000} {
			c.check(n, offset, func(i int) T { return special[(i*5+offset)%len(special)] })
		}
	}
	for shift := range special {
		c.check(150, shift, func(i int) T { return special[(i+shift)%len(special)] })
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		c.check(r.IntN(most), r.IntN(64), func(int) T { return fromBits[T](r.Uint64()) })
	}
}

// Fuzz makes a fuzz target of f: slices of raw bytes at fuzzed alignments, held to
// the contract as [Check] holds them.
func Fuzz[T relu.Number](f *testing.F, rectify func(dst, src []T)) {
	f.Helper()
	FuzzFunc(f, rectify, rectified[T])
}

// FuzzFunc is [Fuzz] for another function of one element, as in [CheckFunc].
func FuzzFunc[T relu.Number](f *testing.F, rectify func(dst, src []T), want func(x T) T) {
	f.Helper()
	size := int(unsafe.Sizeof(T(0)))
	special := specials[T]()
	for _, n := range []int{0, 1, 3, 8, 17, 64, 150} {
		data := make([]byte, n*size)
		x := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), n)
		for i := range x {
			x[i] = special[(i*5+n)%len(special)]
		}
		f.Add(data, byte(n))
	}
	f.Fuzz(func(t *testing.T, data []byte, offset byte) {
		n := min(len(data)/size, most)
		newChecker(t, rectify, want).check(n, int(offset), func(i int) T {
			var v T
			copy(unsafe.Slice((*byte)(unsafe.Pointer(&v)), size), data[i*size:])
			return v
		})
	})
}

// most is the longest slice, in elements.
const most = 4096

// margin is how many elements beside a slice are watched.
const margin = 64

// A checker has the memory that a function is tested on.
type checker[T relu.Number] struct {
	t    testing.TB
	f    func(dst, src []T)
	want func(x T) T
	// Between pages that cannot be touched, where the system has them.
	dst, src []T
	in       []T
}

func newChecker[T relu.Number](t testing.TB, f func(dst, src []T), want func(x T) T) *checker[T] {
	length := most + 2*margin
	return &checker[T]{t, f, want, guarded[T](t, length), guarded[T](t, length), make([]T, most)}
}

// check is for n elements, in the middle of the memory at an offset of as many
// elements, and at both ends of it; apart and in place.
func (c *checker[T]) check(n, offset int, value func(i int) T) {
	c.t.Helper()
	for i := range c.in[:n] {
		c.in[i] = value(i)
	}
	starts := []int{0, len(c.src) - n}
	if middle := margin + offset%margin; middle+n+margin <= len(c.src) {
		starts = append(starts, middle)
	}
	for _, start := range starts {
		for _, inPlace := range []bool{false, true} {
			c.run(n, start, inPlace)
		}
	}
}

func (c *checker[T]) run(n, start int, inPlace bool) {
	c.t.Helper()
	fill := fromBits[T](0xA5A5A5A5A5A5A5A5)
	before, after := max(0, start-margin), min(len(c.dst), start+n+margin)
	for _, x := range [][]T{c.dst, c.src} {
		for i := before; i < after; i++ {
			x[i] = fill
		}
		copy(x[start:start+n], c.in[:n])
	}
	whole := c.dst
	if inPlace {
		whole = c.src
	}
	dst, src := whole[start:start+n:start+n], c.src[start:start+n:start+n]
	where := func() string {
		how := "apart"
		if inPlace {
			how = "in place"
		}
		return fmt.Sprintf("%T, length %d, %s, dst at %d modulo 64", *new(T), n, how, uintptr(unsafe.Pointer(unsafe.SliceData(dst)))%64)
	}
	func() {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() {
			if fault := recover(); fault != nil {
				c.t.Fatalf("%s: %v", where(), fault)
			}
		}()
		c.f(dst, src)
	}()
	for i, x := range c.in[:n] {
		want := c.want(x)
		got := dst[i]
		if bits(got) != bits(want) && (got == got || want == want || bits(want) == bits(x)) {
			c.t.Fatalf("%s, index %d: %#x gave %#x, want %#x", where(), i, bits(x), bits(got), bits(want))
		}
		if !inPlace && bits(src[i]) != bits(x) {
			c.t.Fatalf("%s, index %d: src was %#x and is now %#x", where(), i, bits(x), bits(src[i]))
		}
	}
	for i := before; i < after; i++ {
		if (i < start || i >= start+n) && bits(whole[i]) != bits(fill) {
			c.t.Fatalf("%s: wrote %#x at index %d, outside of dst", where(), bits(whole[i]), i-start)
		}
	}
}

// rectified is the contract for one element.
func rectified[T relu.Number](x T) T {
	if x <= 0 {
		return 0
	}
	return x
}

// bits are an element's, in the low bits.
func bits[T relu.Number](v T) uint64 {
	var b uint64
	switch unsafe.Sizeof(v) {
	case 1:
		b = uint64(*(*uint8)(unsafe.Pointer(&v)))
	case 2:
		b = uint64(*(*uint16)(unsafe.Pointer(&v)))
	case 4:
		b = uint64(*(*uint32)(unsafe.Pointer(&v)))
	default:
		b = *(*uint64)(unsafe.Pointer(&v))
	}
	return b
}

// fromBits is the element that the low bits of b are.
func fromBits[T relu.Number](b uint64) T {
	var v T
	switch unsafe.Sizeof(v) {
	case 1:
		*(*uint8)(unsafe.Pointer(&v)) = uint8(b)
	case 2:
		*(*uint16)(unsafe.Pointer(&v)) = uint16(b)
	case 4:
		*(*uint32)(unsafe.Pointer(&v)) = uint32(b)
	default:
		*(*uint64)(unsafe.Pointer(&v)) = b
	}
	return v
}

// specials are the values at the edges of a type, with either sign.
func specials[T relu.Number]() []T {
	size := 8 * uint(unsafe.Sizeof(T(0)))
	sign := uint64(1) << (size - 1)
	positive := []uint64{0, 1, 2, 5, 6, 7, sign / 3, sign - 2, sign - 1}
	if T(1)/2 != 0 {
		mantissa := map[uint]uint{32: 23, 64: 52}[size]
		inf := sign - 1<<mantissa
		quiet := inf | 1<<(mantissa-1)
		one := uint64(math.Float32bits(1))
		if size == 64 {
			one = math.Float64bits(1)
		}
		positive = []uint64{0, 1, 1<<mantissa - 1, 1 << mantissa, one, inf - 1, inf, inf + 1, quiet - 1, quiet, quiet + 5, sign - 1}
	}
	var all []T
	for _, b := range positive {
		all = append(all, fromBits[T](b), fromBits[T](b|sign))
	}
	return all
}
