package measure

import (
	"encoding/gob"
	"io"
	"math"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// startWorker runs a worker in this process. ask sends it a request.
func startWorker(t *testing.T) (ask func(kernel, op, typ string, n int) reply) {
	t.Helper()
	in, requests := io.Pipe()
	replies, out := io.Pipe()
	ended := make(chan error)
	go func() { ended <- Serve(in, out) }()
	t.Cleanup(func() {
		requests.Close()
		if err := <-ended; err != nil {
			t.Errorf("the worker ends with %v", err)
		}
	})
	e, d := gob.NewEncoder(requests), gob.NewDecoder(replies)
	return func(kernel, op, typ string, n int) (r reply) {
		t.Helper()
		if err := e.Encode(request{benchfile.Point{Op: op, Type: typ, Kernel: kernel, N: n}, 200 * time.Microsecond}); err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		return r
	}
}

func TestServe(t *testing.T) {
	ask := startWorker(t)
	for i := range cases {
		c := &cases[i]
		for _, kernel := range []string{relu.Kernel(), benchfile.Loop, benchfile.Copy(relu.Kernel())} {
			if _, limit := benchfile.Copied(kernel); limit && !hasLimit(relu.Kernel()) {
				continue
			}
			short, long := ask(kernel, c.op, c.typ, 64), ask(kernel, c.op, c.typ, 1<<20)
			if short.Error != "" || long.Error != "" {
				t.Fatalf("%s %s %s: %s%s", kernel, c.op, c.typ, short.Error, long.Error)
			}
			if short.Sample.Calls < hotBytes/c.arrays()/64/c.size() || long.Sample.Calls < 1 {
				t.Errorf("%s %s %s: %d short calls and %d long ones", kernel, c.op, c.typ, short.Sample.Calls, long.Sample.Calls)
			}
			// 16384 times the elements take more than 100 times as long on any CPU.
			if s, l := short.Sample.Nanoseconds, long.Sample.Nanoseconds; !(s > 0 && l > 100*s) {
				t.Errorf("%s %s %s: %g ns for 64 elements and %g ns for 1 Mi", kernel, c.op, c.typ, s, l)
			}
		}
	}
}

func TestServeRefuses(t *testing.T) {
	ask := startWorker(t)
	for _, c := range []struct {
		kernel, op, typ string
		n               int
		want            string
	}{
		{relu.Kernel(), "Gelu", "float32", 64, "Gelu"},
		{relu.Kernel(), "Leaky", "int8", 64, "Leaky"},
		{relu.Kernel(), "To", "float32", 0, "To"},
		{"mmx", "To", "float32", 64, "mmx"},
	} {
		if r := ask(c.kernel, c.op, c.typ, c.n); !strings.Contains(r.Error, c.want) {
			t.Errorf("%+v gives %+v", c, r)
		}
	}
}

// TestData wants half of all elements negative, again after each renewal, and
// floats on which arithmetic is not slow.
func TestData(t *testing.T) {
	const words = randomBytes/8 + 1000
	for i := range cases {
		c := &cases[i]
		w := newWorker()
		w.makeRoom(c, words)
		for range 2 {
			w.renew(c, words)
			data := w.dst
			if !c.inPlace() {
				data = w.a
			}
			n := len(data) * 8 / c.size()
			x := elements(c.typ, unsafe.Pointer(&data[0]), n)
			negative := 0
			for _, v := range x {
				if v < 0 {
					negative++
				}
				if isFloat := c.data != anyInteger; isFloat && !(math.Abs(v) >= 1 && math.Abs(v) < 2) {
					t.Fatalf("%s %s has the element %g", c.op, c.typ, v)
				}
			}
			if share := float64(negative) / float64(n); share < 0.45 || share > 0.55 {
				t.Errorf("of %s %s, %.0f%% is negative", c.op, c.typ, 100*share)
			}
			clear(w.dst)
		}
	}
}

// elements are the values of n elements of a type.
func elements(typ string, p unsafe.Pointer, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		switch typ {
		case "float32":
			x[i] = float64(unsafe.Slice((*float32)(p), n)[i])
		case "float64":
			x[i] = unsafe.Slice((*float64)(p), n)[i]
		case "float16": // from 1 to 2 it has the exponent 15
			bits := unsafe.Slice((*uint16)(p), n)[i]
			x[i] = math.Ldexp(1+float64(bits&0x3FF)/1024, int(bits>>10&0x1F)-15) * sign(bits)
		case "bfloat16":
			x[i] = float64(math.Float32frombits(uint32(unsafe.Slice((*uint16)(p), n)[i]) << 16))
		case "int8":
			x[i] = float64(unsafe.Slice((*int8)(p), n)[i])
		case "int16":
			x[i] = float64(unsafe.Slice((*int16)(p), n)[i])
		case "int32":
			x[i] = float64(unsafe.Slice((*int32)(p), n)[i])
		case "int64":
			x[i] = float64(unsafe.Slice((*int64)(p), n)[i])
		}
	}
	return x
}

func sign(half uint16) float64 {
	if half>>15 == 1 {
		return -1
	}
	return 1
}
