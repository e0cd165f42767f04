package relu

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// The fuzz targets make slices of raw bytes, at a fuzzed offset between
// canaries, and hold every kernel against the pure-Go one, by bits.

// Each of these goes over all trials of an element type.

func FuzzFloat32(f *testing.F)  { fuzz(f, "Float32") }
func FuzzFloat64(f *testing.F)  { fuzz(f, "Float64") }
func FuzzInt8(f *testing.F)     { fuzz(f, "Int8") }
func FuzzInt16(f *testing.F)    { fuzz(f, "Int16") }
func FuzzInt32(f *testing.F)    { fuzz(f, "Int32") }
func FuzzInt64(f *testing.F)    { fuzz(f, "Int64") }
func FuzzUint8(f *testing.F)    { fuzz(f, "Uint8") }
func FuzzUint16(f *testing.F)   { fuzz(f, "Uint16") }
func FuzzFloat16(f *testing.F)  { fuzz(f, "Float16") }
func FuzzBFloat16(f *testing.F) { fuzz(f, "BFloat16") }

// FuzzScalar is for the functions with a parameter, on both float types.
func FuzzScalar(f *testing.F) {
	for _, slope := range []float64{0.01, -0.5, 0, 6, math.Inf(1)} {
		f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"), byte(3), slope)
	}
	f.Fuzz(func(t *testing.T, data []byte, offset byte, scalar float64) {
		fuzzScalar[float32](t, data, offset, float32(scalar))
		fuzzScalar[float64](t, data, offset, scalar)
	})
}

// FuzzShape is for the functions with rows and channels, on both float types.
func FuzzShape(f *testing.F) {
	for _, shape := range [][2]byte{{1, 1}, {3, 1}, {16, 1}, {2, 5}, {1, 20}} {
		f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"), byte(3), shape[0], shape[1])
	}
	f.Fuzz(func(t *testing.T, data []byte, offset, channels, inner byte) {
		fuzzShape[float32](t, data, offset, int(channels), int(inner))
		fuzzShape[float64](t, data, offset, int(channels), int(inner))
	})
}

// FuzzHalfScalar is FuzzScalar for half floats, against their trials.
func FuzzHalfScalar(f *testing.F) {
	for i, scalar := range []uint16{0x211F, 0x3C24, 0x8001, 0x7C00, 0x7F80, 0xFFFF} {
		f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"), byte(i), scalar)
	}
	b := newBench()
	f.Fuzz(func(t *testing.T, data []byte, offset byte, scalar uint16) {
		for _, tr := range slices.Concat(
			halfTrials("Float16", 10, float16Functions, uint64(scalar)),
			halfTrials("BFloat16", 7, bfloat16Functions, uint64(scalar)),
		) {
			if strings.Contains(tr.call, "(") {
				b.fuzz(t, tr, data, offset)
			}
		}
	})
}

// FuzzParallel repeats the data in slices that are long enough to be shared out.
func FuzzParallel(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"), byte(0), uint32(0))
	f.Add([]byte("\xff\xff\xff\x80\x00\x00\x80\xff\x00\x00\x00\x80"), byte(3), uint32(1<<17+1))
	const n, more = parallelBytes / 4, 1 << 18
	got, want := make([]float32, n+more+256), make([]float32, n+more)
	f.Fuzz(func(t *testing.T, data []byte, offset byte, extra uint32) {
		pattern := elements[float32](data, 0)
		if len(pattern) == 0 {
			return
		}
		x, want := got[offset:][:n+extra%more], want[:n+extra%more]
		for filled := copy(x, pattern); filled < len(x); filled *= 2 {
			copy(x[filled:], x[:filled])
		}
		got[int(offset)+len(x)] = -1
		reluFloat32Generic(&want[0], &x[0], len(x))
		Parallel(x)
		for i, v := range x {
			if math.Float32bits(v) != math.Float32bits(want[i]) {
				t.Fatalf("kernel %v, Parallel, length %d, offset %d, index %d: %#x, want %#x",
					active, len(x), offset, i, math.Float32bits(v), math.Float32bits(want[i]))
			}
		}
		if got[int(offset)+len(x)] != -1 {
			t.Fatalf("Parallel, length %d, offset %d: wrote behind it", len(x), offset)
		}
	})
}

