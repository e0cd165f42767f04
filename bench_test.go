package relu

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/seed88f7e06c/relu/internal/roofline"
)

// Names are those that benchstat splits: it compares kernels, types and
// lengths by their keys. MB/s counts the bytes of the slice; each is read and
// written. kernel=loop is the plain Go loop and kernel=copy-… the same loads
// and stores as that kernel's, without the arithmetic.

// benchLengths are 1 to 2^26 elements, 2^18 with -short.
func benchLengths() []int {
	most := 1 << 26
	if testing.Short() {
		most = 1 << 18
	}
	var all []int
	for n := 1; n <= most; n *= 4 {
		all = append(all, n)
	}
	return all
}

func BenchmarkInPlace(b *testing.B) {
	b.Run("type=float32", benchInPlace[float32])
	b.Run("type=float64", benchInPlace[float64])
	b.Run("type=int8", benchInPlace[int8])
	b.Run("type=int16", benchInPlace[int16])
	b.Run("type=int32", benchInPlace[int32])
	b.Run("type=int64", benchInPlace[int64])
}

func BenchmarkTo(b *testing.B) {
	b.Run("type=float32", benchTo[float32])
	b.Run("type=float64", benchTo[float64])
}

// random is n elements, half of them negative: 2^16 numbers, more than a CPU
// learns, again and again.
func random[T Number](n int) []T {
	r := rand.New(rand.NewPCG(7, 8))
	x := make([]T, n)
	filled := min(n, 1<<16)
	for i := range filled {
		x[i] = T(r.IntN(200) - 100)
	}
	for ; filled < n; filled *= 2 {
		copy(x[filled:], x[:filled])
	}
	return x
}

func benchInPlace[T Number](b *testing.B) {
	whole := random[T](slices.Max(benchLengths()))
	for _, n := range benchLengths() {
		x := slices.Clone(whole[:n])
		p := unsafe.Pointer(&x[0])
		measure(b, x, func() { InPlace(x) }, func() {
			for i, v := range x {
				x[i] = max(0, v)
			}
		}, func(k string, bytes int) bool { return roofline.Copy(k, p, p, bytes) })
	}
}

func benchTo[T Number](b *testing.B) {
	whole := random[T](slices.Max(benchLengths()))
	for _, n := range benchLengths() {
		src, dst := whole[:n], make([]T, n)
		p, q := unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0])
		measure(b, dst, func() { To(dst, src) }, func() {
			for i, v := range src {
				dst[i] = max(0, v)
			}
		}, func(k string, bytes int) bool { return roofline.Copy(k, p, q, bytes) })
	}
}

// measure runs a call under every kernel, then the plain loop, then each
// kernel's limit.
func measure[T Number](b *testing.B, x []T, call, loop func(), limit func(kernel string, bytes int) bool) {
	bytes := int(byteLen(x))
	run := func(name string, f func()) {
		b.Run(fmt.Sprintf("kernel=%s/n=%d", name, len(x)), func(b *testing.B) {
			b.SetBytes(int64(bytes))
			for b.Loop() {
				f()
			}
		})
	}
	for _, k := range available {
		withKernel(k, func() { run(k.String(), call) })
	}
	run("loop", loop)
	for _, k := range Kernels() {
		if bytes >= 8 && limit(k, bytes) {
			run("copy-"+k, func() { limit(k, bytes) })
		}
	}
}

