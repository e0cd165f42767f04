package measure

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// instant is a sampler that gives every sample a time of its own.
func instant(asked *[]turn) sampler {
	return func(kernel string, p benchfile.Point, _ time.Duration) (benchfile.Sample, error) {
		*asked = append(*asked, turn{kernel, p})
		return benchfile.Sample{Calls: 1, Nanoseconds: float64(len(*asked))}, nil
	}
}

func TestRounds(t *testing.T) {
	var asked []turn
	var passed, of time.Duration
	plan := Plan{Quick: true, Time: time.Hour, MaxBytes: 1 << 20, Progress: func(p, o time.Duration) { passed, of = p, o }}
	outcome, err := plan.run(context.Background(), instant(&asked))
	if err != nil {
		t.Fatal(err)
	}
	turns := plan.turns(relu.Kernels())
	if outcome.Points != len(turns) || outcome.AllPoints != len(turns) || len(asked) != wantRounds*len(turns) {
		t.Fatalf("%d samples of %d points of %d", len(asked), outcome.Points, outcome.AllPoints)
	}
	for round := range wantRounds {
		if !slices.Equal(asked[round*len(turns):][:len(turns)], turns) {
			t.Errorf("round %d is in another order", round)
		}
	}
	for i, turn := range turns {
		samples := outcome.Results.Samples(turn.point)
		if len(samples) != wantRounds || samples[1].Nanoseconds != float64(len(turns)+i+1) {
			t.Fatalf("%v has the samples %v", turn.point, samples)
		}
	}
	if passed <= 0 || passed != of {
		t.Errorf("at the end, %v of %v have passed", passed, of)
	}
}

// TestTurns wants what is compared measured one right after the other.
func TestTurns(t *testing.T) {
	kernels := relu.Kernels()
	for _, quick := range []bool{false, true} {
		turns := Plan{Quick: quick, MaxBytes: 256 << 20}.turns(kernels)
		seen := map[benchfile.Point]bool{}
		groups := 0
		for i, turn := range turns {
			if seen[turn.point] {
				t.Errorf("%v has two turns", turn.point)
			}
			seen[turn.point] = true
			first := turn.point
			first.Kernel = kernels[0]
			if turn.point == first {
				groups++
				for j, k := range append(slices.Clone(kernels), benchfile.Loop) {
					want := first
					want.Kernel = k
					if got := turns[i+j].point; got != want {
						t.Errorf("%v has its turn where %v should", got, want)
					}
				}
			}
		}
		lengths := func(op, typ string) (n int) {
			for p := range seen {
				if p.Op == op && p.Type == typ && p.Kernel == benchfile.Loop {
					n++
				}
			}
			return n
		}
		if quick {
			if lengths("InPlace", "float32") != 14 || lengths("Clip", "float64") != 0 {
				t.Errorf("a quick run has %d lengths of InPlace float32", lengths("InPlace", "float32"))
			}
		} else if lengths("InPlace", "int8") != 29 || lengths("Clip", "float64") != 25 {
			t.Errorf("a full run has %d lengths of InPlace int8 and %d of Clip float64", lengths("InPlace", "int8"), lengths("Clip", "float64"))
		}
		if biggest := slices.MaxFunc(turns, func(a, b turn) int { return a.point.N - b.point.N }).point; biggest.N != 256<<20 || biggest.Type != "int8" {
			t.Errorf("the longest slice is %v", biggest)
		}
		if groups < 50 {
			t.Errorf("%d lengths are measured", groups)
		}
	}
}

func TestTimeRunsOut(t *testing.T) {
	plan := Plan{Quick: true, Time: 20 * time.Millisecond, MaxBytes: 1 << 20}
	outcome, err := plan.run(context.Background(), func(string, benchfile.Point, time.Duration) (benchfile.Sample, error) {
		time.Sleep(time.Millisecond)
		return benchfile.Sample{Calls: 1, Nanoseconds: 1}, nil
	})
	if err != nil || outcome.Points == 0 || outcome.Points >= outcome.AllPoints || len(outcome.Results.Points()) != outcome.Points {
		t.Errorf("%d of %d points were measured, %v", outcome.Points, outcome.AllPoints, err)
	}
}

func TestInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var asked []turn
	sample := instant(&asked)
	plan := Plan{Quick: true, Time: time.Hour, MaxBytes: 1 << 20}
	outcome, err := plan.run(ctx, func(kernel string, p benchfile.Point, d time.Duration) (benchfile.Sample, error) {
		if len(asked) == 9 {
			cancel()
		}
		return sample(kernel, p, d)
	})
	if err != nil || outcome.Points != 10 {
		t.Errorf("%d points were measured, %v; want 10", outcome.Points, err)
	}
}

func TestWorkerFails(t *testing.T) {
	plan := Plan{Quick: true, Time: time.Hour, MaxBytes: 1 << 20}
	_, err := plan.run(context.Background(), func(string, benchfile.Point, time.Duration) (benchfile.Sample, error) {
		return benchfile.Sample{}, errors.New("out of order")
	})
	if err == nil || !strings.Contains(err.Error(), "out of order") || !strings.Contains(err.Error(), "InPlace") {
		t.Errorf("the error is %v", err)
	}
}

func TestNoWorker(t *testing.T) {
	_, err := Run(context.Background(), Plan{Time: time.Second, MaxBytes: 1 << 20}, []string{"./no-such-program"})
	if err == nil || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("the error is %v", err)
	}
}

func TestMaxBytes(t *testing.T) {
	const plenty = 1 << 40
	for _, c := range []struct {
		cache int
		free  uint64
		want  int
	}{
		{0, plenty, 256 << 20},
		{32 << 20, plenty, 256 << 20},
		{96 << 20, plenty, 1 << 30},
		{1 << 30, plenty, 1 << 30},
		{32 << 20, 0, 1 << 20},
	} {
		if got := MaxBytes(c.cache, c.free); got != c.want {
			t.Errorf("%d with a cache of %d and %d bytes free, want %d", got, c.cache, c.free, c.want)
		}
	}
	free := uint64(1 << 30)
	if got := MaxBytes(0, free); uint64(got*2*len(relu.Kernels())) > free/2 {
		t.Errorf("slices of %d bytes for %d workers leave less than half of %d free", got, len(relu.Kernels()), free)
	}
}

func TestClockChange(t *testing.T) {
	steady, changed := new(clock), new(clock)
	for i := range 100 {
		steady.readings = append(steady.readings, 100)
		changed.readings = append(changed.readings, time.Duration(100+25*(i/50)))
	}
	steady.readings[7] = 1000 // one interruption
	if got := steady.change(); got != 0 {
		t.Errorf("a steady clock changes by %g", got)
	}
	if got := changed.change(); math.Abs(got-0.2) > 1e-9 {
		t.Errorf("a clock that falls to 80%% changes by %g", got)
	}
	if got := new(clock).change(); got != 0 {
		t.Errorf("a clock that was not read changes by %g", got)
	}
	real := new(clock)
	real.read()
	if len(real.readings) != 1 || real.readings[0] <= 0 || real.readings[0] > time.Second {
		t.Errorf("a reading is %v", real.readings)
	}
}