// fuzz adds the seeds and the target for the trials of an element type.
func fuzz(f *testing.F, elem string) {
	of := slices.DeleteFunc(slices.Clone(trials), func(tr trial) bool { return tr.elem != elem })
	if len(of) == 0 {
		f.Fatalf("there is no trial on %s", elem)
	}
	for which, tr := range of {
		for _, n := range []int{0, 17, 150} {
			data := make([]byte, n*tr.size*tr.sources)
			for i := range n * tr.sources {
				setBits(data, tr.size, i, tr.specials[(i*5+n)%len(tr.specials)])
			}
			f.Add(data, byte(n), byte(which))
		}
	}
	b := newBench()
	f.Fuzz(func(t *testing.T, data []byte, offset, which byte) {
		b.fuzz(t, of[int(which)%len(of)], data, offset)
	})
}

// fuzz does a trial under every kernel, over each of its sources, on elements that are
// the data.
func (b *bench) fuzz(t *testing.T, tr trial, data []byte, offset byte) {
	n := min(len(data)/tr.size/tr.sources, maxTrial-maxAligned)
	for _, k := range available {
		withKernel(k, func() {
			for _, alias := range tr.aliases() {
				b.run(t, tr, n, int(offset)%(maxAligned/tr.size), alias, func(source, i int) uint64 {
					return bitsAt(data, tr.size, source*n+i)
				})
			}
		})
	}
}