// BenchmarkRatio holds each operation against its limit and against the plain
// Go loop. At 8 KiB three slices are in the smallest of caches, at 16 KiB one is.
//
// What misses the limit there on Zen 5 (EPYC, family 26 model 2), by what single
// instructions, and loops of them, were measured to take. A cycle has two loads, and two
// stores of 256 bits or one of 512; four of logic, additions and comparisons of
// integers; two of float arithmetic, of them one pair of ports for products and blends
// and another for the rest; two comparisons into a mask, which share a port with each
// pair; and at most six vector instructions together, loads and stores among them, 5.1
// to 5.5 in these loops. In cycles for 64 bytes, the copy's after the stroke:
//
//   - AVX2: 8 instructions, InPlace 1.50/1.08, To and Leaky 1.62/1.23, and no better in
//     any order that was tried. No single instruction keeps NaN and makes -0 a 0,
//     whatever the CPU does to subnormal numbers. Clip, whose minimum loads, 1.71/1.23;
//     Clamp, two on one pair of ports a vector, 2.01/1.23;
//   - AVX2, Add: 2.25/2.09, and 2.09 with both sources loaded apart, which older CPUs,
//     with fewer instructions a cycle, would pay for; ClipGrad 2.42/2.09: 12
//     instructions, four of them comparisons of floats on two ports;
//   - AVX-512, two comparisons a vector: 1.5 to 1.7/1.12, hence one in Grad (1.21) and
//     ClipGrad (1.12), and two in ClampGrad still;
//   - AVX-512, two sources at 16 KiB: with dst they are as large as the cache.
func BenchmarkRatio(b *testing.B) {
	for _, kib := range []int{8, 16, 256, 2 << 10, 128 << 10} {
		bytes := kib << 10
		for _, c := range slices.Concat(
			floatContests[float32]("float32", bytes), floatContests[float64]("float64", bytes),
			integerContests[int8]("int8", bytes), integerContests[int16]("int16", bytes),
			integerContests[int32]("int32", bytes), integerContests[int64]("int64", bytes),
			clampContests[int8]("int8", bytes), clampContests[uint8]("uint8", bytes), clampContests[int16]("int16", bytes),
			clampContests[uint16]("uint16", bytes), clampContests[int32]("int32", bytes), clampContests[int64]("int64", bytes),
			halfContests("float16", float16, float16Functions, bytes), halfContests("bfloat16", bfloat16, bfloat16Functions, bytes),
		) {
			c.run(b, bytes)
		}
	}
}

// BenchmarkLengths is [BenchmarkRatio] of InPlace and To at every power of two
// from 4 KiB to 1 GiB.
func BenchmarkLengths(b *testing.B) {
	for bytes := 4 << 10; bytes <= 1<<30; bytes *= 2 {
		for _, c := range slices.Concat(
			floatContests[float32]("float32", bytes), floatContests[float64]("float64", bytes),
			halfContests("float16", float16, float16Functions, bytes), halfContests("bfloat16", bfloat16, bfloat16Functions, bytes),
		) {
			if c.op == "InPlace" || c.op == "To" {
				c.run(b, bytes)
			}
		}
	}
}

// A contest is an operation, the plain Go loop for it, and its limit.
type contest struct {
	op, elem string
	prepare  func() (call, loop, limit func())
}

// run reports the figures to quote: "limit" is the operation's speed as a share
// of that of the same loads and stores without arithmetic, "loop" how many times
// the plain loop's speed it has. -benchtime=60x asks for 60 turns.
func (c contest) run(b *testing.B, bytes int) {
	b.Run(fmt.Sprintf("op=%s/type=%s/kernel=%s/KiB=%d", c.op, c.elem, Kernel(), bytes>>10), func(b *testing.B) {
		call, loop, limit := c.prepare()
		median := takeTurns(b, 32<<20, bytes, call, loop, limit)
		b.ReportMetric(median[2]/median[0], "limit")
		b.ReportMetric(median[1]/median[0], "loop")
		b.ReportMetric(float64(bytes)/median[0], "GB/s")
	})
}

// takeTurns lets functions that work on so many bytes take turns and gives the
// medians of their times, in ns. A turn is long, least bytes or more, because a
// CPU takes some 10 µs to reach its speed, and each function has the first
// place in turn, which is the one with cold caches.
func takeTurns(b *testing.B, least, bytes int, functions ...func()) []float64 {
	times := make([][]float64, len(functions))
	calls := max(1, least/bytes)
	for turn := 0; b.Loop(); turn++ {
		for i := range functions {
			f := (i + turn) % len(functions)
			start := time.Now()
			for range calls {
				functions[f]()
			}
			times[f] = append(times[f], float64(time.Since(start))/float64(calls))
		}
	}
	b.ReportMetric(0, "ns/op")
	medians := make([]float64, len(functions))
	for f, t := range times {
		slices.Sort(t)
		medians[f] = t[len(t)/2]
	}
	return medians
}

