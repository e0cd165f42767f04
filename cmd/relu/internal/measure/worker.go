package measure

import (
	"cmp"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"
	"unsafe"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
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
	Sample    benchfile.Sample
	Disturbed bool // the system took the CPU away meanwhile
	Error     string
}

const (
	// hotBytes are what the slices of short calls fill together: they are the
	// rows of a matrix that stays in the first-level cache.
	hotBytes = 16 << 10
	// minSection is the least that is timed at once, against reading the clock.
	// New data is made between sections, because a loop with branches would
	// learn the old; for an operation in place there would be no negative
	// number left. It is about what a plain loop takes for hotBytes.
	minSection = 2500 * time.Nanosecond
	// wallPerTimed bounds how long a sample takes, new data included, in
	// relation to what is timed of it.
	wallPerTimed = 4
	// fewSections have a median that one interruption does not shift. Only
	// sections longer than that many samples may be fewer.
	fewSections = 5
	// arenaAlign is the size of a large page. Where slices lie in it decides which
	// of a cache's sets they share, so it has to be the same in every process.
	arenaAlign = 2 << 20
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
		if r.Sample, r.Disturbed, err = w.sample(q); err != nil {
			r.Error = err.Error()
		}
		if err := replies.Encode(r); err != nil {
			return err
		}
	}
}

type worker struct {
	stopwatch
	random  *rand.PCG
	room    []uint64
	arrays  [3][]uint64 // of the calls of a point: dst, a and b, side by side in room
	laidOut layout
}

// layout is what the arrays of an operation hold.
type layout struct {
	data   ops.Pattern
	words  int // of an array
	arrays int
}

func newWorker() *worker {
	begun := time.Now()
	return &worker{
		random:    rand.NewPCG(1, 2),
		stopwatch: newStopwatch(func() time.Duration { return time.Since(begun) }),
	}
}

// sample times calls in sections, and gives their median, so that what
// interrupts a few of them does not count.
func (w *worker) sample(q request) (s benchfile.Sample, disturbed bool, err error) {
	p := q.Point
	op := ops.Find(p.Op, p.Type)
	if op == nil || p.N < 1 {
		return s, false, fmt.Errorf("there is no %v to measure", p)
	}
	calls, err := callsOf(op, p.Kernel)
	if err != nil {
		return s, false, err
	}
	if op.From > 0 { // its goroutines need the CPUs that others must not have
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU()))
	}

	bytes := p.N * ops.Size(p.Type)
	rows := max(1, hotBytes/op.Arrays/bytes)
	l := layout{ops.PatternOf(p.Type), (rows*bytes + 7) / 8, op.Arrays}
	w.layOut(l)
	args := ops.Rows{N: p.N, Count: rows, Dst: unsafe.Pointer(&w.arrays[0][0]), A: unsafe.Pointer(&w.arrays[1][0]), B: unsafe.Pointer(&w.arrays[2][0])}
	calls(args) // so that the caches hold what fits
	disturbed = w.disturbed(func() {
		section, passes := w.time(q.Time, func() { w.renew(l, p.Kernel) }, func() { calls(args) })
		s = benchfile.Sample{Calls: passes * rows, Nanoseconds: float64(section) / float64(passes*rows)}
	})
	return s, disturbed, nil
}

// disturbed reports whether this process did without a CPU for more than a
// fiftieth of the time that f takes, or the host of a virtual machine took time
// from it.
func (s stopwatch) disturbed(f func()) bool {
	stolen, begun := stolenTicks(), s.now()
	had, _ := processTime()
	f()
	now, known := processTime()
	wall := s.now() - begun
	return known && now-had < wall*49/50 || stolenTicks() != stolen
}

// stopwatch times what is done again and again.
type stopwatch struct {
	now     func() time.Duration
	reading time.Duration // what reading the clock adds to the time of a section
}

func newStopwatch(now func() time.Duration) stopwatch {
	s := stopwatch{now, time.Hour}
	for range 1000 {
		start := now()
		s.reading = min(s.reading, now()-start)
	}
	return s
}

// time gives the median time of sections that are of one number of passes.
// renew is done before each of them, and not timed.
func (s stopwatch) time(atLeast time.Duration, renew, pass func()) (median time.Duration, passes int) {
	passes = 1
	var times []time.Duration
	var timed, shortest time.Duration
	for begun := s.now(); len(times) < fewSections && shortest < fewSections*atLeast || timed < atLeast && s.now()-begun < atLeast*wallPerTimed; {
		renew()
		start := s.now()
		for range passes {
			pass()
		}
		t := max(1, s.now()-start-s.reading)
		if t < minSection {
			// What was timed with fewer passes, and was long enough because
			// something interrupted it, is of no use.
			passes *= 2
			times, timed, shortest = times[:0], 0, 0
			continue
		}
		timed += t
		times = append(times, t)
		shortest = min(cmp.Or(shortest, t), t)
	}
	slices.Sort(times)
	return times[(len(times)-1)/2], passes
}

// callsOf are what a point's name in a kernel's place stands for.
func callsOf(op *ops.Op, name string) (ops.Calls, error) {
	if kernel, ok := benchfile.Copied(name); ok {
		return op.Limit(kernel), nil
	}
	switch name {
	case benchfile.Loop:
		return op.Loop, nil
	case relu.Kernel():
		return op.Call, nil
	}
	return nil, fmt.Errorf("this process runs the kernel %s, not %s", relu.Kernel(), name)
}

// layOut puts arrays of so many words side by side, and data into the sources.
// In place there is dst alone; of two arrays, b has a row's room.
func (w *worker) layOut(l layout) {
	l.words = (l.words + 7) / 8 * 8 // a line of a cache, most likely
	const page = arenaAlign / 8
	if need := max(2, l.arrays)*l.words + ops.RowLength; w.room == nil || len(w.room)-w.start() < need {
		w.room, w.laidOut = nil, layout{}
		runtime.GC()
		w.room = make([]uint64, (need+page-1)/page*page+page)
		useLargePages(w.room[w.start():])
	}
	first := w.start()
	for i := range w.arrays {
		w.arrays[i] = w.room[first:][:l.words]
		switch {
		case i == 2 && l.arrays == 2:
			w.arrays[i] = w.room[first+2*l.words:][:ops.RowLength]
		case i < l.arrays:
			w.arrays[i] = w.room[first+i*l.words:][:l.words]
		}
	}
	// The sources of three arrays are those of two as well.
	if l == w.laidOut || l.arrays == 2 && w.laidOut == (layout{l.data, l.words, 3}) {
		return
	}
	w.laidOut = l
	for _, x := range w.sources(l) {
		l.data.Fill(w.random, x)
	}
}

// start is where the first large page of the room begins.
func (w *worker) start() int { return int(-uintptr(unsafe.Pointer(&w.room[0])) % arenaAlign / 8) }

// sources are what an operation reads.
func (w *worker) sources(l layout) [][]uint64 {
	if l.arrays == 1 {
		return w.arrays[:1]
	}
	return w.arrays[1:]
}

// renew makes new data. In place it is all of it for Go code, which can have
// branches; assembly has none and goes over its results again, because new data
// would take most of the time. Of sources that are not written it is as much as a
// predictor could learn.
func (w *worker) renew(l layout, kernel string) {
	assembly := kernel != benchfile.Loop && kernel != "generic"
	for _, x := range w.sources(l) {
		switch {
		case l.arrays > 1:
			l.data.Fill(w.random, x[:min(len(x), ops.RandomWords)])
		case !assembly:
			l.data.Fill(w.random, x)
		}
	}
}
