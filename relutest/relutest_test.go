package relutest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu"
)

// recorder is a test that notes its fault.
type recorder struct {
	testing.TB
	fault string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fault = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// faultOf is what Check says of f, "" if nothing.
func faultOf[T relu.Number](t *testing.T, f func(dst, src []T)) string {
	r := &recorder{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		Check(r, f)
	}()
	<-done
	return r.fault
}

func loop[T relu.Number](dst, src []T) {
	for i, v := range src {
		dst[i] = rectified(v)
	}
}

func TestRight(t *testing.T) {
	t.Run("float32", func(t *testing.T) { Check(t, relu.To[float32]); Check(t, loop[float32]) })
	t.Run("float64", func(t *testing.T) { Check(t, relu.To[float64]); Check(t, loop[float64]) })
	t.Run("int8", func(t *testing.T) { Check(t, relu.To[int8]) })
	t.Run("int16", func(t *testing.T) { Check(t, relu.To[int16]) })
	t.Run("int32", func(t *testing.T) { Check(t, relu.To[int32]) })
	t.Run("int64", func(t *testing.T) { Check(t, relu.To[int64]) })
	t.Run("Leaky", func(t *testing.T) {
		CheckFunc(t, func(dst, src []float32) { relu.Leaky(dst, src, 0.25) }, func(x float32) float32 {
			if x <= 0 {
				return 0.25 * x
			}
			return x
		})
	})
}

// TestFaults has the faults that rectifiers in use have, each of which Check must
// find and name.
func TestFaults(t *testing.T) {
	zeroNaN := func(v float32) float32 {
		if v > 0 {
			return v
		}
		return 0
	}
	keepZero := func(v float32) float32 {
		if v < 0 {
			return 0
		}
		return v
	}
	for name, test := range map[string]struct {
		f    func(dst, src []float32)
		want string // in the message
	}{
		"max, which loses a NaN's sign": {func(dst, src []float32) {
			for i, v := range src {
				dst[i] = max(0, v)
			}
		}, "want 0xff"},
		"NaN zeroed below eight elements": {func(dst, src []float32) {
			for i, v := range src {
				if len(src) < 8 {
					dst[i] = zeroNaN(v)
				} else {
					dst[i] = rectified(v)
				}
			}
		}, "gave 0x0, want 0xff"},
		"-0 kept from eight elements on": {func(dst, src []float32) {
			for i, v := range src {
				if len(src) < 8 {
					dst[i] = rectified(v)
				} else {
					dst[i] = keepZero(v)
				}
			}
		}, "0x80000000 gave 0x80000000, want 0x0"},
		"NaN zeroed in the tail": {func(dst, src []float32) {
			n := len(src) &^ 7
			loop(dst[:n], src[:n])
			for i, v := range src[n:] {
				dst[n+i] = zeroNaN(v)
			}
		}, "gave 0x0, want 0xff"},
		"the last element forgotten": {func(dst, src []float32) {
			if n := len(src); n > 0 {
				loop(dst[:n-1], src[:n-1])
			}
		}, "index 0"},
		"one element too many": {func(dst, src []float32) {
			loop(dst, src)
			if n := len(dst); n == 33 {
				*(*float32)(unsafe.Add(unsafe.Pointer(&dst[0]), 4*n)) = 1
			}
		}, "length 33"},
		"src written": {func(dst, src []float32) {
			loop(dst, src)
			clear(src)
			if len(dst) > 0 && &dst[0] == &src[0] {
				panic("in place cannot clear")
			}
		}, "src was"},
		"a vector read beyond the end": {func(dst, src []float32) {
			loop(dst, src)
			if n := len(src); n > 0 {
				sink = *(*float32)(unsafe.Add(unsafe.Pointer(&src[0]), 4*n))
			}
		}, "invalid memory address"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a vector read beyond the end" && runtime.GOOS != "linux" {
				t.Skip("no pages that cannot be touched")
			}
			if fault := faultOf(t, test.f); !strings.Contains(fault, test.want) {
				t.Errorf("Check says %q, want %q in it", fault, test.want)
			}
		})
	}
}

var sink float32

// TestLastVectorTwice has the well-known fault of a tail done as one last vector
// that overlaps: in place, its elements are multiplied twice.
func TestLastVectorTwice(t *testing.T) {
	leaky := func(v float32) float32 {
		if v <= 0 {
			return v * 0.25
		}
		return v
	}
	r := &recorder{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		CheckFunc(r, func(dst, src []float32) {
			const w = 8
			vector := func(at int) {
				for i := at; i < at+w; i++ {
					dst[i] = leaky(src[i])
				}
			}
			if len(src) < w {
				for i, v := range src {
					dst[i] = leaky(v)
				}
				return
			}
			for at := 0; at+w <= len(src); at += w {
				vector(at)
			}
			if len(src)%w > 0 {
				vector(len(src) - w)
			}
		}, leaky)
	}()
	<-done
	if !strings.Contains(r.fault, "length 9, in place") {
		t.Errorf("CheckFunc says %q, want length 9 in place", r.fault)
	}
}

func FuzzTo(f *testing.F) { Fuzz(f, relu.To[float32]) }
