// Command mlp trains a multilayer perceptron to read the handwritten digits of
// MNIST. The activations and their gradients are package relu's, the matrix
// products gonum's.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/seed88f7e06c/relu/examples/mlp/mnist"
	"github.com/seed88f7e06c/relu/examples/mlp/network"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mlp:", err)
		os.Exit(1)
	}
}

// run trains as the arguments ask for and writes what there is to say to w.
func run(w io.Writer, args []string) error {
	flags := flag.NewFlagSet("mlp", flag.ContinueOnError)
	names := flags.String("activation", "relu", "`"+strings.Join(network.Names(), "|")+"`; several, separated by commas, are trained in turn")
	slope := flags.Float64("slope", 0.1, "slope of leaky, and first slope of prelu")
	units := flags.String("units", "512", "units of the hidden layers, separated by commas")
	epochs := flags.Int("epochs", 5, "how often to go through the training set")
	batch := flags.Int("batch", 64, "images in a step")
	rate := flags.Float64("rate", 0.3, "learning rate")
	seed := flags.Uint64("seed", 1, "of the first weights and of the order of images")
	limit := flags.Int("images", 0, "use only the first `n` images of either set; 0 is all")
	compare := flags.Bool("compare", false, "take plain Go loops for the activation in every other step, and compare the time")
	picture := flags.String("draw", "", "draw the number of silent units after each epoch to this .png or .svg `file`")
	data := flags.String("data", "", "read the four .gz files of MNIST in this `folder`, not in that of GoMNIST")
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(w)
			flags.PrintDefaults()
			return nil
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("there are no arguments but the flags: %q", flags.Arg(0))
	}
	s := settings{epochs: *epochs, batch: *batch, rate: *rate, seed: *seed, compare: *compare}
	for _, part := range strings.Split(*units, ",") {
		u, err := strconv.Atoi(part)
		if err != nil || u < 1 {
			return fmt.Errorf("-units %s: %q is no number of units", *units, part)
		}
		s.units = append(s.units, u)
	}
	var activations []network.Activation
	for _, name := range strings.Split(*names, ",") {
		a, err := network.Parse(name, float32(*slope))
		if err != nil {
			return err
		}
		activations = append(activations, a)
	}
	switch {
	case *epochs < 1:
		return fmt.Errorf("-epochs %d: less than 1", *epochs)
	case *batch < 1:
		return fmt.Errorf("-batch %d: less than 1", *batch)
	case !(*rate > 0):
		return fmt.Errorf("-rate %v: not above 0", *rate)
	case !(*slope > 0):
		return fmt.Errorf("-slope %v: not above 0", *slope)
	case *limit < 0:
		return fmt.Errorf("-images %d: less than 0", *limit)
	}
	if *picture != "" {
		if err := drawable(*picture); err != nil {
			return err
		}
	}

	images, unseen, err := mnist.Load(*data)
	if err != nil {
		return err
	}
	if *limit > 0 {
		images, unseen = images.First(*limit), unseen.First(*limit)
	}
	var trainings []training
	var failures []error
	for _, a := range activations {
		t, err := train(w, a, s, images, unseen)
		if err != nil {
			failures = append(failures, err)
		}
		trainings = append(trainings, t)
	}
	if len(trainings) > 1 {
		fmt.Fprint(w, table(trainings, s.epochs))
	}
	if *picture != "" {
		if err := drawSilent(*picture, trainings, s); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// table is, in Markdown, the silent units and the accuracy before the training
// and after each epoch.
// Where a loss was no number there is a dash.
func table(trainings []training, epochs int) string {
	var b strings.Builder
	b.WriteString("\n| epoch |")
	for _, t := range trainings {
		fmt.Fprintf(&b, " %s |", t.activation)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(trainings)) + "\n")
	for i := range epochs + 1 {
		fmt.Fprintf(&b, "| %d |", i)
		for _, t := range trainings {
			if i < len(t.epochs) {
				fmt.Fprintf(&b, " %d (%.2f%%) |", t.epochs[i].silent, 100*t.epochs[i].accuracy)
			} else {
				b.WriteString(" - |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