func floatContests[T Float](elem string, bytes int) []contest {
	n := bytes / int(unsafe.Sizeof(T(0)))
	// sources counts the slices of n elements that are read; in place, dst is
	// the one.
	match := func(op string, sources int, call, loop func(dst, a, b, row []T)) contest {
		return contest{op, elem, func() (func(), func(), func()) {
			// Side by side: the first-level caches of some CPUs confuse
			// slices whose addresses are unlucky.
			all := random[T]((1 + sources) * n)
			dst, a, b := all[:n], all[min(1, sources)*n:][:n], all[sources*n:]
			row := b[:min(n, 1024)]
			d, s, s2 := unsafe.Pointer(&dst[0]), unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0])
			limit := func() { roofline.CopyOf2(Kernel(), d, s, s2, bytes) }
			switch {
			case op == "Mask" || op == "Active":
				limit = func() { roofline.Read(Kernel(), d, bytes) }
			case sources == 0:
				limit = func() { roofline.Copy(Kernel(), d, d, bytes) }
			case sources == 1:
				limit = func() { roofline.Copy(Kernel(), d, s, bytes) }
			}
			return func() { call(dst, a, b, row) }, func() { loop(dst, a, b, row) }, limit
		}}
	}
	words := make([]uint64, (n+63)/64)
	mask := func(x []T) []uint64 { return words[:(len(x)+63)/64] }
	return []contest{
		match("InPlace", 0, func(dst, _, _, _ []T) { InPlace(dst) }, func(dst, _, _, _ []T) {
			for i, v := range dst {
				dst[i] = max(0, v)
			}
		}),
		match("To", 1, func(dst, a, _, _ []T) { To(dst, a) }, func(dst, a, _, _ []T) {
			for i, v := range a {
				dst[i] = max(0, v)
			}
		}),
		match("Leaky", 1, func(dst, a, _, _ []T) { Leaky(dst, a, 0.01) }, func(dst, a, _, _ []T) {
			for i, v := range a {
				if v <= 0 {
					v *= 0.01
				}
				dst[i] = v
			}
		}),
		match("PReLU/inner=1", 2, func(dst, a, _, row []T) { PReLU(dst, a, row, 1) }, func(dst, a, _, row []T) {
			for i, v := range a {
				if v <= 0 {
					v *= row[i%len(row)]
				}
				dst[i] = v
			}
		}),
		match("PReLU/inner=1024", 1, func(dst, a, _, row []T) { PReLU(dst, a, row, 1024) }, func(dst, a, _, row []T) {
			for i, v := range a {
				if v <= 0 {
					v *= row[i/1024%len(row)]
				}
				dst[i] = v
			}
		}),
		match("Clip", 1, func(dst, a, _, _ []T) { Clip(dst, a, 6) }, func(dst, a, _, _ []T) {
			for i, v := range a {
				dst[i] = min(max(0, v), 6)
			}
		}),
		match("Clamp", 1, func(dst, a, _, _ []T) { Clamp(dst, a, -5, 60) }, func(dst, a, _, _ []T) {
			for i, v := range a {
				dst[i] = min(max(-5, v), 60)
			}
		}),
		match("ClampGrad", 2, func(dst, a, b, _ []T) { ClampGrad(dst, a, b, -5, 60) }, func(dst, a, b, _ []T) {
			for i, v := range b {
				g := a[i]
				if v <= -5 || v >= 60 {
					g = 0
				}
				dst[i] = g
			}
		}),
		match("Mask", 0, func(dst, _, _, _ []T) { Mask(mask(dst), dst) }, func(dst, _, _, _ []T) { maskLoop(mask(dst), dst) }),
		match("Active", 0, func(dst, _, _, _ []T) { Active(dst) }, func(dst, _, _, _ []T) {
			for _, v := range dst {
				if !(v <= 0) {
					activeInLoop++
				}
			}
		}),
		match("InPlaceMask", 0, func(dst, _, _, _ []T) { InPlaceMask(dst, mask(dst)) }, func(dst, _, _, _ []T) {
			maskLoop(mask(dst), dst)
			for i, v := range dst {
				dst[i] = max(0, v)
			}
		}),
		match("GradMask", 1, func(dst, a, _, _ []T) { GradMask(dst, a, mask(dst)) }, func(dst, a, _, _ []T) {
			m := mask(dst)
			for i, g := range a {
				if m[i/64]>>(i%64)&1 == 0 {
					g = 0
				}
				dst[i] = g
			}
		}),
		match("Square", 1, func(dst, a, _, _ []T) { Square(dst, a) }, func(dst, a, _, _ []T) {
			for i, v := range a {
				v = max(0, v)
				dst[i] = v * v
			}
		}),
		match("SquareGrad", 2, func(dst, a, b, _ []T) { SquareGrad(dst, a, b) }, func(dst, a, b, _ []T) {
			for i, v := range b {
				dst[i] = a[i] * (2 * max(0, v))
			}
		}),
		match("Gate", 2, func(dst, a, b, _ []T) { Gate(dst, a, b) }, func(dst, a, b, _ []T) {
			for i, v := range a {
				dst[i] = max(0, v) * b[i]
			}
		}),
		match("Bias", 2, func(dst, a, _, row []T) { Bias(dst, a, row) }, func(dst, a, _, row []T) {
			for i, v := range a {
				dst[i] = max(0, v+row[i%len(row)])
			}
		}),
		match("Add", 2, func(dst, a, b, _ []T) { Add(dst, a, b) }, func(dst, a, b, _ []T) {
			for i, v := range a {
				dst[i] = max(0, v+b[i])
			}
		}),
		match("Grad", 2, func(dst, a, b, _ []T) { Grad(dst, a, b) }, func(dst, a, b, _ []T) {
			for i, v := range b {
				g := a[i]
				if v <= 0 {
					g = 0
				}
				dst[i] = g
			}
		}),
		match("LeakyGrad", 2, func(dst, a, b, _ []T) { LeakyGrad(dst, a, b, 0.01) }, func(dst, a, b, _ []T) {
			for i, v := range b {
				g := a[i]
				if v <= 0 {
					g *= 0.01
				}
				dst[i] = g
			}
		}),
		match("ClipGrad", 2, func(dst, a, b, _ []T) { ClipGrad(dst, a, b, 6) }, func(dst, a, b, _ []T) {
			for i, v := range b {
				g := a[i]
				if v <= 0 || v >= 6 {
					g = 0
				}
				dst[i] = g
			}
		}),
		match("PReLUGrad", 2, func(dst, a, b, row []T) {
			var dslope [1]T
			PReLUGrad(dst, dslope[:], a, b, row[:1], 1)
		}, func(dst, a, b, row []T) {
			var sum float64
			for i, v := range b {
				g := a[i]
				if v <= 0 {
					sum += float64(g) * float64(v)
					g *= row[0]
				}
				dst[i] = g
			}
			row[0] += T(0 * sum) // so that the sum is not dropped
		}),
	}
}

