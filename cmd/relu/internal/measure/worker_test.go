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
	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
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
	for i := range ops.All {
		o := &ops.All[i]
		for _, kernel := range []string{relu.Kernel(), benchfile.Loop, benchfile.Copy(relu.Kernel())} {
			if _, limit := benchfile.Copied(kernel); limit && !ops.HasLimit(relu.Kernel()) {
				continue
			}
			short, long := ask(kernel, o.Name, o.Type, 64), ask(kernel, o.Name, o.Type, 1<<20)
			// A section that was interrupted for long is a sample of its own.
			for try := 0; try < 5 && short.Sample.Nanoseconds*100 > long.Sample.Nanoseconds; try++ {
				short = ask(kernel, o.Name, o.Type, 64)
			}
			if short.Error != "" || long.Error != "" {
				t.Fatalf("%s %s %s: %s%s", kernel, o.Name, o.Type, short.Error, long.Error)
			}
			if short.Sample.Calls < hotBytes/o.Arrays/64/ops.Size(o.Type) || long.Sample.Calls < 1 {
				t.Errorf("%s %s %s: %d short calls and %d long ones", kernel, o.Name, o.Type, short.Sample.Calls, long.Sample.Calls)
			}
			// 16384 times the elements take more than 100 times as long on any CPU.
			if s, l := short.Sample.Nanoseconds, long.Sample.Nanoseconds; o.From == 0 && !(s > 0 && l > 100*s) {
				t.Errorf("%s %s %s: %g ns for 64 elements and %g ns for 1 Mi", kernel, o.Name, o.Type, s, l)
			}
		}
	}
}

// TestStopwatch times with a made-up clock.
func TestStopwatch(t *testing.T) {
	const reading = 25 * time.Nanosecond
	// interrupt takes 10 µs of some sections.
	interrupt := func(in func(section int) bool) func(int) time.Duration {
		return func(section int) time.Duration {
			if in(section) {
				return 10 * time.Microsecond
			}
			return 0
		}
	}
	for name, c := range map[string]struct {
		pass   time.Duration                   // what each takes
		extra  func(section int) time.Duration // what a section takes besides
		passes int                             // what is right
	}{
		"short":           {70, nil, 64}, // 2500/70 is between 32 and 64
		"shorter":         {20, nil, 128},
		"long enough":     {2500, nil, 1},
		"longer than all": {5 * time.Millisecond, nil, 1},
		// What is long enough because of an interruption must not set a number of
		// passes whose time is divided by a greater one.
		"interrupted once":  {20, interrupt(func(i int) bool { return i == 0 }), 128},
		"interrupted early": {20, interrupt(func(i int) bool { return i == 1 || i == 4 }), 128},
		"interrupted often": {300, interrupt(func(i int) bool { return i%3 == 2 }), 16},
		// 64 passes are long enough at first, by chance and for half of the time.
		"at the threshold": {39, func(i int) time.Duration {
			if i < 50 {
				return 10
			}
			return 0
		}, 128},
	} {
		t.Run(name, func(t *testing.T) {
			var now time.Duration
			s := newStopwatch(func() time.Duration { now += reading; return now })
			if s.reading != reading {
				t.Fatalf("reading the clock takes %v, not %v", s.reading, reading)
			}
			section, did, renewed := -1, 0, 0
			median, passes := s.time(200*time.Microsecond, func() {
				section++
				renewed++
				did = 0
				now += 3 * time.Microsecond // new data
			}, func() {
				if did == 0 && c.extra != nil {
					now += c.extra(section)
				}
				did++
				now += c.pass
			})
			if passes != c.passes || median != time.Duration(passes)*c.pass {
				t.Errorf("%d passes of %v take %v, want %d", passes, c.pass, median, c.passes)
			}
			if renewed < 1 || did != passes {
				t.Errorf("%d times new data, %d passes in the last section", renewed, did)
			}
		})
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

// TestDisturbedIsSeen has other processes on all CPUs, and none.
func TestDisturbedIsSeen(t *testing.T) {
	if _, known := processTime(); !known {
		t.Skip("this system does not tell")
	}
	w := newWorker()
	if !w.disturbed(func() { time.Sleep(5 * time.Millisecond) }) {
		t.Error("a process without a CPU is not seen")
	}
	work := func() {
		for start := time.Now(); time.Since(start) < 2*time.Millisecond; {
		}
	}
	for range 500 {
		if !w.disturbed(work) {
			return
		}
	}
	t.Error("in 500 times 2 ms, this process never has a CPU to itself")
}

// TestData wants half of all elements negative, again after each renewal, and
// floats on which arithmetic is not slow.
func TestData(t *testing.T) {
	w := newWorker()
	for _, arrays := range []int{1, 2, 3} {
		for _, typ := range ops.Types() {
			l := layout{ops.PatternOf(typ), ops.RandomWords + 1000, arrays}
			w.layOut(l)
			for range 2 {
				w.renew(l, benchfile.Loop)
				for i, data := range w.arrays {
					if i == 0 && arrays > 1 {
						continue // what is written
					}
					n := len(data) * 8 / ops.Size(typ)
					negative := 0
					for _, v := range elements(typ, unsafe.Pointer(&data[0]), n) {
						if v < 0 {
							negative++
						}
						if isFloat := l.data.Set != 0; isFloat && !(math.Abs(v) >= 1 && math.Abs(v) < 2) {
							t.Fatalf("%s has the element %g", typ, v)
						}
					}
					if share := float64(negative) / float64(n); share < 0.4 || share > 0.6 {
						t.Errorf("of array %d of %d of %s, %.0f%% is negative", i, arrays, typ, 100*share)
					}
				}
				if arrays == 1 {
					clear(w.arrays[0])
				}
			}
		}
	}
}

// TestLayout wants the arrays at the same place of a large page in every
// process, apart, and with the data that belong there whatever was there before.
func TestLayout(t *testing.T) {
	w := newWorker()
	at := func(i int) uintptr { return uintptr(unsafe.Pointer(&w.arrays[i][0])) }
	float, integer := ops.PatternOf("float64"), ops.PatternOf("int64")
	for _, l := range []layout{{float, 100, 3}, {float, 100, 1}, {float, 100, 2}, {float, 5000, 1}, {float, 100, 3}, {integer, 100, 3}, {float, 100, 2}, {float, 100, 3}} {
		w.layOut(l)
		w.renew(l, benchfile.Loop)
		words := uintptr(l.words+7) / 8 * 8
		if at(0)%arenaAlign != 0 || len(w.arrays[0]) != int(words) {
			t.Errorf("%+v: dst of %d words is at %x", l, len(w.arrays[0]), at(0))
		}
		for i := 1; i < 3; i++ {
			want := uintptr(i) * words * 8
			if l.arrays == 1 {
				want = 0
			}
			if at(i)-at(0) != want {
				t.Errorf("%+v: array %d is %d bytes behind dst, want %d", l, i, at(i)-at(0), want)
			}
			for j, x := range w.arrays[i] {
				if x&^l.data.Keep != l.data.Set {
					t.Fatalf("%+v: element %d of array %d is %x", l, j, i, x)
				}
			}
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
		case "uint8": // from the middle, which stands for 0
			x[i] = float64(unsafe.Slice((*uint8)(p), n)[i]) - 128
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
