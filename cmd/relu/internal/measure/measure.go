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
	// leastRounds give a point as many samples as a file keeps of it.
	leastRounds = benchfile.Kept
	leastSample = 200 * time.Microsecond
	mostSample  = 400 * time.Microsecond
	// bytesPerNanosecond are about what new data and the plain loop take of a long
	// slice.
	bytesPerNanosecond = 1
	// A round passes several times over the points whose sample takes less than
	// quickSample, unless it would then take more than a sixth of the time.
	quickSample = 10 * time.Millisecond
	passes      = 3
)

// Outcome is what was measured.
type Outcome struct {
	Results *benchfile.Results
	// Points of the plan were measured, of AllPoints that there are, in so many
	// Rounds.
	Points, AllPoints, Rounds int
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

// samples are those of one point: the best of each round.
type samples struct {
	best        []taken
	spent, last time.Duration // on all samples, and on the last one
}

// taken is a sample of a round, during which the system may have taken the CPU
// away.
type taken struct {
	benchfile.Sample
	disturbed bool
	round     int
}

func (s *samples) add(x taken) {
	last := len(s.best) - 1
	if last < 0 || s.best[last].round != x.round {
		s.best = append(s.best, x)
		return
	}
	b := &s.best[last]
	if x.disturbed == b.disturbed && x.Nanoseconds < b.Nanoseconds || !x.disturbed && b.disturbed {
		*b = x
	}
}

// kept are the samples of the file: of the fastest third of the rounds as many as a
// file keeps, evenly, so that their median is about the sixth part of all. Samples
// during which the system took the CPU away are among them only if there are too
// few others.
func (s *samples) kept() []benchfile.Sample {
	var clean, disturbed []benchfile.Sample
	for _, x := range s.best {
		if x.disturbed {
			disturbed = append(disturbed, x.Sample)
		} else {
			clean = append(clean, x.Sample)
		}
	}
	if lack := leastRounds - len(clean); lack > 0 {
		clean = append(clean, benchfile.Fastest(disturbed, lack)...)
	}
	third := benchfile.Fastest(clean, max(benchfile.Kept, len(clean)/3))
	if len(third) <= benchfile.Kept {
		return third
	}
	var kept []benchfile.Sample
	for i := range benchfile.Kept {
		kept = append(kept, third[(2*i+1)*len(third)/(2*benchfile.Kept)])
	}
	return kept
}

// affordable are the turns of as many levels as can have the least number of rounds
// in the time that is left, by what the first has taken.
func affordable(left time.Duration, turns []turn, measured []samples) (kept []turn, theirs []samples) {
	spent := map[int]time.Duration{}
	for i, t := range turns {
		spent[t.level] += (leastRounds - 1) * measured[i].spent
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

// run has all points take their turns in rounds, each with new processes, until
// the plan's time is over.
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
	atLeast := min(max(plan.Time/time.Duration(2*leastRounds*max(1, len(turns)))/wallPerTimed, leastSample), mostSample)

	// pass samples the points that are wanted.
	pass := func(wanted func(*samples) bool) error {
		n := 0
		for i, t := range turns {
			if ctx.Err() != nil || passed() > plan.Time {
				break
			}
			m := &measured[i]
			if !wanted(m) {
				continue
			}
			if n != t.point.N {
				n = t.point.N
				steadiness.read()
			}
			begun := passed()
			s, disturbed, err := w.sample(t.worker, t.point, atLeast)
			if err != nil {
				return fmt.Errorf("%v: %w", t.point, err)
			}
			m.last = passed() - begun
			m.spent += m.last
			m.add(taken{s, disturbed, outcome.Rounds})
			outcome.Samples++
			if disturbed {
				outcome.Disturbed++
			}
			if plan.Progress != nil {
				plan.Progress(passed())
			}
		}
		return nil
	}
	everyone := func(*samples) bool { return true }
	quick := func(s *samples) bool { return s.last < quickSample }
	for ; ctx.Err() == nil && passed() < plan.Time; outcome.Rounds++ {
		if err := w.renew(); err != nil {
			return Outcome{}, err
		}
		if err := pass(everyone); err != nil {
			return Outcome{}, err
		}
		if outcome.Rounds == 0 && ctx.Err() == nil {
			turns, measured = affordable(plan.Time-passed(), turns, measured)
		}
		for n := 1; n < passes && passed() < plan.Time*time.Duration(outcome.Rounds+1)/leastRounds; n++ {
			if err := pass(quick); err != nil {
				return Outcome{}, err
			}
		}
	}

	outcome.Results = new(benchfile.Results)
	for i, t := range turns {
		if kept := measured[i].kept(); kept != nil {
			outcome.Results.Add(t.point, kept...)
			outcome.Points++
		}
	}
	outcome.ClockChange = steadiness.change()
	return outcome, nil
}
