package relu

import (
	"math"
	"slices"
	"testing"
	"unsafe"
)

// The fuzz targets make slices of raw bytes, at a fuzzed offset between
// canaries, and hold every kernel against the pure-Go one, by bits.

func FuzzInPlaceFloat32(f *testing.F) { fuzz(f, "InPlace", "Float32") }
func FuzzInPlaceFloat64(f *testing.F) { fuzz(f, "InPlace", "Float64") }
func FuzzInPlaceInt8(f *testing.F)    { fuzz(f, "InPlace", "Int8") }
func FuzzInPlaceInt16(f *testing.F)   { fuzz(f, "InPlace", "Int16") }
func FuzzInPlaceInt32(f *testing.F)   { fuzz(f, "InPlace", "Int32") }
func FuzzInPlaceInt64(f *testing.F)   { fuzz(f, "InPlace", "Int64") }
func FuzzInPlaceFloat16(f *testing.F) { fuzz(f, "InPlaceFloat16", "Float16") }
func FuzzInPlaceBFloat16(f *testing.F) {
	fuzz(f, "InPlaceBFloat16", "BFloat16")
}
func FuzzToFloat32(f *testing.F)   { fuzz(f, "To", "Float32") }
func FuzzToFloat64(f *testing.F)   { fuzz(f, "To", "Float64") }
func FuzzGradFloat32(f *testing.F) { fuzz(f, "Grad", "Float32") }
func FuzzGradFloat64(f *testing.F) { fuzz(f, "Grad", "Float64") }
func FuzzAddFloat32(f *testing.F)  { fuzz(f, "Add", "Float32") }
func FuzzAddFloat64(f *testing.F)  { fuzz(f, "Add", "Float64") }

func FuzzSquareFloat32(f *testing.F)      { fuzz(f, "Square", "Float32") }
func FuzzSquareFloat64(f *testing.F)      { fuzz(f, "Square", "Float64") }
func FuzzSquareGradFloat32(f *testing.F)  { fuzz(f, "SquareGrad", "Float32") }
func FuzzSquareGradFloat64(f *testing.F)  { fuzz(f, "SquareGrad", "Float64") }
func FuzzGateFloat32(f *testing.F)        { fuzz(f, "Gate", "Float32") }
func FuzzGateFloat64(f *testing.F)        { fuzz(f, "Gate", "Float64") }
func FuzzGateGradFloat32(f *testing.F)    { fuzz(f, "GateGrad, da", "Float32") }
func FuzzGateGradFloat64(f *testing.F)    { fuzz(f, "GateGrad, db", "Float64") }
func FuzzMaskFloat32(f *testing.F)        { fuzz(f, "Mask", "Float32") }
func FuzzMaskFloat64(f *testing.F)        { fuzz(f, "Mask", "Float64") }
func FuzzMaskInt8(f *testing.F)           { fuzz(f, "Mask", "Int8") }
func FuzzMaskFloat16(f *testing.F)        { fuzz(f, "MaskFloat16", "Float16") }
func FuzzMaskBFloat16(f *testing.F)       { fuzz(f, "MaskBFloat16", "BFloat16") }
func FuzzInPlaceMaskFloat32(f *testing.F) { fuzz(f, "InPlaceMask", "Float32") }
func FuzzInPlaceMaskInt64(f *testing.F)   { fuzz(f, "InPlaceMask", "Int64") }
func FuzzGradMaskFloat32(f *testing.F)    { fuzz(f, "GradMask", "Float32") }
func FuzzGradMaskFloat64(f *testing.F)    { fuzz(f, "GradMask", "Float64") }
func FuzzActiveFloat32(f *testing.F)      { fuzz(f, "Active", "Float32") }
func FuzzActiveInt16(f *testing.F)        { fuzz(f, "Active", "Int16") }
func FuzzToFloat16(f *testing.F)          { fuzz(f, "ToFloat16", "Float16") }
func FuzzGradFloat16(f *testing.F)        { fuzz(f, "GradFloat16", "Float16") }
func FuzzAddFloat16(f *testing.F)         { fuzz(f, "AddFloat16", "Float16") }
func FuzzSquareFloat16(f *testing.F)      { fuzz(f, "SquareFloat16", "Float16") }
func FuzzClipFloat16(f *testing.F)        { fuzz(f, "Clip(0x7c00)Float16", "Float16") }
func FuzzLeakyFloat16(f *testing.F)       { fuzz(f, "Leaky(0x1)Float16", "Float16") }
func FuzzToBFloat16(f *testing.F)         { fuzz(f, "ToBFloat16", "BFloat16") }
func FuzzGradBFloat16(f *testing.F)       { fuzz(f, "GradBFloat16", "BFloat16") }
func FuzzAddBFloat16(f *testing.F)        { fuzz(f, "AddBFloat16", "BFloat16") }
func FuzzSquareBFloat16(f *testing.F)     { fuzz(f, "SquareBFloat16", "BFloat16") }
func FuzzClipBFloat16(f *testing.F)       { fuzz(f, "Clip(0x7f80)BFloat16", "BFloat16") }
func FuzzLeakyBFloat16(f *testing.F)      { fuzz(f, "Leaky(0x1)BFloat16", "BFloat16") }
func FuzzClampInt8(f *testing.F)          { fuzz(f, "Clamp(-6, 5)", "Int8") }
func FuzzClampInt16(f *testing.F)         { fuzz(f, "Clamp(-6, 5)", "Int16") }
func FuzzClampInt32(f *testing.F)         { fuzz(f, "Clamp(-6, 5)", "Int32") }
func FuzzClampInt64(f *testing.F)         { fuzz(f, "Clamp(-6, 5)", "Int64") }
func FuzzClampUint8(f *testing.F)         { fuzz(f, "Clamp(3, 200)", "Uint8") }
func FuzzClampUint16(f *testing.F)        { fuzz(f, "Clamp(3, 50000)", "Uint16") }

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

// fuzz adds the seeds and the target for the trials of one call.
func fuzz(f *testing.F, call, elem string) {
	i := slices.IndexFunc(trials, func(tr trial) bool { return tr.call == call && tr.elem == elem })
	if i < 0 {
		f.Fatalf("there is no trial of %s on %s", call, elem)
	}
	tr := trials[i]
	for _, n := range []int{0, 1, 3, 8, 17, 64, 150} {
		data := make([]byte, n*tr.size*tr.sources)
		for i := range n * tr.sources {
			setBits(data, tr.size, i, tr.specials[(i*5+n)%len(tr.specials)])
		}
		f.Add(data, byte(n))
	}
	b := newBench()
	f.Fuzz(func(t *testing.T, data []byte, offset byte) {
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
	})
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