// activeInLoop keeps the loop's count from being dropped.
var activeInLoop int

func maskLoop[T Number](mask []uint64, x []T) {
	for w := range mask {
		var word uint64
		for i, v := range x[64*w : min(64*w+64, len(x))] {
			if !(v <= 0) {
				word |= 1 << i
			}
		}
		mask[w] = word
	}
}

func clampContests[T int8 | int16 | int32 | int64 | uint8 | uint16](elem string, bytes int) []contest {
	n := bytes / int(unsafe.Sizeof(T(0)))
	return []contest{{"Clamp", elem, func() (call, loop, limit func()) {
		all := make([]T, 2*n)
		for i, v := range random[int16](len(all)) {
			all[i] = T(v)
		}
		dst, src := all[:n], all[n:]
		d, s := unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0])
		return func() { Clamp(dst, src, 5, 100) }, func() {
			for i, v := range src {
				dst[i] = min(max(5, v), 100)
			}
		}, func() { roofline.Copy(Kernel(), d, s, bytes) }
	}}}
}

func integerContests[T int8 | int16 | int32 | int64](elem string, bytes int) []contest {
	n := bytes / int(unsafe.Sizeof(T(0)))
	match := func(op string, call, loop func(dst, src []T)) contest {
		return contest{op, elem, func() (func(), func(), func()) {
			all := random[T](2 * n)
			dst, src := all[:n], all[n:]
			d, s := unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0])
			return func() { call(dst, src) }, func() { loop(dst, src) }, func() { roofline.Copy(Kernel(), d, s, bytes) }
		}}
	}
	return []contest{
		match("To", func(dst, src []T) { To(dst, src) }, func(dst, src []T) {
			for i, v := range src {
				dst[i] = max(0, v)
			}
		}),
		match("Clip", func(dst, src []T) { Clip(dst, src, 6) }, func(dst, src []T) {
			for i, v := range src {
				dst[i] = min(max(0, v), 6)
			}
		}),
	}
}

