package main

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed88f7e06c/relu"
)

// rounds is how often each batch is rectified in either way.
const rounds = 9

// rectifiers are what is compared: ours and the loop that it stands for.
var rectifiers = [...]struct {
	name    string
	rectify func([]float32)
}{
	{"relu.InPlace", relu.InPlace[float32]},
	{"plain Go loop", plainLoop},
}

func plainLoop(x []float32) {
	for i, v := range x {
		x[i] = max(0, v)
	}
}

// comparison is what was seen of all batches.
type comparison struct {
	activations, negative, zero int
	// elapsed is, for each rectifier and round, the time for all batches.
	elapsed [len(rectifiers)][rounds]time.Duration
	copies  [len(rectifiers)][]float32
}

// add rectifies copies of a batch of activations in either way. It fails if
// the results differ in a bit.
func (c *comparison) add(activations []float32) error {
	c.activations += len(activations)
	for _, v := range activations {
		if v < 0 {
			c.negative++
		} else if v == 0 {
			c.zero++
		}
	}
	for round := range rounds {
		for turn := range rectifiers {
			// Each goes first in every other round.
			which := (round + turn) % len(rectifiers)
			c.copies[which] = append(c.copies[which][:0], activations...)
			start := time.Now()
			rectifiers[which].rectify(c.copies[which])
			c.elapsed[which][round] += time.Since(start)
		}
	}
	return sameBits(activations, c.copies[0], c.copies[1])
}

// sameBits fails if a and b, made from the activations, differ in a bit. An ==
// would not tell -0 from +0.
func sameBits(activations, a, b []float32) error {
	for i, v := range activations {
		if x, y := math.Float32bits(a[i]), math.Float32bits(b[i]); x != y {
			return fmt.Errorf("%s and the %s differ: activation %v (%#08x) became %#08x and %#08x",
				rectifiers[0].name, rectifiers[1].name, v, math.Float32bits(v), x, y)
		}
	}
	return nil
}

// median is the median over the rounds of the time that a rectifier took.
func (c *comparison) median(which int) time.Duration {
	return slices.Sorted(slices.Values(c.elapsed[which][:]))[rounds/2]
}
