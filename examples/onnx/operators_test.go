package onnx

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/advancedclimatesystems/gonnx/onnx"
	"github.com/seed88f7e06c/relu"
)

// operators are all calls that are compared: each operator of ONNX, and what
// does the same in relu.
func operators(t *testing.T) []comparison {
	all := slices.Concat(clips[int8](t), clips[int32](t), clips[float32](t), clips[float64](t))

	x := patterns[half]()
	inPlace := func(dst, src []half) {
		copy(dst, src)
		relu.InPlaceFloat16(dst)
	}
	all = append(all, compare(t, &onnx.NodeProto{OpType: "Relu"}, x, dims(x), inPlace))

	// In onnxruntime these three have float32 alone.
	for _, x := range lengths[float32]() {
		for _, slope := range []float32{0.01, -0.5, 0} {
			leaky := func(dst, src []float32) { relu.Leaky(dst, src, slope) }
			all = append(all, compare(t, node("LeakyRelu", slope), x, dims(x), leaky))
		}

		for _, threshold := range []float32{0, 1, 0.1} {
			// What is above the threshold passes, as a gradient does where
			// x-threshold is above 0.
			thresholded := func(dst, src []float32) {
				shifted := make([]float32, len(src))
				for i, v := range src {
					shifted[i] = v - threshold
				}
				relu.Grad(dst, src, shifted)
			}
			all = append(all, compare(t, node("ThresholdedRelu", threshold), x, dims(x), thresholded))
		}

		// Five slopes, and each meets every element of x.
		slopes := []float32{0.01, -0.5, 0, 1, 3}
		n, channels := int64(len(x)), int64(len(slopes))
		x5 := slices.Repeat(x, len(slopes))
		channelsFirst := func(dst, src []float32) { relu.PReLU(dst, src, slopes, len(x)) }
		channelsLast := func(dst, src []float32) { relu.PReLU(dst, src, slopes, 1) }
		shared := func(dst, src []float32) { relu.PReLU(dst, src, slopes[:1], 1) }
		prelu := func() *onnx.NodeProto { return &onnx.NodeProto{OpType: "PRelu"} }
		all = append(all,
			compare(t, prelu(), x5, []int64{1, channels, n}, channelsFirst, constant("slope", slopes, channels, 1)),
			compare(t, prelu(), x5, []int64{1, n, channels}, channelsLast, constant("slope", slopes, channels)),
			compare(t, prelu(), x, []int64{n}, shared, constant("slope", slopes[:1], 1)))
	}
	return all
}

// clips are Relu and ReLU6, which ONNX calls Clip.
func clips[T relu.Number](t *testing.T) []comparison {
	var all []comparison
	for _, x := range lengths[T]() {
		relu6 := func(dst, src []T) { relu.Clip(dst, src, 6) }
		all = append(all,
			compare(t, &onnx.NodeProto{OpType: "Relu"}, x, dims(x), relu.To[T]),
			compare(t, &onnx.NodeProto{OpType: "Clip"}, x, dims(x), relu6, constant("min", []T{0}), constant("max", []T{6})))
	}
	return all
}

// compare calls ours, and makes the model that has the same operator.
func compare[T any](t *testing.T, node *onnx.NodeProto, x []T, dims []int64, ours func(dst, src []T), constants ...*onnx.TensorProto) comparison {
	m, err := model[T](node, constants...)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]T, len(x))
	ours(y, x)
	return comparison{
		request:  request{Model: m, Type: typeName[T](), Dims: dims, X: encode(x)},
		operator: node.OpType,
		ours:     encode(y),
	}
}

func dims[T any](x []T) []int64 { return []int64{int64(len(x))} }

// lengths are all patterns, and then arrays as long as a few vectors and the
// rest that is none, of nothing but zeros, infinities and NaN.
func lengths[T relu.Number]() [][]T {
	all := patterns[T]()
	var special []T
	nans := 0
	for _, v := range all {
		number := v == v
		if !number {
			nans++
		}
		if v == 0 || number && v-v != 0 || !number && nans <= 8 {
			special = append(special, v)
		}
	}
	special = slices.Repeat(special, 80/len(special)+1)
	arrays := [][]T{all}
	for n := 1; n <= 40; n++ {
		arrays = append(arrays, special[n:2*n])
	}
	return arrays
}

// patterns are elements with every pattern of the upper 16 bits, each with all
// other bits clear, with the last one set, and with all of them set; and those
// in no order.
func patterns[T any]() []T {
	var zero T
	size := binary.Size(zero)
	lower := max(0, 8*size-16)
	below := []uint64{0}
	if lower > 0 {
		below = []uint64{0, 1, 1<<lower - 1}
	}
	var raw []byte
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(below) << (8*size - lower)) {
		bits := uint64(i/len(below))<<lower | below[i%len(below)]
		raw = append(raw, binary.LittleEndian.AppendUint64(nil, bits)[:size]...)
	}
	x := make([]T, len(raw)/size)
	if _, err := binary.Decode(raw, binary.LittleEndian, x); err != nil {
		panic(err)
	}
	return x
}

func encode[T any](x []T) []byte {
	raw, err := binary.Append(nil, binary.LittleEndian, x)
	if err != nil {
		panic(err)
	}
	return raw
}
