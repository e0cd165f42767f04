package main

import (
	"fmt"
	"strings"
)

// Census is what was counted in shards of one number of channels.
type Census struct {
	Shards int64 `json:"shards"`
	Rows   int64 `json:"rows"`
	// Active is, for each channel, how many elements are above 0. NaN is not.
	Active []int64 `json:"active"`
}

// Dead are the channels that are active in no row.
func (c Census) Dead() []int {
	dead := []int{}
	for channel, n := range c.Active {
		if n == 0 {
			dead = append(dead, channel)
		}
	}
	return dead
}

// Share is the share of elements that are active.
func (c Census) Share() float64 {
	var active int64
	for _, n := range c.Active {
		active += n
	}
	if active == 0 {
		return 0
	}
	return float64(active) / float64(c.Rows) / float64(len(c.Active))
}

func (c Census) String() string {
	dead := c.Dead()
	s := fmt.Sprintf("%d shards, %d rows of %d channels: %.2f%% active, %d channels dead",
		c.Shards, c.Rows, len(c.Active), 100*c.Share(), len(dead))
	if len(dead) > 0 {
		const shown = 10
		s += ": " + strings.Trim(fmt.Sprint(dead[:min(shown, len(dead))]), "[]")
		if len(dead) > shown {
			s += " ..."
		}
	}
	return s
}

// add adds what was counted elsewhere.
func (c *Census) add(other Census) {
	c.Shards += other.Shards
	c.Rows += other.Rows
	if c.Active == nil {
		c.Active = make([]int64, len(other.Active))
	}
	for channel, n := range other.Active {
		c.Active[channel] += n
	}
}

// addFn adds up. It is exact, in whatever order: all are integers.
type addFn struct{}

func (*addFn) CreateAccumulator() Census { return Census{} }

func (*addFn) AddInput(sum, c Census) Census {
	sum.add(c)
	return sum
}

func (*addFn) MergeAccumulators(sum, other Census) Census {
	sum.add(other)
	return sum
}
