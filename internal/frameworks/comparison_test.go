package frameworks

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// comparison is one array of ours beside one of theirs.
type comparison struct {
	request
	format
	frameworks
	answer       string
	output       int // 1 for the gradient of the slopes
	ours, theirs []byte
	found        map[occurrence]bool
}

// occurrence is a difference that special values showed.
type occurrence struct{ answer, typ, what string }

func (c comparison) String() string {
	return fmt.Sprintf("%s of %s (%s, inner %d, output %d) and %s", c.Function, c.Type, c.set, c.Inner, c.output, c.answer)
}

// bits accepts the same bits, or a difference that is listed.
func (c comparison) bits(t *testing.T) {
	if bytes.Equal(c.ours, c.theirs) {
		return
	}
	if len(c.ours) != len(c.theirs) {
		t.Errorf("%v: %d bytes, theirs %d", c, len(c.ours), len(c.theirs))
		return
	}
	wrong := 0
	for i := range len(c.ours) * 8 / c.width {
		ours, theirs := c.element(c.ours, i), c.element(c.theirs, i)
		in := c.operands(i)
		if ours == theirs || c.unspecified(in, ours, theirs) || c.differs(in, theirs) {
			continue
		}
		if wrong++; wrong <= 3 {
			t.Errorf("%v: element %d, from %#x: %#x, theirs %#x: no difference that is listed", c, i, in, ours, theirs)
		}
	}
	if wrong > 3 {
		t.Errorf("%v: %d elements differ", c, wrong)
	}
}

// operands are what element i of the output was made of. A sum is made of
// more than can be told.
func (c comparison) operands(i int) []uint64 {
	if c.summed() {
		return nil
	}
	var in []uint64
	for _, array := range c.arrays {
		at := i
		if len(array) < len(c.ours) {
			at = i / c.Inner % (len(array) * 8 / c.width)
		}
		in = append(in, c.element(array, at))
	}
	return in
}

// summed reports whether an element of the output is a sum of several terms.
func (c comparison) summed() bool {
	return c.Function == "PReLUGrad" && c.output == 1 && len(c.ours) < len(c.arrays[0])
}

// unspecified reports whether both are a NaN that was computed.
func (c comparison) unspecified(in []uint64, ours, theirs uint64) bool {
	switch c.Function {
	case "Leaky", "PReLU":
		if !(c.real(in[0]) <= 0) {
			return false
		}
	case "LeakyGrad", "PReLUGrad":
		if c.output == 0 && !(c.real(in[1]) <= 0) {
			return false
		}
	case "Add", "Bias", "Square", "SquareGrad", "Gate", "GateGrad":
	default:
		return false
	}
	return c.isNaN(ours) && c.isNaN(theirs)
}

// differs reports whether theirs is a listed difference, and notes which.
func (c comparison) differs(in []uint64, theirs uint64) bool {
	for _, d := range differences {
		if in != nil && d.output == c.output && slices.Contains(d.answers, c.answer) &&
			slices.Contains(d.types, c.Type) && c.are(d.only) && d.is(c.format, in, theirs) {
			if c.set == special {
				c.found[occurrence{c.answer, c.Type, d.what}] = true
			}
			return true
		}
	}
	return false
}

// sums accepts what the roundings of two sums of the same terms can explain.
//
// A term of n is the same product, rounded, on either side, and is then rounded
// in fewer than n+4 additions, 4 of them those of our 16 partial sums. Each
// rounding is at most the unit roundoff times the sum of the terms' magnitudes.
// At the end each sum is rounded to the element type. Ours has float64's unit
// roundoff. Of theirs, NumPy's long double has a smaller one, and PyTorch's is
// that of the element type.
func (c comparison) sums(t *testing.T) {
	grad, x := c.reals(c.arrays[0]), c.reals(c.arrays[1])
	magnitudes := make([]float64, len(c.arrays[2])*8/c.width)
	for i, v := range x {
		if v <= 0 {
			magnitudes[i/c.Inner%len(magnitudes)] += math.Abs(grad[i] * v)
		}
	}
	last := math.Ldexp(1, -c.fraction-1)
	roundoff := last
	if strings.HasPrefix(c.answer, "numpy") {
		roundoff = math.Ldexp(1, -53)
	}
	ours, theirs := c.reals(c.ours), c.reals(c.theirs)
	for k, magnitude := range magnitudes {
		tolerance := 2*float64(len(x)/len(magnitudes)+5)*roundoff*magnitude + last*(math.Abs(ours[k])+math.Abs(theirs[k]))
		if !(math.Abs(ours[k]-theirs[k]) <= tolerance) {
			t.Errorf("%v: channel %d: %v, theirs %v: farther apart than %v", c, k, ours[k], theirs[k], tolerance)
		}
	}
}
