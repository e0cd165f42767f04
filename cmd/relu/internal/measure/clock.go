package measure

import (
	"slices"
	"time"
)

// clock tells how steady the CPU's clock is, by the time of a chain of
// multiplications, each of which waits for the one before. It sees what changes
// the clock's speed and what takes the CPU away, in a virtual machine too.
type clock struct{ readings []time.Duration }

const (
	chainLength = 30_000
	// A reading is the shortest of a few, so that an interruption is not one.
	chainRepeats = 3
)

var chainEnd uint64 // so that the chain is not left out

func (c *clock) read() {
	shortest := time.Hour
	for range chainRepeats {
		start := time.Now()
		x := chainEnd
		for range chainLength {
			x = x*6364136223846793005 + 1
		}
		chainEnd = x
		shortest = min(shortest, time.Since(start))
	}
	c.readings = append(c.readings, shortest)
}

// change is by how much the clock was slower at times, as a share: the 95th
// percentile of the readings against the 5th.
func (c *clock) change() float64 {
	if len(c.readings) == 0 {
		return 0
	}
	slices.Sort(c.readings)
	at := func(percent int) float64 { return float64(c.readings[len(c.readings)*percent/100]) }
	return 1 - at(5)/at(95)
}
