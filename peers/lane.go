package main

import (
	"math/rand/v2"
	"slices"
	"time"
	"unsafe"
)

const (
	mostShort = 128       // elements of a short slice
	leastLong = 4 << 10   // bytes of a long one
	mostBytes = 256 << 20 // of the longest

	// leastMatrix is how much memory one pass goes over, row by row, in bytes:
	// less than any first-level cache, more than the clock's noise.
	leastMatrix = 16 << 10

	// mostWarm is the most memory, in bytes, that a turn warms up for.
	mostWarm = 8 << 20

	// pythonRows is the most rows of a pass in Python, where a short one takes
	// a thousand times as long.
	pythonRows = 64
)

// A peer is one way to do the work, relu among them.
type peer[T float32 | float64] struct {
	name    string
	inPlace func(x []T)
	to      func(dst, src []T) // nil if it has no such function
	// rows calls what inPlace does, directly, for each n elements of x.
	rows func(x []T, n int)
}

// A lane is an element type, with all that there is for it.
type lane interface {
	size() int // of an element in bytes
	measure(op string, n int, o options) (result, error)
	specials() ([]special, error)
}

type typedLane[T float32 | float64] struct {
	elem  string
	peers []peer[T]
	py    *python
	pool  []T // random numbers, half of them negative
}

func newLane[T float32 | float64](elem string, peers []peer[T], py *python) lane {
	l := typedLane[T]{elem, peers, py, make([]T, 1<<17)}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range l.pool {
		l.pool[i] = T(r.NormFloat64())
	}
	return l
}

func (l typedLane[T]) size() int { return int(unsafe.Sizeof(T(0))) }

// measure lets all peers take turns over rows of n elements.
func (l typedLane[T]) measure(op string, n int, o options) (result, error) {
	rows := max(1, leastMatrix/l.size()/n)
	x, y := make([]T, rows*n), []T(nil)
	if op == "To" {
		y = make([]T, rows*n)
		clear(y) // so that no turn waits for new pages
	}
	r := result{op: op, elem: l.elem, n: n, bytes: n * l.size()}
	var turns []func() (float64, error)
	for _, p := range l.peers {
		if n <= mostShort && p.name == parallel || op == "To" && p.to == nil {
			continue
		}
		pass := func() { p.rows(x, n) }
		if op == "To" {
			pass = func() {
				for i := 0; i+n <= len(x); i += n {
					p.to(y[i:i+n], x[i:i+n])
				}
			}
		}
		r.times = append(r.times, timing{peer: p.name})
		turns = append(turns, func() (float64, error) { return l.turn(x, pass) / float64(rows), nil })
	}
	if n > mostShort || o.all || slices.Contains(shownLengths, n) {
		for _, p := range l.py.peers {
			if n <= mostShort && p == "torch-2" {
				continue // PyTorch splits only what is longer
			}
			r.times = append(r.times, timing{peer: p, python: true})
			turns = append(turns, func() (float64, error) {
				return l.py.time(p, op, l.elem, n, min(rows, pythonRows))
			})
		}
	}

	// The order differs from round to round: a turn suffers from what the one
	// before leaves behind, such as a thread that spins.
	rounds := r.rounds(o.rounds)
	if o.again {
		rounds *= repeatedRounds
	}
	for range rounds {
		for _, i := range rand.Perm(len(turns)) {
			ns, err := turns[i]()
			if err != nil {
				return r, err
			}
			r.times[i].ns = append(r.times[i].ns, ns)
		}
	}
	return r, nil
}

// turn is how many nanoseconds a pass over x takes. The first, unless it is long,
// is not timed: it finds in the caches what the peer before has left there. Each
// pass gets fresh numbers, so that there are negative ones; those of short slices
// differ from pass to pass, lest branches on them are predicted from memory.
func (l typedLane[T]) turn(x []T, pass func()) float64 {
	fresh := leastLong / l.size()
	if len(x) <= leastMatrix/l.size() {
		fresh = len(x)
	}
	passes, warm := max(1, 16*leastMatrix/(len(x)*l.size())), 1
	if len(x)*l.size() > mostWarm {
		warm = 0
	}
	var total time.Duration
	for i := range warm + passes {
		from := l.pool[rand.IntN(len(l.pool)-fresh):][:fresh]
		for at := 0; at < len(x); at += fresh {
			copy(x[at:], from)
		}
		start := time.Now()
		pass()
		if took := time.Since(start); i >= warm {
			total += took
		}
	}
	return float64(total)/float64(passes) - clock
}

// clock is how many nanoseconds the clock says that nothing takes.
var clock = func() float64 {
	nothing := func() {}
	var all []float64
	for range 1001 {
		start := time.Now()
		nothing()
		all = append(all, float64(time.Since(start)))
	}
	return median(all)
}()

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
