package measure

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
)

// madeUp are workers with a clock of their own, which goes on by ten milliseconds
// with each sample.
type madeUp struct {
	passed  time.Duration
	asked   []turn
	renewed []int // the number of samples before each renewal
	take    func(i int, t turn) (s benchfile.Sample, disturbed bool, err error)
}

func (m *madeUp) renew() error {
	m.renewed = append(m.renewed, len(m.asked))
	return nil
}

func (m *madeUp) sample(kernel string, p benchfile.Point, _ time.Duration) (benchfile.Sample, bool, error) {
	m.passed += 10 * time.Millisecond
	m.asked = append(m.asked, turn{worker: kernel, point: p})
	return m.take(len(m.asked)-1, turn{worker: kernel, point: p})
}

// steady gives every sample the same time.
func steady(int, turn) (benchfile.Sample, bool, error) {
	return benchfile.Sample{Calls: 1, Nanoseconds: 100}, false, nil
}

func testPlan(time time.Duration) Plan {
	return Plan{Time: time, MaxBytes: 256 << 20, Kernels: relu.Kernels(), Chosen: relu.Kernel()}
}

// run has made-up workers carry out a plan.
func (m *madeUp) run(t *testing.T, plan Plan) Outcome {
	t.Helper()
	plan.clock = func() time.Duration { return m.passed }
	outcome, err := plan.run(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// TestRounds wants the samples of every point spread over the whole time.
func TestRounds(t *testing.T) {
	plan := testPlan(4 * time.Minute)
	turns, _ := plan.turns()
	slow := turns[len(turns)-1].point
	w := &madeUp{}
	w.take = func(i int, t turn) (benchfile.Sample, bool, error) {
		if t.point == slow {
			w.passed += 40 * time.Millisecond
		} else {
			w.passed -= time.Millisecond // of ten
		}
		return steady(i, t)
	}
	outcome := w.run(t, plan)
	if outcome.Points != len(turns) || outcome.Samples != len(w.asked) || outcome.Rounds != len(w.renewed) {
		t.Errorf("of %d points, %d were measured by %d samples of %d in %d rounds of %d", len(turns), outcome.Points, outcome.Samples, len(w.asked), outcome.Rounds, len(w.renewed))
	}
	// Each round has new processes, and all points: once those that take long.
	for i, first := range w.renewed[:len(w.renewed)-1] {
		count := map[benchfile.Point]int{}
		for _, a := range w.asked[first:w.renewed[i+1]] {
			count[a.point]++
		}
		for _, turn := range turns {
			want := passes
			if turn.point == slow {
				want = 1
			}
			if count[turn.point] != want {
				t.Fatalf("in round %d, %v has %d samples, want %d", i, turn.point, count[turn.point], want)
			}
		}
	}
	for _, turn := range turns {
		if got := len(outcome.Results.Samples(turn.point)); got != benchfile.Kept {
			t.Fatalf("%v has %d samples", turn.point, got)
		}
	}
	if w.passed < plan.Time*9/10 || w.passed > plan.Time*11/10 {
		t.Errorf("at the end, %v of %v have passed", w.passed, plan.Time)
	}
}

// TestNoise has a host that is slow for two thirds of the time, minutes on end, and
// for two thirds of the samples besides, and some processes that are lucky.
func TestNoise(t *testing.T) {
	plan := testPlan(9 * time.Minute)
	turns, _ := plan.turns()
	random := rand.New(rand.NewPCG(3, 4))
	w := &madeUp{}
	w.take = func(i int, t turn) (benchfile.Sample, bool, error) {
		w.passed -= time.Millisecond // of ten
		ns := 100.0
		switch {
		case len(w.renewed)%20 == 0:
			ns = 70
		case w.passed < plan.Time*2/3:
			ns = 130
		}
		if random.IntN(3) > 0 {
			ns *= 1 + random.Float64()
		}
		return benchfile.Sample{Calls: 1, Nanoseconds: ns}, false, nil
	}
	outcome := w.run(t, plan)
	wrong := 0
	for _, turn := range turns {
		if ns := outcome.Results.Time(turn.point); ns < 100 || ns > 105 {
			wrong++
		}
	}
	if wrong > len(turns)/20 {
		t.Errorf("%d of %d points are off by more than 5%%", wrong, len(turns))
	}
}

// TestKept wants the fastest third of the rounds, evenly, and of each round the
// best sample; and none of those during which the CPU was taken away, unless there
// are too few others.
func TestKept(t *testing.T) {
	times := func(all []benchfile.Sample) (ns []float64) {
		for _, s := range all {
			ns = append(ns, s.Nanoseconds)
		}
		return ns
	}
	take := func(rounds int, disturbed func(round int) bool) *samples {
		var s samples
		for i := range rounds {
			round := (i*7 + 3) % rounds // 7 divides none of the numbers of rounds
			for _, more := range []float64{5, 0, 90} {
				s.add(taken{benchfile.Sample{Calls: 1, Nanoseconds: 100 + float64(round) + more}, disturbed(round), i})
			}
		}
		return &s
	}
	never := func(int) bool { return false }
	for _, c := range []struct {
		rounds    int
		disturbed func(int) bool
		want      []float64
	}{
		{36, never, []float64{101, 103, 105, 107, 109, 111}},
		{18, never, []float64{100, 101, 102, 103, 104, 105}},
		{9, never, []float64{100, 101, 102, 103, 104, 105}},
		{4, never, []float64{100, 101, 102, 103}},
		{72, func(round int) bool { return round%2 == 0 }, []float64{103, 107, 111, 115, 119, 123}},
		{9, func(round int) bool { return round < 2 }, []float64{102, 103, 104, 105, 106, 107}},
		{9, func(round int) bool { return round < 5 }, []float64{100, 101, 105, 106, 107, 108}},
		{9, func(round int) bool { return round != 3 }, []float64{100, 101, 102, 103, 104, 105}},
	} {
		if got := times(take(c.rounds, c.disturbed).kept()); !slices.Equal(got, c.want) {
			t.Errorf("of %d rounds %v are kept, want %v", c.rounds, got, c.want)
		}
	}
	// An undisturbed sample is better than one that is faster.
	var s samples
	for _, x := range []taken{{benchfile.Sample{Nanoseconds: 90}, true, 0}, {benchfile.Sample{Nanoseconds: 100}, false, 0}, {benchfile.Sample{Nanoseconds: 80}, true, 0}} {
		s.add(x)
	}
	if got := times(s.kept()); !slices.Equal(got, []float64{100}) {
		t.Errorf("%v are kept, want 100", got)
	}
}

// TestTurns wants what is compared measured one right after the other, and all
// operations before all lengths.
func TestTurns(t *testing.T) {
	kernels := relu.Kernels()
	for _, c := range []struct {
		time          time.Duration
		lengths, most int // of most operations, and of InPlace float32
	}{
		{time.Second, 2, 20}, {6 * time.Second, 4, 30}, {4 * time.Minute, 5, 30},
	} {
		plan := testPlan(c.time)
		turns, all := plan.turns()
		seen := map[benchfile.Point]bool{}
		lengths := map[string]int{}
		for i, turn := range turns {
			p := turn.point
			if seen[p] {
				t.Errorf("%v has two turns", p)
			}
			seen[p] = true
			if p.Kernel == plan.Chosen {
				lengths[p.Op+" "+p.Type]++
			}
			if p.Kernel == benchfile.Loop {
				before := turns[i-1].point
				if before.Kernel = p.Kernel; before != p {
					t.Errorf("%v comes before %v", turns[i-1].point, p)
				}
			}
		}
		for _, o := range ops.All {
			got := lengths[o.Name+" "+o.Type]
			switch {
			case o.From > 0 || o.Type != "float32":
			case o.Name == "InPlace":
				if got < c.lengths || got > c.most {
					t.Errorf("in %v, InPlace has %d lengths", c.time, got)
				}
			case !slices.Contains(basicOps, o.Name):
				if got < 1 || c.time > time.Minute && got != 2 {
					t.Errorf("in %v, %s has %d lengths", c.time, o.Name, got)
				}
			case got < c.lengths || got > 5:
				t.Errorf("in %v, %s has %d lengths", c.time, o.Name, got)
			}
		}
		if long := c.time > time.Minute; long != (len(turns) == all) {
			t.Errorf("%v is enough for %d of %d points", c.time, len(turns), all)
		} else if long {
			for _, o := range ops.All {
				if o.Type == "float64" && (o.From > 0 || !slices.Contains(basicOps, o.Name)) {
					continue
				}
				if lengths[o.Name+" "+o.Type] == 0 {
					t.Errorf("%s %s is not measured", o.Name, o.Type)
				}
			}
			for n := 1; n <= 64<<20; n *= 4 {
				for _, k := range append(slices.Clone(kernels), benchfile.Loop) {
					if p := (benchfile.Point{Op: "InPlace", Type: "float32", Kernel: k, N: n}); !seen[p] {
						t.Errorf("%v is not measured", p)
					}
				}
			}
		}
	}
}

func TestTimeRunsOut(t *testing.T) {
	plan := testPlan(4 * time.Minute)
	turns, _ := plan.turns()
	w := &madeUp{}
	w.take = func(i int, t turn) (benchfile.Sample, bool, error) {
		w.passed += plan.Time / time.Duration(len(turns)/2)
		return steady(i, t)
	}
	outcome := w.run(t, plan)
	if outcome.Points == 0 || outcome.Points > outcome.AllPoints/2 || len(outcome.Results.Points()) != outcome.Points || w.passed > plan.Time*11/10 {
		t.Errorf("%d of %d points were measured in %v", outcome.Points, outcome.AllPoints, w.passed)
	}
}

// TestSlowMachine wants six samples of fewer points where all take more time than
// was thought.
func TestSlowMachine(t *testing.T) {
	plan := testPlan(4 * time.Minute)
	turns, _ := plan.turns()
	w := &madeUp{}
	w.take = func(i int, t turn) (benchfile.Sample, bool, error) {
		w.passed += plan.Time / time.Duration(3*len(turns))
		return steady(i, t)
	}
	outcome := w.run(t, plan)
	if outcome.Points < len(turns)/6 || outcome.Points > len(turns)/2 || w.passed > plan.Time*11/10 {
		t.Errorf("%d of %d points were measured in %v", outcome.Points, len(turns), w.passed)
	}
	for _, p := range outcome.Results.Points() {
		if got := len(outcome.Results.Samples(p)); got != benchfile.Kept {
			t.Errorf("%v has %d samples", p, got)
		}
	}
}

func TestInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &madeUp{}
	w.take = func(i int, t turn) (benchfile.Sample, bool, error) {
		if i == 9 {
			cancel()
		}
		return steady(i, t)
	}
	outcome, err := testPlan(time.Hour).run(ctx, w)
	if err != nil || outcome.Points != 10 {
		t.Errorf("%d points were measured, %v; want 10", outcome.Points, err)
	}
}

func TestWorkerFails(t *testing.T) {
	w := &madeUp{take: func(int, turn) (benchfile.Sample, bool, error) {
		return benchfile.Sample{}, false, errors.New("out of order")
	}}
	_, err := testPlan(time.Hour).run(context.Background(), w)
	if err == nil || !strings.Contains(err.Error(), "out of order") || !strings.Contains(err.Error(), "InPlace") {
		t.Errorf("the error is %v", err)
	}
}

func TestNoWorker(t *testing.T) {
	_, err := Run(context.Background(), testPlan(time.Second), []string{"./no-such-program"})
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
		if got := MaxBytes(c.cache, c.free, 4); got != c.want {
			t.Errorf("%d with a cache of %d and %d bytes free, want %d", got, c.cache, c.free, c.want)
		}
	}
	free := uint64(1 << 30)
	if got := MaxBytes(0, free, 4); uint64(got*4) > free/2 {
		t.Errorf("slices of %d bytes for 4 workers leave less than half of %d free", got, free)
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
