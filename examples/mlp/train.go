package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"github.com/seed88f7e06c/relu"
	"github.com/seed88f7e06c/relu/examples/mlp/mnist"
	"github.com/seed88f7e06c/relu/examples/mlp/network"
)

// settings are those of a training.
type settings struct {
	units   []int // of the hidden layers
	epochs  int
	batch   int
	rate    float64
	seed    uint64
	compare bool
}

// training is how it went with one activation.
type training struct {
	activation string
	epochs     []epoch // the first is before the training
}

// epoch is what there was to see after one.
type epoch struct {
	accuracy float64
	silent   int // units that were positive for no test image
}

// see is what there is to see now.
func see(n *network.Network, unseen mnist.Set) epoch {
	e := n.Evaluate(unseen)
	silent := 0
	for _, count := range e.Silent {
		silent += count
	}
	return epoch{e.Accuracy, silent}
}

// train trains a network and reports each epoch as it ends. It fails, with the
// epochs until then, if the loss is no longer a number.
func train(w io.Writer, a network.Activation, s settings, images, unseen mnist.Set) (training, error) {
	random := rand.New(rand.NewPCG(s.seed, 0))
	n := network.New(mnist.Pixels, append(s.units[:len(s.units):len(s.units)], mnist.Classes), a, random)
	n.Alternate = s.compare
	t := training{a.Name, []epoch{see(n, unseen)}}
	for i := range s.epochs {
		start := time.Now()
		loss := n.Epoch(images, s.batch, float32(s.rate), random)
		elapsed := time.Since(start)
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return t, fmt.Errorf("%s: the loss in epoch %d was %v: the rate %v is too high", a.Name, i+1, loss, s.rate)
		}
		e := see(n, unseen)
		t.epochs = append(t.epochs, e)
		fmt.Fprintf(w, "%-5s  epoch %2d  loss %.4f  accuracy %.2f%%  silent %d of %d  %.1f s\n",
			a.Name, i+1, loss, 100*e.accuracy, e.silent, s.hidden(), elapsed.Seconds())
	}
	fmt.Fprintf(w, "%-5s  weights %s  kernel %s  activation %s\n", a.Name, n.Fingerprint(), relu.Kernel(), shares(n))
	return t, nil
}

// shares tells what part of the steps' time the activation took.
func shares(n *network.Network) string {
	share := fmt.Sprintf("%.2f%% of the time by relu", 100*n.ByRelu.Share())
	if n.Alternate {
		share += fmt.Sprintf(", %.2f%% by plain loops: %.1f times as long", 100*n.ByLoop.Share(),
			float64(n.ByLoop.Activation)/float64(n.ByRelu.Activation))
	}
	return share
}

// hidden is how many units the hidden layers have together.
func (s settings) hidden() int {
	sum := 0
	for _, u := range s.units {
		sum += u
	}
	return sum
}