// halfContests have the pure-Go kernels for plain loops. The elements are numbers whose
// products are none of those below the least power of two, on which CPUs spend tens of
// times as long.
func halfContests(elem string, f format, h halves, bytes int) []contest {
	n := bytes / 2
	match := func(op string, sources int, call, loop func(dst, a, b, row []uint16)) contest {
		return contest{op, elem, func() (func(), func(), func()) {
			all := make([]uint16, (1+sources)*n)
			for i, v := range random[float32](len(all)) {
				all[i] = f.narrow(v)
			}
			dst, a, b := all[:n], all[min(1, sources)*n:][:n], all[sources*n:]
			row := b[:min(n, 1024)]
			d, s, s2 := unsafe.Pointer(&dst[0]), unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0])
			limit := func() { roofline.CopyOf2(Kernel(), d, s, s2, bytes) }
			switch {
			case op == "Mask":
				limit = func() { roofline.Read(Kernel(), d, bytes) }
			case sources == 0:
				limit = func() { roofline.Copy(Kernel(), d, d, bytes) }
			case sources == 1:
				limit = func() { roofline.Copy(Kernel(), d, s, bytes) }
			}
			return func() { call(dst, a, b, row) }, func() { loop(dst, a, b, row) }, limit
		}}
	}
	words := make([]uint64, (n+63)/64)
	slope, limit := f.narrow(0.01), f.narrow(6)
	return []contest{
		match("InPlace", 0, func(dst, _, _, _ []uint16) { h.inPlace(dst) }, func(dst, _, _, _ []uint16) { f.rectify(dst, dst) }),
		match("To", 1, func(dst, a, _, _ []uint16) { h.to(dst, a) }, func(dst, a, _, _ []uint16) { f.rectify(dst, a) }),
		match("Mask", 0, func(dst, _, _, _ []uint16) { h.mask(words, dst) }, func(dst, _, _, _ []uint16) {
			for w := range words {
				var word uint64
				for i, v := range dst[64*w : min(64*w+64, n)] {
					if !(f.widen(v) <= 0) {
						word |= 1 << i
					}
				}
				words[w] = word
			}
		}),
		match("Clip", 1, func(dst, a, _, _ []uint16) { h.clip(dst, a, limit) },
			func(dst, a, _, _ []uint16) { clipHalfGeneric(&dst[0], &a[0], limit, n, f) }),
		match("Grad", 2, func(dst, a, b, _ []uint16) { h.grad(dst, a, b) }, func(dst, a, b, _ []uint16) {
			for i, v := range b {
				g := a[i]
				if f.widen(v) <= 0 {
					g = 0
				}
				dst[i] = g
			}
		}),
		match("ClipGrad", 2, func(dst, a, b, _ []uint16) { h.clipGrad(dst, a, b, limit) },
			func(dst, a, b, _ []uint16) { clipGradHalfGeneric(&dst[0], &a[0], &b[0], limit, n, f) }),
		match("Leaky", 1, func(dst, a, _, _ []uint16) { h.leaky(dst, a, slope) },
			func(dst, a, _, _ []uint16) { leakyHalfGeneric(&dst[0], &a[0], slope, n, f) }),
		match("LeakyGrad", 2, func(dst, a, b, _ []uint16) { h.leakyGrad(dst, a, b, slope) },
			func(dst, a, b, _ []uint16) { leakyGradHalfGeneric(&dst[0], &a[0], &b[0], slope, n, f) }),
		match("Square", 1, func(dst, a, _, _ []uint16) { h.square(dst, a) },
			func(dst, a, _, _ []uint16) { squareHalfGeneric(&dst[0], &a[0], n, f) }),
		match("Add", 2, func(dst, a, b, _ []uint16) { h.add(dst, a, b) },
			func(dst, a, b, _ []uint16) { addHalfGeneric(&dst[0], &a[0], &b[0], n, f) }),
		match("Bias", 2, func(dst, a, _, row []uint16) { h.bias(dst, a, row) }, func(dst, a, _, row []uint16) {
			for i := 0; i < n; i += len(row) {
				addHalfGeneric(&dst[i], &a[i], &row[0], len(row), f)
			}
		}),
	}
}

