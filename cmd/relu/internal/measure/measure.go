// Package measure times the operations of relu on this CPU: each kernel, the
// plain Go loop and the limit in turn.
package measure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

const (
	// fewSamples are what benchstat needs for a 95% confidence interval. A point
	// has as many in the file, its fastest.
	fewSamples  = benchfile.Kept
	leastSample = 200 * time.Microsecond
	mostSample  = 400 * time.Microsecond
	// bytesPerNanosecond are about what new data and the plain loop take of a long
	// slice.
	bytesPerNanosecond = 1
	// agreement is what a point's fastest samples may differ by.
	agreement = 0.02
	// mostShare of the time that it had if all had the same is what a point gets
	// that does not agree.
	mostShare = 5
	// generations of processes, at most, measure one after the other.
	generations = 48
)

// Outcome is what was measured.
type Outcome struct {
	Results *benchfile.Results
	// Points of the plan were measured, of AllPoints that there are. Agreed are
	// those whose fastest samples agree.
	Points, AllPoints, Agreed int
	// Samples were taken, and the system took the CPU away during Disturbed of
	// them.
	Samples, Disturbed int
	// ClockChange is how much the clock speed changed in between, as a share.
	ClockChange float64
}

// workers take samples.
type workers interface {
	// renew has new processes work: where the memory of a process lies in the
	// caches is a matter of luck.
	renew() error
	sample(kernel string, p benchfile.Point, atLeast time.Duration) (s benchfile.Sample, disturbed bool, err error)
}

// Run starts workers as commands (the worker argument, which must call [Serve])
// and measures until the plan or the context is done; both give what was
// measured until then. It fails if a worker does.
func Run(ctx context.Context, plan Plan, worker []string) (Outcome, error) {
	crew := &crew{command: worker, kernels: plan.Kernels}
	outcome, err := plan.run(ctx, crew)
	if closeErr := crew.close(); err == nil {
		err = closeErr
	}
	return outcome, err
}

// samples are the fastest of one point, and the time that taking all took.
type samples struct {
	clean, disturbed []benchfile.Sample
	spent            time.Duration
}

func (s *samples) add(x benchfile.Sample, disturbed bool) {
	to := &s.clean
	if disturbed {
		to = &s.disturbed
	}
	*to = benchfile.Fastest(append(*to, x), fewSamples)
}

// fastest are as many as a file keeps. Samples during which the system took the
// CPU away are among them only if there are too few others.
func (s *samples) fastest() []benchfile.Sample {
	return append(s.clean[:len(s.clean):len(s.clean)], s.disturbed[:min(len(s.disturbed), fewSamples-len(s.clean))]...)
}

// agree reports whether the fastest samples are so close together that others
// would hardly be faster.
func (s *samples) agree() bool {
	kept := benchfile.Fastest(s.fastest(), fewSamples)
	return len(kept) == fewSamples && benchfile.Time(kept) <= (1+agreement)*kept[0].Nanoseconds
}

// affordable are the turns of as many levels as can have their other rounds in the
// time that is left, by what the first has taken.
func affordable(left time.Duration, turns []turn, measured []samples) (kept []turn, theirs []samples) {
	spent := map[int]time.Duration{}
	for i, t := range turns {
		spent[t.level] += (fewSamples - 1) * measured[i].spent
	}
	levels := 0
	for ; levels <= slices.Max(slices.Collect(maps.Keys(spent))) && spent[levels] <= left; levels++ {
		left -= spent[levels]
	}
	for i, t := range turns {
		if t.level < max(1, levels) && measured[i].spent > 0 {
			kept = append(kept, t)
			theirs = append(theirs, measured[i])
		}
	}
	return kept, theirs
}

// run gives every point its samples in rounds that are spread over the time of
// the plan. In between, the points whose fastest samples do not agree get more,
// up to a multiple of their share of the time, and then the others up to their share.
func (plan Plan) run(ctx context.Context, w workers) (Outcome, error) {
	passed := plan.clock
	if passed == nil {
		start := time.Now()
		passed = func() time.Duration { return time.Since(start) }
	}
	turns, all := plan.turns()
	outcome := Outcome{AllPoints: all}
	measured := make([]samples, len(turns))
	var steadiness clock
	atLeast := min(max(plan.Time/time.Duration(2*fewSamples*max(1, len(turns)))/wallPerTimed, leastSample), mostSample)

	// pass samples the points that are wanted, if there are any, until a time.
	pass := func(until time.Duration, wanted func(*samples) bool) (any bool, err error) {
		n := 0
		for i, t := range turns {
			if ctx.Err() != nil || passed() > until {
				break
			}
			m := &measured[i]
			if !wanted(m) {
				continue
			}
			any = true
			if n != t.point.N {
				n = t.point.N
				steadiness.read()
			}
			begun := passed()
			s, disturbed, err := w.sample(t.worker, t.point, atLeast)
			if err != nil {
				return any, fmt.Errorf("%v: %w", t.point, err)
			}
			m.spent += passed() - begun
			m.add(s, disturbed)
			outcome.Samples++
			if disturbed {
				outcome.Disturbed++
			}
			if plan.Progress != nil {
				plan.Progress(passed())
			}
		}
		return any, nil
	}
	share := func() time.Duration { return passed() / time.Duration(len(turns)) }
	everyone := func(*samples) bool { return true }
	disagreeing := func(s *samples) bool { return !s.agree() && s.spent < mostShare*share() }
	behind := func(s *samples) bool { return s.spent <= share() }
	for round := range fewSamples {
		if err := w.renew(); err != nil {
			return Outcome{}, err
		}
		renewed := passed()
		more, err := pass(plan.Time, everyone)
		if round == 0 && ctx.Err() == nil {
			turns, measured = affordable(plan.Time-passed(), turns, measured)
		}
		for until := plan.Time * time.Duration(round+1) / fewSamples; more && err == nil && ctx.Err() == nil && passed() < until; {
			if passed()-renewed > plan.Time/generations {
				err, renewed = w.renew(), passed()
			}
			if err == nil {
				more, err = pass(until, disagreeing)
			}
			if err == nil && !more {
				more, err = pass(until, behind)
			}
		}
		if err != nil {
			return Outcome{}, err
		}
	}

	outcome.Results = new(benchfile.Results)
	for i, t := range turns {
		if s := measured[i].fastest(); s != nil {
			outcome.Results.Add(t.point, s...)
			outcome.Points++
			if measured[i].agree() {
				outcome.Agreed++
			}
		}
	}
	outcome.ClockChange = steadiness.change()
	return outcome, nil
}
