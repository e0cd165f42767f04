package network

import (
	"fmt"
	"strings"

	"github.com/seed88f7e06c/relu"
)

// Activation is what stands after a layer.
type Activation struct {
	// Name is one of Names.
	Name string
	// Slope is that of "leaky", and that with which "prelu" begins.
	Slope float32
}

// Names are those of the activations.
func Names() []string { return []string{"relu", "leaky", "prelu", "relu6"} }

// Parse is the activation of that name.
func Parse(name string, slope float32) (Activation, error) {
	for _, n := range Names() {
		if n == name {
			return Activation{name, slope}, nil
		}
	}
	return Activation{}, fmt.Errorf("no activation %q: there is %s", name, strings.Join(Names(), ", "))
}

const (
	// slopesRate is how fast slopes learn, in parts of the rate of weights. A
	// slope has a gradient from each image, and at a high rate runs away.
	slopesRate = 0.01
	// ceiling is that of ReLU6.
	ceiling = 6
)

// activation is an Activation as a pair of functions.
type activation struct {
	// forward sets dst from the sums of a layer, src. dst is src unless
	// keepsInput.
	forward func(dst, src, bias, slopes []float32)
	// backward turns grad, the gradient with respect to what forward wrote, into
	// that with respect to what it read, and sets that of the slopes. x is what
	// forward read if keepsInput, otherwise what it wrote.
	backward func(grad, dslopes, x, slopes []float32)

	addsBias   bool // forward adds the bias, which the sums lack
	keepsInput bool // backward must see what forward read
	slopes     bool // there are slopes to learn
}

// byRelu is the activation by package relu.
func (a Activation) byRelu() activation {
	switch a.Name {
	case "relu":
		return activation{
			addsBias: true,
			forward:  func(dst, src, bias, _ []float32) { relu.Bias(dst, src, bias) },
			backward: func(grad, _, x, _ []float32) { relu.Grad(grad, grad, x) },
		}
	case "leaky":
		return activation{
			forward:  func(dst, src, _, _ []float32) { relu.Leaky(dst, src, a.Slope) },
			backward: func(grad, _, x, _ []float32) { relu.LeakyGrad(grad, grad, x, a.Slope) },
		}
	case "prelu":
		return activation{
			keepsInput: true, // a slope may become negative, and then the output does not tell
			slopes:     true,
			forward:    func(dst, src, _, slopes []float32) { relu.PReLU(dst, src, slopes, 1) },
			backward: func(grad, dslopes, x, slopes []float32) {
				relu.PReLUGrad(grad, dslopes, grad, x, slopes, 1)
			},
		}
	case "relu6":
		return activation{
			forward:  func(dst, src, _, _ []float32) { relu.Clip(dst, src, ceiling) },
			backward: func(grad, _, x, _ []float32) { relu.ClipGrad(grad, grad, x, ceiling) },
		}
	}
	panic(fmt.Sprintf("network: no activation %q", a.Name))
}

// byLoop is the same by plain Go loops, with the same bits.
func (a Activation) byLoop() activation {
	by := a.byRelu()
	switch a.Name {
	case "relu":
		by.forward = func(dst, src, bias, _ []float32) {
			for start := 0; start < len(dst); start += len(bias) {
				for j, b := range bias {
					dst[start+j] = max(0, src[start+j]+b)
				}
			}
		}
		by.backward = func(grad, _, x, _ []float32) {
			for i, v := range x {
				if v <= 0 {
					grad[i] = 0
				}
			}
		}
	case "leaky":
		by.forward = func(dst, src, _, _ []float32) {
			for i, v := range src {
				if v <= 0 {
					v *= a.Slope
				}
				dst[i] = v
			}
		}
		by.backward = func(grad, _, x, _ []float32) {
			for i, v := range x {
				if v <= 0 {
					grad[i] *= a.Slope
				}
			}
		}
	case "prelu":
		by.forward = func(dst, src, _, slopes []float32) {
			for start := 0; start < len(dst); start += len(slopes) {
				for j, s := range slopes {
					v := src[start+j]
					if v <= 0 {
						v *= s
					}
					dst[start+j] = v
				}
			}
		}
		by.backward = func(grad, dslopes, x, slopes []float32) {
			sums := make([]float64, len(slopes))
			for start := 0; start < len(grad); start += len(slopes) {
				for j, s := range slopes {
					if v := x[start+j]; v <= 0 {
						g := &grad[start+j]
						product := *g * v
						sums[j] += float64(product)
						*g *= s
					}
				}
			}
			for j, sum := range sums {
				dslopes[j] = float32(sum)
			}
		}
	case "relu6":
		by.forward = func(dst, src, _, _ []float32) {
			for i, v := range src {
				dst[i] = min(max(0, v), ceiling)
			}
		}
		by.backward = func(grad, _, x, _ []float32) {
			for i, v := range x {
				if v <= 0 || v >= ceiling {
					grad[i] = 0
				}
			}
		}
	}
	return by
}
