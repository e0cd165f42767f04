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

func TestRounds(t *testing.T) {
	plan := testPlan(6 * time.Minute)
	turns, _ := plan.turns()
	var passed time.Duration
	plan.Progress = func(p time.Duration) { passed = p }
	w := &madeUp{take: steady}
	outcome := w.run(t, plan)
	if outcome.Points != len(turns) || outcome.Agreed != len(turns) || outcome.Samples != len(w.asked) {
		t.Errorf("of %d points, %d were measured and %d agree, by %d samples of %d", len(turns), outcome.Points, outcome.Agreed, outcome.Samples, len(w.asked))
	}
	if len(w.renewed) < 4*fewSamples || len(w.renewed) > generations+fewSamples {
		t.Errorf("there were %d generations of processes", len(w.renewed))
	}
	// Six of them begin with all points in the same order.
	var rounds []int
	for _, first := range w.renewed {
		if same := func(a, b turn) bool { return a.worker == b.worker && a.point == b.point }; first+len(turns) <= len(w.asked) && slices.EqualFunc(w.asked[first:][:len(turns)], turns, same) {
			rounds = append(rounds, first)
		}
	}
	if len(rounds) < fewSamples || rounds[0] != 0 || rounds[len(rounds)-1] < len(w.asked)*3/4 {
		t.Errorf("of %d samples, these begin a round: %v", len(w.asked), rounds)
	}
	for _, turn := range turns {
		if got := len(outcome.Results.Samples(turn.point)); got != benchfile.Kept {
			t.Fatalf("%v has %d samples", turn.point, got)
		}
	}
	if passed < plan.Time*9/10 || passed > plan.Time*11/10 {
		t.Errorf("at the end, %v of %v have passed", passed, plan.Time)
	}
}

// TestNoise has a host that is slow for nine samples of ten, and one point that
// never agrees with itself.
func TestNoise(t *testing.T) {
	plan := testPlan(4 * time.Minute)
	turns, _ := plan.turns()
	restless := turns[3].point
	random := rand.New(rand.NewPCG(3, 4))
	w := &madeUp{}
	w.take = func(i int, t turn) (benchfile.Sample, bool, error) {
		ns := 100.0
		if random.IntN(10) > 0 {
			ns *= 1 + random.Float64()
		}
		if t.point == restless {
			ns = 1e6 / float64(i+1)
		}
		return benchfile.Sample{Calls: 1, Nanoseconds: ns}, false, nil
	}
	outcome := w.run(t, plan)
	asked := map[benchfile.Point]int{}
	for _, t := range w.asked {
		asked[t.point]++
	}
	wrong := 0
	for _, turn := range turns {
		if p := turn.point; p != restless && outcome.Results.Time(p) > 102 {
			wrong++
		}
	}
	if wrong > len(turns)/20 {
		t.Errorf("%d of %d points are off by more than 2%%", wrong, len(turns))
	}
	if mean := len(w.asked) / len(turns); asked[restless] < mean {
		t.Errorf("the point that does not agree was measured %d times, the others %d times on average", asked[restless], mean)
	}
}

// TestDisturbed wants no sample of those during which the CPU was taken away,
// unless there are too few others.
func TestDisturbed(t *testing.T) {
	plan := testPlan(4 * time.Minute)
	turns, _ := plan.turns()
	always := turns[0].point
	w := &madeUp{}
	n := map[benchfile.Point]int{}
	w.take = func(i int, t turn) (benchfile.Sample, bool, error) {
		n[t.point]++
		if t.point == always || n[t.point]%2 == 0 {
			return benchfile.Sample{Calls: 1, Nanoseconds: 50}, true, nil // fast, but not to be trusted
		}
		return benchfile.Sample{Calls: 1, Nanoseconds: 100}, false, nil
	}
	outcome := w.run(t, plan)
	if outcome.Disturbed < outcome.Samples/3 {
		t.Errorf("%d of %d samples count as disturbed", outcome.Disturbed, outcome.Samples)
	}
	for _, turn := range turns {
		got, want := outcome.Results.Samples(turn.point), 100.0
		if turn.point == always {
			want = 50
		}
		for _, s := range got {
			if s.Nanoseconds != want && n[turn.point] >= 2*fewSamples {
				t.Fatalf("%v has the samples %v", turn.point, got)
			}
		}
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
			case got < c.lengths || got > 5:
				t.Errorf("in %v, %s has %d lengths", c.time, o.Name, got)
			}
		}
		if long := c.time > time.Minute; long != (len(turns) == all) {
			t.Errorf("%v is enough for %d of %d points", c.time, len(turns), all)
		} else if long {
			for _, o := range ops.All {
				if lengths[o.Name+" "+o.Type] == 0 && (o.From == 0 || o.Type == "float32") {
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
		if got := len(outcome.Results.Samples(p)); got != fewSamples {
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
