package measure

import (
	"cmp"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"
	"unsafe"

	"github.com/seed88f7e06c/relu"
	"github.com/seed88f7e06c/relu/internal/roofline"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// A process has one kernel, so each kernel has a worker: a process that
// measures what it is asked for on standard input and answers on standard
// output.

// request asks for a sample of a point.
type request struct {
	Point benchfile.Point
	Time  time.Duration // how much of it to time, if new data does not take too long
}

// reply is a sample, or says why there is none.
type reply struct {
	Sample benchfile.Sample
	Error  string
}

const (
	// hotBytes are what the slices of short calls fill together: they are the
	// rows of a matrix that stays in the first-level cache.
	hotBytes = 16 << 10
	// minSection is the least that is timed at once, against reading the clock.
	// New data is made between sections, because a loop with branches would
	// learn the old; for an operation in place there would be no negative
	// number left. It is about what a plain loop takes for hotBytes: the
	// kernels, which have no branch, go over the same data a few times.
	minSection = 2500 * time.Nanosecond
	// wallPerTimed bounds how long a sample takes, new data included, in
	// relation to what is timed of it.
	wallPerTimed = 4
	// fewSections have a median that one interruption does not shift. Only
	// sections longer than a sample may be fewer.
	fewSections = 5
	// randomBytes are made at random, and repeated: more than a branch
	// predictor remembers.
	randomBytes = 256 << 10
)

// Serve is the worker: it measures with the kernel that this process has until
// in ends.
func Serve(in io.Reader, out io.Writer) error {
	w := newWorker()
	requests, replies := gob.NewDecoder(in), gob.NewEncoder(out)
	for {
		var q request
		if err := requests.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var r reply
		var err error
		if r.Sample, err = w.sample(q); err != nil {
			r.Error = err.Error()
		}
		if err := replies.Encode(r); err != nil {
			return err
		}
	}
}

type worker struct {
	random  *rand.PCG
	dst     []uint64 // room for the slices of a case
	a, b    []uint64
	data    pattern       // of a and b
	reading time.Duration // what reading the clock adds to the time of a section
}

func newWorker() *worker {
	w := &worker{random: rand.NewPCG(1, 2), reading: time.Hour}
	for range 1000 {
		start := time.Now()
		w.reading = min(w.reading, time.Since(start))
	}
	return w
}

// sample times calls in sections. It is the median of the sections, so that
// what interrupts a few of them does not count.
func (w *worker) sample(q request) (benchfile.Sample, error) {
	p := q.Point
	c := findCase(p.Op, p.Type)
	if c == nil || p.N < 1 {
		return benchfile.Sample{}, fmt.Errorf("there is no %v to measure", p)
	}
	f, err := c.function(p.Kernel)
	if err != nil {
		return benchfile.Sample{}, err
	}

	bytes := p.N * c.size()
	rows := max(1, hotBytes/c.arrays()/bytes)
	words := (rows*bytes + 7) / 8
	w.makeRoom(c, words)
	pass := func() {
		dst, a, b := unsafe.Pointer(unsafe.SliceData(w.dst)), unsafe.Pointer(unsafe.SliceData(w.a)), unsafe.Pointer(unsafe.SliceData(w.b))
		if c.inPlace() {
			a, b = dst, dst
		}
		for i := range rows {
			f(unsafe.Add(dst, i*bytes), unsafe.Add(a, i*bytes), unsafe.Add(b, i*bytes), p.N)
		}
	}
	section := func(passes int) time.Duration {
		w.renew(c, words)
		start := time.Now()
		for range passes {
			pass()
		}
		return max(1, time.Since(start)-w.reading)
	}

	if !c.inPlace() {
		pass() // so that the caches hold what fits; in place, new data does that
	}
	var times []time.Duration
	var timed, shortest time.Duration
	passes := 1
	for begun := time.Now(); len(times) < fewSections && shortest < q.Time || timed < q.Time && time.Since(begun) < q.Time*wallPerTimed; {
		t := section(passes)
		if t < minSection {
			passes *= 2
			continue
		}
		timed += t
		times = append(times, t)
		shortest = min(cmp.Or(shortest, t), t)
	}
	slices.Sort(times)
	return benchfile.Sample{
		Calls:       len(times) * passes * rows,
		Nanoseconds: float64(times[len(times)/2]) / float64(passes*rows),
	}, nil
}

// function is what a point's name in a kernel's place stands for.
func (c *benchCase) function(name string) (function, error) {
	if kernel, ok := benchfile.Copied(name); ok {
		return c.limit(kernel), nil
	}
	switch name {
	case benchfile.Loop:
		return c.loop, nil
	case relu.Kernel():
		return c.call, nil
	}
	return nil, fmt.Errorf("this process runs the kernel %s, not %s", relu.Kernel(), name)
}

// makeRoom has slices of so many words ready, and sources with data.
func (w *worker) makeRoom(c *benchCase, words int) {
	if len(w.dst) < words {
		w.dst = make([]uint64, words)
	}
	if c.inPlace() || len(w.a) >= words && w.data == c.data {
		return
	}
	if len(w.a) < words {
		w.a, w.b = make([]uint64, words), make([]uint64, words)
	}
	w.data = c.data
	w.fill(w.a, w.data)
	w.fill(w.b, w.data)
}

// renew makes new data: all of it in place, and of sources, which are not
// written, as much as a predictor could learn.
func (w *worker) renew(c *benchCase, words int) {
	if c.inPlace() {
		w.fill(w.dst[:words], c.data)
		return
	}
	learnt := min(words, randomBytes/8)
	w.fill(w.a[:learnt], c.data)
	w.fill(w.b[:learnt], c.data)
}

// fill makes elements: as many as randomBytes at random, and the rest as
// copies of them.
func (w *worker) fill(x []uint64, p pattern) {
	random := x[:min(len(x), randomBytes/8)]
	for i := range random {
		random[i] = w.random.Uint64()&p.keep | p.set
	}
	for x = x[len(random):]; len(x) > 0; x = x[min(len(x), len(random)):] {
		copy(x, random)
	}
}

// hasLimit reports whether there is a limit for a kernel in this build.
func hasLimit(kernel string) bool {
	var x uint64
	return roofline.Copy(kernel, unsafe.Pointer(&x), unsafe.Pointer(&x), 8)
}
