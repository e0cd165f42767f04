package measure

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
)

// Plan says what to measure and for how long.
type Plan struct {
	Time     time.Duration // not much longer than this, and not much less
	MaxBytes int           // of all slices of a call
	Kernels  []string      // that run here, the best first
	Chosen   string        // the kernel that relu chooses
	// Progress is called after each sample with the time that has passed. It may
	// be nil.
	Progress func(passed time.Duration)

	clock func() time.Duration // a made-up one, in tests
}

// turn is a point and the kernel whose worker measures it.
type turn struct {
	worker string
	point  benchfile.Point
	level  int
}

// The operation that is measured by every kernel and at every length.
const (
	mainOp   = "InPlace"
	mainType = "float32"
)

// basicOps are measured on float64 too, and on float32 at five lengths; others at
// two, in a cache and beyond.
var basicOps = []string{mainOp, "To", "Leaky", "PReLU", "Clip", "Bias", "Add", "Grad", "LeakyGrad", "PReLUGrad", "ClipGrad"}

func isMain(op *ops.Op) bool { return op.Name == mainOp && op.Type == mainType }

// level is a length at which operations are measured. A run that is too short
// for all of them leaves out the last ones, and no operation alone.
type level struct {
	n   int // elements, or inMemory
	ops func(*ops.Op) bool
	all bool // by every kernel if it is the main operation, not by the chosen one alone
}

// inMemory stands for slices that fill a quarter of MaxBytes each: there are up
// to three.
const inMemory = 0

func (plan Plan) levels() []level {
	ofMain := func(op *ops.Op) bool { return op.Type == mainType }
	basic := func(op *ops.Op) bool { return ofMain(op) && slices.Contains(basicOps, op.Name) }
	ofOthers := func(op *ops.Op) bool {
		return op.Type != mainType && (op.Type != "float64" || slices.Contains(basicOps, op.Name))
	}
	levels := []level{
		// Of float32, these lengths lie in the middle of what today's caches hold.
		{1 << 10, ofMain, true}, {32, basic, true}, {32 << 10, basic, true}, {1 << 20, basic, true},
		{inMemory, isMain, true}, {inMemory, ofMain, true},
		{1 << 10, ofOthers, true}, {32, func(op *ops.Op) bool { return ofOthers(op) && op.Name == mainOp }, true},
		{4 << 20, func(op *ops.Op) bool { return ofMain(op) && op.From > 0 }, true},
	}
	for _, all := range []bool{true, false} {
		first := 1
		if !all {
			first = 2
		}
		for n := first; n <= plan.MaxBytes/ops.Size(mainType); n *= 4 {
			levels = append(levels, level{n, isMain, all})
		}
	}
	return levels
}

// turns are the points of as many levels as the time is enough for, in the order
// in which they are measured.
func (plan Plan) turns() (turns []turn, all int) {
	type contest struct {
		op *ops.Op
		n  int
	}
	var contests []contest
	byContest := map[contest][]turn{}
	left := plan.Time
	for i, level := range plan.levels() {
		var found []contest
		var cost time.Duration
		for o := range ops.All {
			c := contest{&ops.All[o], level.n}
			size := ops.Size(c.op.Type)
			if c.n == inMemory {
				c.n = plan.MaxBytes / 4 / size
			}
			bytes := c.n * size
			if !level.ops(c.op) || bytes < max(1, c.op.From) || bytes*c.op.Arrays > plan.MaxBytes || byContest[c] != nil {
				continue
			}
			byContest[c] = plan.contestants(c.op, c.n, level.all)
			for j := range byContest[c] {
				byContest[c][j].level = i
			}
			all += len(byContest[c])
			cost += leastRounds * time.Duration(len(byContest[c])) * (leastSample*wallPerTimed + time.Duration(bytes*c.op.Arrays)/bytesPerNanosecond)
			found = append(found, c)
		}
		if cost <= left {
			left -= cost
			contests = append(contests, found...)
		}
	}
	// Workers keep the data of sources while the length stays the same.
	bytes := func(c contest) int { return c.n * ops.Size(c.op.Type) }
	slices.SortStableFunc(contests, func(a, b contest) int {
		return cmp.Or(cmp.Compare(bytes(a), bytes(b)), cmp.Compare(a.op.Type, b.op.Type))
	})
	for _, c := range contests {
		turns = append(turns, byContest[c]...)
	}
	return turns, all
}

// leastLimit is how many bytes slices have that are held against the limit: shorter
// ones have another way than the copy's loop.
const leastLimit = 256

// contestants are what is to be compared of an operation at a length. They take
// their turns one right after the other.
func (plan Plan) contestants(op *ops.Op, n int, all bool) (turns []turn) {
	add := func(worker, name string) {
		turns = append(turns, turn{worker: worker, point: benchfile.Point{Op: op.Name, Type: op.Type, Kernel: name, N: n}})
	}
	for _, k := range plan.Kernels {
		if k == plan.Chosen || all && isMain(op) {
			add(k, k)
		}
	}
	add(plan.Kernels[len(plan.Kernels)-1], benchfile.Loop)
	least := ops.LeastCopy
	if !isMain(op) {
		least = leastLimit
	}
	if n*ops.Size(op.Type) >= least && ops.HasLimit(plan.Chosen) {
		add(plan.Chosen, benchfile.Copy(plan.Chosen))
	}
	return turns
}

// MaxBytes leaves this CPU's caches far behind, if memory has room for the
// slices of all workers: half of what is free.
func MaxBytes(lastCache int, free uint64, workers int) int {
	most := 256 << 20
	for most < 8*lastCache && most < 1<<30 {
		most *= 2
	}
	for most > 1<<20 && uint64(most)*uint64(workers) > free/2 {
		most /= 2
	}
	return most
}
