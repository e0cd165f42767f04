package onnx

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// difference is a place where onnxruntime's definition is not relu's.
type difference struct {
	operators, types []string
	what             string

	// is reports whether onnxruntime, with this difference, makes theirs of in.
	is func(f format, in, theirs uint64) bool
}

// differences are all that there are.
var differences = []difference{
	{
		[]string{"Relu", "Clip"}, []string{"float32", "float64"},
		"-0 stays -0; relu gives +0",
		keepsMinusZero,
	},
	{
		[]string{"Relu"}, []string{"float16"},
		"-0 stays -0; relu gives +0",
		keepsMinusZero,
	},
	{
		[]string{"Relu"}, []string{"float16"},
		"a signalling NaN is quieted; relu keeps its bits",
		quiets,
	},
	{
		[]string{"LeakyRelu", "PRelu"}, []string{"float32"},
		"a signalling NaN is quieted; relu keeps its bits",
		quiets,
	},
	{
		[]string{"LeakyRelu", "PRelu"}, []string{"float32"},
		"a zero stays as it is; relu multiplies it, and a negative slope turns its sign",
		func(f format, in, theirs uint64) bool { return in&^f.sign == 0 && theirs == in },
	},
	{
		[]string{"ThresholdedRelu"}, []string{"float32"},
		"NaN becomes +0; relu keeps it",
		func(f format, in, theirs uint64) bool { return f.isNaN(in) && theirs == 0 },
	},
}

func keepsMinusZero(f format, in, theirs uint64) bool { return in == f.sign && theirs == in }

func quiets(f format, in, theirs uint64) bool {
	return f.isNaN(in) && in&f.quiet == 0 && theirs == in|f.quiet
}

// format is what is special in the bits of a float: the sign, +Inf, and the bit
// that a quiet NaN has.
type format struct{ sign, infinity, quiet uint64 }

var formats = map[string]format{
	"float16": {1 << 15, 0x1f << 10, 1 << 9},
	"float32": {1 << 31, 0xff << 23, 1 << 22},
	"float64": {1 << 63, 0x7ff << 52, 1 << 51},
}

func (f format) isNaN(bits uint64) bool { return f.infinity != 0 && bits&^f.sign > f.infinity }

// element is the bits of element i.
func element(raw []byte, i, size int) uint64 {
	var word [8]byte
	copy(word[:], raw[i*size:][:size])
	return binary.LittleEndian.Uint64(word[:])
}

// occurrence is a difference in the outputs of an operator.
type occurrence struct{ operator, typ, what string }

// check counts the differences between ours and theirs, and fails for those
// that are not listed.
func (c comparison) check(t *testing.T, theirs []byte, counts map[occurrence]int) {
	if len(theirs) != len(c.ours) {
		t.Errorf("%v: %d bytes, theirs %d", c, len(c.ours), len(theirs))
		return
	}
	n := 1
	for _, d := range c.Dims {
		n *= int(d)
	}
	f, size, wrong := formats[c.Type], len(c.X)/n, 0
	for i := range n {
		in, our, their := element(c.X, i, size), element(c.ours, i, size), element(theirs, i, size)
		// A NaN that was computed has no specified bits.
		if our == their || !f.isNaN(in) && f.isNaN(our) && f.isNaN(their) {
			continue
		}
		listed := slices.IndexFunc(differences, func(d difference) bool {
			return slices.Contains(d.operators, c.operator) && slices.Contains(d.types, c.Type) && d.is(f, in, their)
		})
		if listed >= 0 {
			counts[occurrence{c.operator, c.Type, differences[listed].what}]++
			continue
		}
		if wrong++; wrong <= 3 {
			t.Errorf("%v: element %d, %#x: %#x, theirs %#x: no difference that is listed", c, i, in, our, their)
		}
	}
	if wrong > 3 {
		t.Errorf("%v: %d elements differ", c, wrong)
	}
}

// TestReadme holds the table of differences in README.md against the list.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		row := fmt.Sprintf("| %s | %s | %s |\n", strings.Join(d.operators, ", "), strings.Join(d.types, ", "), d.what)
		if !strings.Contains(string(readme), row) {
			t.Errorf("README.md has no row %s", row)
		}
	}
}
