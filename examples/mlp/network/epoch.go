package network

import (
	"math/rand/v2"
	"slices"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/seed88f7e06c/relu/examples/mlp/mnist"
)

// Epoch goes once over all images, in random order, a step for each batch of
// them, and gives their mean loss.
func (n *Network) Epoch(images mnist.Set, batch int, rate float32, random *rand.Rand) float64 {
	var loss float64
	images.Batches(batch, random.Perm(images.Len()), func(x blas32.General, digits []uint8) {
		loss += n.step(x, digits, rate)
	})
	return loss / float64(images.Len())
}

// Evaluation is what a network made of a set of images.
type Evaluation struct {
	// Accuracy is the share of images whose digit scored highest.
	Accuracy float64
	// Silent is, for each layer but the last, how many units were positive for
	// no image. With relu and relu6 such a unit has no gradient: it is dead.
	Silent []int
}

// Evaluate shows the network all images.
func (n *Network) Evaluate(images mnist.Set) Evaluation {
	const batch = 1000
	var right int
	var spent time.Duration
	hidden := n.layers[:len(n.layers)-1]
	positive := make([][]bool, len(hidden))
	for i, l := range hidden {
		positive[i] = make([]bool, len(l.bias))
	}
	images.Batches(batch, nil, func(x blas32.General, digits []uint8) {
		scores := n.forward(x, &n.relu, &spent)
		for r, digit := range digits {
			row := scores.Data[r*scores.Stride:][:scores.Cols]
			if slices.Index(row, slices.Max(row)) == int(digit) {
				right++
			}
		}
		for i, l := range hidden {
			for j, v := range l.output.Data {
				if v > 0 {
					positive[i][j%len(l.bias)] = true
				}
			}
		}
	})
	e := Evaluation{Accuracy: float64(right) / float64(images.Len())}
	for _, units := range positive {
		silent := 0
		for _, p := range units {
			if !p {
				silent++
			}
		}
		e.Silent = append(e.Silent, silent)
	}
	return e
}
