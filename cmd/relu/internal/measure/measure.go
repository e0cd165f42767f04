// Package measure times the operations of relu on this CPU: each kernel, the
// plain Go loop and the limit in turn.
package measure

import (
	"context"
	"fmt"
	"time"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// Plan says what to measure and for how long.
type Plan struct {
	Quick    bool          // a part of the operations, and every other length
	Time     time.Duration // never longer than this, and not much less
	MaxBytes int           // of all slices of a call
	// Progress is called after each sample with the time that has passed, and
	// that all will take as far as is known. It may be nil.
	Progress func(passed, of time.Duration)
}

const (
	// wantRounds is how many samples benchstat needs for a 95% confidence
	// interval.
	wantRounds  = 6
	leastSample = 100 * time.Microsecond
	mostSample  = 5 * time.Millisecond
)

// Outcome is what was measured.
type Outcome struct {
	Results *benchfile.Results
	// Rounds are those that were completed; Points of the plan were measured,
	// of AllPoints.
	Rounds, Points, AllPoints int
	// ClockChange is how much the clock speed changed in between, as a share.
	ClockChange float64
}

// Run starts workers as commands (the worker argument, which must call [Serve])
// and measures until the plan or the context is done; both give what was
// measured until then. It fails if a worker does.
func Run(ctx context.Context, plan Plan, worker []string) (Outcome, error) {
	crew, err := startCrew(worker, relu.Kernels())
	if err != nil {
		return Outcome{}, err
	}
	outcome, err := plan.run(ctx, crew.sample)
	if closeErr := crew.close(); err == nil {
		err = closeErr
	}
	return outcome, err
}

// sampler has a kernel's worker take a sample.
type sampler func(kernel string, p benchfile.Point, atLeast time.Duration) (benchfile.Sample, error)

// turn is a point and the kernel whose worker measures it.
type turn struct {
	worker string
	point  benchfile.Point
}

func (plan Plan) run(ctx context.Context, sample sampler) (Outcome, error) {
	start := time.Now()
	turns := plan.turns(relu.Kernels())
	atLeast := plan.Time / time.Duration(wantRounds*len(turns)) / wallPerTimed
	atLeast = min(max(atLeast, leastSample), mostSample)

	outcome := Outcome{AllPoints: len(turns)}
	measured := map[benchfile.Point][]benchfile.Sample{}
	var clock clock
	done, rounds := 0, wantRounds
measuring:
	for round := range wantRounds {
		for i, t := range turns {
			if ctx.Err() != nil || time.Since(start) > plan.Time {
				break measuring
			}
			if i == 0 || turns[i-1].point.N != t.point.N {
				clock.read()
			}
			s, err := sample(t.worker, t.point, atLeast)
			if err != nil {
				return Outcome{}, fmt.Errorf("%v: %w", t.point, err)
			}
			measured[t.point] = append(measured[t.point], s)
			done++
			if plan.Progress != nil {
				passed := time.Since(start)
				all := float64(passed) * float64(rounds*len(turns)) / float64(done)
				plan.Progress(passed, max(passed, min(plan.Time, time.Duration(all))))
			}
		}
		outcome.Rounds++
		// As many more rounds as there is time for, so that all points have the
		// same number of samples.
		each := time.Since(start) / time.Duration(round+1)
		rounds = min(wantRounds, round+1+int((plan.Time-time.Since(start))/each))
		if round+1 >= rounds {
			break
		}
	}

	outcome.Results = new(benchfile.Results)
	for _, t := range turns {
		if s := measured[t.point]; s != nil {
			outcome.Results.Add(t.point, s...)
			outcome.Points++
		}
	}
	outcome.ClockChange = clock.change()
	return outcome, nil
}

// turns are all points in the order of a round: what is to be compared, kernels,
// loop and limits, is measured one right after the other.
func (plan Plan) turns(kernels []string) []turn {
	step := 2
	if plan.Quick {
		step = 4
	}
	var turns []turn
	for _, c := range cases {
		if plan.Quick && !c.quick {
			continue
		}
		first := plan.MaxBytes / c.size()
		for first/step >= 1 {
			first /= step
		}
		for n := first; n*c.size()*c.arrays() <= plan.MaxBytes; n *= step {
			add := func(worker, name string) {
				turns = append(turns, turn{worker, benchfile.Point{Op: c.op, Type: c.typ, Kernel: name, N: n}})
			}
			for _, k := range kernels {
				add(k, k)
			}
			add(kernels[len(kernels)-1], benchfile.Loop)
			for _, k := range kernels {
				if n*c.size() >= leastCopy && hasLimit(k) {
					add(k, benchfile.Copy(k))
				}
			}
		}
	}
	return turns
}

// leastCopy is the least number of bytes that the limit's copies take.
const leastCopy = 8

// MaxBytes leaves this CPU's caches far behind, if memory has room for the
// slices of all workers: half of what is free.
func MaxBytes(lastCache int, free uint64) int {
	most := 256 << 20
	for most < 8*lastCache && most < 1<<30 {
		most *= 2
	}
	// A worker keeps the longest slice of each kind of call.
	each := uint64(2 * len(relu.Kernels()))
	for most > 1<<20 && uint64(most)*each > free/2 {
		most /= 2
	}
	return most
}
