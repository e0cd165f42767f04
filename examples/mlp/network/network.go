// Package network is a multilayer perceptron that ends in a softmax, trained by
// stochastic gradient descent. Its matrix products are gonum's, its activations
// package relu's.
//
// With one seed it comes to the same weights, bit for bit, with each of relu's
// kernels and with any number of cores: gonum adds up an element of a product
// in one goroutine and in one order. (That order is another on other
// architectures.)
package network

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Network is a multilayer perceptron.
type Network struct {
	// Alternate makes every other step of the training take plain Go loops for
	// the activation, to compare the time.
	Alternate bool
	// ByRelu and ByLoop are the time of the steps with package relu and of those
	// with plain loops.
	ByRelu, ByLoop Elapsed

	layers     []layer
	relu, loop activation
	steps      int
}

// Elapsed is the time of training steps.
type Elapsed struct {
	// Activation is the part of Total that activations and their gradients took.
	Activation, Total time.Duration
}

// Share is the activation's share of the time.
func (e Elapsed) Share() float64 { return float64(e.Activation) / float64(e.Total) }

// layer is a dense layer and the activation after it. The last has none.
type layer struct {
	weights         blas32.General // a row for each input, a column for each unit
	bias            []float32
	slopes, dslopes []float32 // of PReLU, and their gradient

	// These have a row for each image.
	input  blas32.General
	sums   blas32.General // products and biases
	output blas32.General // of the activation; the same memory where that works in place
	grad   blas32.General // the gradient of the loss, first with respect to output, then to sums
}

// New is a network with so many inputs and so many units in each layer; those
// of the last are the classes. All layers but the last have the activation.
// Weights are random as in He, Zhang, Ren and Sun, "Delving Deep into
// Rectifiers" (2015); biases are 0. It panics if there are no layers.
func New(inputs int, units []int, a Activation, random *rand.Rand) *Network {
	if len(units) == 0 {
		panic("network: New: no layers")
	}
	n := &Network{relu: a.byRelu(), loop: a.byLoop()}
	for i, u := range units {
		l := layer{weights: matrix(inputs, u), bias: make([]float32, u)}
		deviation := math.Sqrt(2 / float64(inputs))
		for i := range l.weights.Data {
			l.weights.Data[i] = float32(random.NormFloat64() * deviation)
		}
		if i < len(units)-1 && n.relu.slopes {
			l.slopes, l.dslopes = make([]float32, u), make([]float32, u)
			for i := range l.slopes {
				l.slopes[i] = a.Slope
			}
		}
		n.layers = append(n.layers, l)
		inputs = u
	}
	return n
}

// matrix is a matrix of zeros.
func matrix(rows, columns int) blas32.General {
	return blas32.General{Rows: rows, Cols: columns, Stride: columns, Data: make([]float32, rows*columns)}
}

// resize gives m so many rows, in the memory that it has where that suffices.
func resize(m *blas32.General, rows, columns int) {
	if cap(m.Data) < rows*columns {
		*m = matrix(rows, columns)
	}
	m.Rows, m.Data = rows, m.Data[:rows*columns]
}

// vector is all of x.
func vector(x []float32) blas32.Vector { return blas32.Vector{N: len(x), Inc: 1, Data: x} }

// multiply sets the layer's sums for the images that are the rows of x, with
// the biases or without.
func (l *layer) multiply(x blas32.General, biased bool) {
	l.input = x
	units := len(l.bias)
	resize(&l.sums, x.Rows, units)
	var keep float32
	if biased {
		for start := 0; start < len(l.sums.Data); start += units {
			copy(l.sums.Data[start:], l.bias)
		}
		keep = 1
	}
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, x, l.weights, keep, l.sums)
}

// forward computes all layers for the images that are the rows of x, and gives
// what the last says of each class.
func (n *Network) forward(x blas32.General, by *activation, spent *time.Duration) blas32.General {
	last := len(n.layers) - 1
	for i := range n.layers[:last] {
		l := &n.layers[i]
		l.multiply(x, !by.addsBias)
		if by.keepsInput {
			resize(&l.output, x.Rows, len(l.bias))
		} else {
			l.output = l.sums
		}
		start := time.Now()
		by.forward(l.output.Data, l.sums.Data, l.bias, l.slopes)
		*spent += time.Since(start)
		x = l.output
	}
	n.layers[last].multiply(x, true)
	return n.layers[last].sums
}

// step goes a step against the gradient of the mean loss of the images that are
// the rows of x, and gives the sum of their losses before.
func (n *Network) step(x blas32.General, digits []uint8, rate float32) float64 {
	by, elapsed := &n.relu, &n.ByRelu
	if n.Alternate && n.steps%2 == 1 {
		by, elapsed = &n.loop, &n.ByLoop
	}
	n.steps++
	start := time.Now()
	defer func() { elapsed.Total += time.Since(start) }()

	scores := n.forward(x, by, &elapsed.Activation)
	for i := range n.layers {
		resize(&n.layers[i].grad, x.Rows, len(n.layers[i].bias))
	}
	last := len(n.layers) - 1
	loss := softmax(n.layers[last].grad, scores, digits)

	ones := make([]float32, x.Rows)
	for i := range ones {
		ones[i] = 1
	}
	for i := last; i >= 0; i-- {
		l := &n.layers[i]
		if i < last {
			seen := l.output
			if by.keepsInput {
				seen = l.sums
			}
			start := time.Now()
			by.backward(l.grad.Data, l.dslopes, seen.Data, l.slopes)
			elapsed.Activation += time.Since(start)
			if by.slopes {
				blas32.Axpy(-rate*slopesRate, vector(l.dslopes), vector(l.slopes))
			}
		}
		if i > 0 {
			blas32.Gemm(blas.NoTrans, blas.Trans, 1, l.grad, l.weights, 0, n.layers[i-1].grad)
		}
		blas32.Gemm(blas.Trans, blas.NoTrans, -rate, l.input, l.grad, 1, l.weights)
		blas32.Gemv(blas.Trans, -rate, l.grad, vector(ones), 1, vector(l.bias))
	}
	return loss
}

// softmax sets grad to the gradient, with respect to the scores, of the mean
// loss (cross entropy), and gives the sum of the losses.
func softmax(grad, scores blas32.General, digits []uint8) float64 {
	var loss float64
	for r, digit := range digits {
		row := scores.Data[r*scores.Stride:][:scores.Cols]
		top := row[0]
		for _, v := range row {
			top = max(top, v) // a NaN too
		}
		var sum float64
		for _, v := range row {
			sum += math.Exp(float64(v - top))
		}
		for j, v := range row {
			p := math.Exp(float64(v-top)) / sum
			if j == int(digit) {
				loss += math.Log(sum) - float64(v-top)
				p--
			}
			grad.Data[r*grad.Stride+j] = float32(p / float64(len(digits)))
		}
	}
	return loss
}

// Hidden gives the first layer's sums, biases included, for the images that are
// the rows of x: what its activation is given. The matrix is the network's own
// and holds until it is next used.
func (n *Network) Hidden(x blas32.General) blas32.General {
	n.layers[0].multiply(x, true)
	return n.layers[0].sums
}

// Fingerprint is a hash of the bits of all weights, biases and slopes.
func (n *Network) Fingerprint() string {
	hash := sha256.New()
	for _, l := range n.layers {
		for _, x := range [][]float32{l.weights.Data, l.bias, l.slopes} {
			binary.Write(hash, binary.LittleEndian, x) // never fails
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:8])
}
