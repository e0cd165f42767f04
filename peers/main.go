// Peers runs max(0, x) by relu and by others in one process, in turn, and
// prints a table for short slices, one for long ones, one of what each makes of
// NaN and -0, and every loss.
//
//	go run . [-short-only | -long-only] [-all] [-rounds n] [-benchstat]
//
// Beside relu stands parallel, which is relu.Parallel, on long slices in place.
// The others are:
//
//   - loop, the plain Go loop, in a function that is not inlined;
//   - vek-zeros and vek, the two forms that github.com/viterin/vek has for it:
//     Maximum_Inplace with a slice of zeros, MaximumNumber_Inplace with 0;
//   - tphakala, ReLUInPlace and ReLU of github.com/tphakala/simd;
//   - archsimd, with GOEXPERIMENT=simd: a loop over the vectors of the standard
//     library's simd/archsimd, as one may write it by hand;
//   - numpy and torch-1, where Python has NumPy and PyTorch, and torch-2 on long
//     slices: PyTorch with one thread and with two, which in place is held against
//     parallel.
//
// Those of Python run in a child process, at the same lengths and in the same
// rounds. What is timed there is a call from Python, with all that it costs.
//
// A length at which relu loses is measured once more, with four times the rounds,
// and counts as that has it.
//
// Gonum has no such operation: its package floats has no elementwise maximum,
// and Apply of its package mat calls a function for each element, which is the
// plain loop with a call in it.
package main

import (
	"flag"
	"io"
	"log"
	"os"
)

// options are the command's flags.
type options struct {
	shortOnly, longOnly, all, benchstat bool
	again                               bool // with repeatedRounds times the rounds
	rounds                              int
	python                              string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("peers: ")
	var o options
	flag.BoolVar(&o.shortOnly, "short-only", false, "leave out the long slices")
	flag.BoolVar(&o.longOnly, "long-only", false, "leave out the short slices")
	flag.BoolVar(&o.all, "all", false, "print every short length; all are measured")
	flag.BoolVar(&o.benchstat, "benchstat", false, "print Go's benchmark format instead of tables")
	flag.IntVar(&o.rounds, "rounds", 100, "turns that each has at a short length; a long one gets fewer")
	flag.StringVar(&o.python, "python", "/usr/bin/python3", "the Python that may have NumPy and PyTorch")
	flag.Parse()
	switch {
	case flag.NArg() > 0:
		log.Fatalf("unexpected argument %q", flag.Arg(0))
	case o.rounds < 1:
		log.Fatalf("-rounds %d is less than 1", o.rounds)
	case o.shortOnly && o.longOnly:
		log.Fatal("-short-only and -long-only together leave nothing")
	}
	if err := run(os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

// repeatLosses measures a length, and once more by itself where relu loses, with
// more rounds. The first result does not count then.
func repeatLosses(l lane, op string, n int, o options) (result, error) {
	r, err := l.measure(op, n, o)
	if err != nil || len(r.losses()) == 0 {
		return r, err
	}
	lost := r.worst()
	o.again = true
	r, err = l.measure(op, n, o)
	r.lost = lost
	return r, err
}

func run(w io.Writer, o options) error {
	py, err := startPython(o.python)
	if err != nil {
		return err
	}
	defer py.close()
	// Pages that were never written to are all one page of zeros, which is
	// always in the cache.
	clear(zeros32)
	clear(zeros64)
	lanes := []lane{newLane("float32", peers32, py), newLane("float64", peers64, py)}

	var all []result
	measure := func(l lane, op string, n int) error {
		r, err := repeatLosses(l, op, n, o)
		all = append(all, r)
		return err
	}
	for _, l := range lanes {
		for n := 1; n <= mostShort && !o.longOnly; n++ {
			if err := measure(l, "InPlace", n); err != nil {
				return err
			}
		}
	}
	for _, op := range []string{"InPlace", "To"} {
		for _, l := range lanes {
			for bytes := leastLong; bytes <= mostBytes && !o.shortOnly; bytes *= 2 {
				if err := measure(l, op, bytes/l.size()); err != nil {
					return err
				}
			}
		}
	}

	if o.benchstat {
		return printBenchmarks(w, all)
	}
	printAbout(w, py)
	printShort(w, all, o.all)
	printLong(w, all)
	if err := printSpecials(w, lanes); err != nil {
		return err
	}
	printVerdict(w, all)
	return nil
}