// rectify is the plain loop for To.
func (f format) rectify(dst, src []uint16) {
	for i, v := range src {
		if f.widen(v) <= 0 {
			v = 0
		}
		dst[i] = v
	}
}

// BenchmarkBiasInTwoPasses is how many times as fast [Bias] is as a sum, at the
// speed of a copy, in one pass over memory and [InPlace] in another.
func BenchmarkBiasInTwoPasses(b *testing.B) {
	const n = 32 << 20
	dst, src := make([]float32, n), random[float32](n)
	bias := random[float32](1024)
	median := takeTurns(b, 0, 4*n, func() { Bias(dst, src, bias) }, func() {
		roofline.Copy(Kernel(), unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), 4*n)
		InPlace(dst)
	})
	b.ReportMetric(median[1]/median[0], "times")
}

// BenchmarkInPlaceMask is how many times as long as [InPlace] it takes [InPlaceMask] to
// go over 128 MiB. For int8 the mask adds an eighth to what is moved, and is read
// before it is overwritten.
func BenchmarkInPlaceMask(b *testing.B) {
	b.Run("type=float32", benchInPlaceMask[float32])
	b.Run("type=int8", benchInPlaceMask[int8])
}

func benchInPlaceMask[T Number](b *testing.B) {
	const bytes = 128 << 20
	x := random[T](bytes / int(unsafe.Sizeof(T(0))))
	mask := make([]uint64, len(x)/64)
	median := takeTurns(b, 0, bytes, func() { InPlace(x) }, func() { InPlaceMask(x, mask) })
	b.ReportMetric(median[1]/median[0], "times")
}

// BenchmarkStopTheWorld is how long a stop-the-world waits while InPlace, or a
// plain loop, goes over 1 GiB again and again: the median and the 99th
// percentile of 200 and more.
func BenchmarkStopTheWorld(b *testing.B) {
	x := make([]float32, 1<<28)
	for i := range x {
		x[i] = 1 // so that no pass waits for the pages
	}
	for name, pass := range map[string]func(){
		"InPlace": func() { InPlace(x) },
		"loop": func() {
			for i, v := range x {
				x[i] = max(0, v)
			}
		},
	} {
		b.Run("running="+name, func(b *testing.B) {
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				for {
					select {
					case <-stop:
						return
					default:
						pass()
					}
				}
			}()
			var waits []float64
			var stats runtime.MemStats
			for b.Loop() {
				for range 200 {
					time.Sleep(time.Millisecond)
					start := time.Now()
					runtime.ReadMemStats(&stats)
					waits = append(waits, time.Since(start).Seconds()*1e6)
				}
			}
			close(stop)
			<-stopped
			slices.Sort(waits)
			b.ReportMetric(waits[len(waits)/2], "µs-median")
			b.ReportMetric(waits[len(waits)*99/100], "µs-p99")
			b.ReportMetric(0, "ns/op")
		})
	}
}