// TestRandom puts random elements, lengths and offsets through every trial for as long
// as RELU_TEST_RANDOM says. It stands for the fuzz targets on an emulated CPU: their
// workers are processes, which an emulator of programs does not start.
func TestRandom(t *testing.T) {
	asked := os.Getenv("RELU_TEST_RANDOM")
	if asked == "" {
		t.Skip("RELU_TEST_RANDOM says for how long, as 10s")
	}
	long, err := time.ParseDuration(asked)
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	b := newBench()
	runs := 0
	for end := time.Now().Add(long); time.Now().Before(end) || runs == 0; {
		eachTrial(t, func(t *testing.T, tr trial) {
			runs++
			n, offset := random.IntN(200), random.IntN(maxAligned/tr.size)
			aliases := tr.aliases()
			b.run(t, tr, n, offset, aliases[random.IntN(len(aliases))], func(int, int) uint64 {
				bits := random.Uint64() >> (64 - 8*tr.size)
				switch random.IntN(4) {
				case 0:
					bits = tr.specials[random.IntN(len(tr.specials))]
				case 1: // beside one
					bits = tr.specials[random.IntN(len(tr.specials))] ^ 1<<random.IntN(8*tr.size)
				}
				return bits
			})
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d slices", runs)
}

// elements are the data as elements, at an offset from their alignment of as
// many elements.
func elements[T any](data []byte, offset byte) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	x := make([]T, len(data)/size+int(offset%64))[offset%64:]
	copy(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*size), data)
	return x
}

// differ runs f under every kernel, on a dst of n elements between canaries,
// and reports where its results are not those of reference, a function of the
// pure-Go kernels: under GOAMD64=v3 no other than the build's can be selected.
// Any NaN is as good as another.
func differ[T Float](t *testing.T, name string, n int, f, reference func(dst []T)) {
	t.Helper()
	const margin, mark = 16, 12345
	run := func(f func(dst []T)) []T {
		all := make([]T, n+2*margin)
		for i := range all {
			all[i] = mark
		}
		f(all[margin : margin+n])
		return all
	}
	want := run(reference)
	for _, k := range available {
		var all []T
		withKernel(k, func() { all = run(f) })
		for i, got := range all {
			same := math.Float64bits(float64(got)) == math.Float64bits(float64(want[i]))
			if !same && (got == got || want[i] == want[i]) {
				t.Errorf("kernel %v, %s, length %d, index %d: %v, want %v", k, name, n, i-margin, got, want[i])
			}
		}
	}
}

func fuzzScalar[T Float](t *testing.T, data []byte, offset byte, scalar T) {
	x := elements[T](data, offset)
	n := len(x) / 2
	x, g := x[:n], x[n:2*n]
	differ(t, "Leaky", n, func(dst []T) { Leaky(dst, x, scalar) },
		func(dst []T) { leakyGeneric(as[T](dst), as[T](x), scalar, n) })
	differ(t, "LeakyGrad", n, func(dst []T) { LeakyGrad(dst, g, x, scalar) },
		func(dst []T) { leakyGradGeneric(as[T](dst), as[T](g), as[T](x), scalar, n) })
	if lo, hi := min(scalar, 0.5), max(scalar, 0.5); lo <= hi {
		differ(t, "Clamp", n, func(dst []T) { Clamp(dst, x, lo, hi) },
			func(dst []T) { clampGeneric(as[T](dst), as[T](x), lo+0, hi, n) })
		differ(t, "ClampGrad", n, func(dst []T) { ClampGrad(dst, g, x, lo, hi) },
			func(dst []T) { clampGradGeneric(as[T](dst), as[T](g), as[T](x), lo, hi, n) })
	}
	if scalar >= 0 {
		differ(t, "Clip", n, func(dst []T) { Clip(dst, x, scalar) },
			func(dst []T) { clipGeneric(as[T](dst), as[T](x), scalar+0, n) })
		differ(t, "ClipGrad", n, func(dst []T) { ClipGrad(dst, g, x, scalar) },
			func(dst []T) { clipGradGeneric(as[T](dst), as[T](g), as[T](x), scalar+0, n) })
	}
}

func fuzzShape[T Float](t *testing.T, data []byte, offset byte, channels, inner int) {
	x := elements[T](data, offset)
	channels, inner = min(max(1, channels), max(1, len(x)/3)), max(1, inner)
	if len(x) < channels {
		return
	}
	slopes, x := x[:channels], x[channels:]
	n := len(x) / 2
	x, g := x[:n], x[n:2*n]
	channel := func(i int) int { return i / inner % channels }
	differ(t, "PReLU", n, func(dst []T) { PReLU(dst, x, slopes, inner) }, func(dst []T) {
		for i := range dst {
			preluGeneric(&dst[i], &x[i], &slopes[channel(i)], 1)
		}
	})
	differ(t, "PReLUGrad, dst", n, func(dst []T) { PReLUGrad(dst, make([]T, channels), g, x, slopes, inner) }, func(dst []T) {
		for i := range dst {
			leakyGradGeneric(&dst[i], &g[i], &x[i], slopes[channel(i)], 1)
		}
	})
	differ(t, "PReLUGrad, dslopes", channels, func(dslopes []T) { PReLUGrad(make([]T, n), dslopes, g, x, slopes, inner) }, func(dslopes []T) {
		sums := make([][lanes]float64, channels)
		for i := range n {
			position := i % inner
			if channels == 1 {
				position = i
			}
			var dst T
			preluGradPart(&dst, sums[channel(i)][position%lanes:][:1], &g[i], &x[i], &slopes[channel(i)])
		}
		for c := range sums {
			dslopes[c] = T(total(&sums[c]))
		}
	})
	rows := n / channels * channels
	differ(t, "Bias", rows, func(dst []T) { Bias(dst, x[:rows], slopes) }, func(dst []T) {
		addRowsGeneric(as[T](dst), as[T](x), as[T](slopes), channels, rows/channels)
	})
}
