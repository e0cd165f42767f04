// Package activity counts what the units of a layer do: how often each fires.
package activity

import (
	"fmt"
	"math"
	"strconv"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/npy"
	"github.com/x448/float16"
)

// Channel is what the elements of a channel are. Each is one of the first four;
// the infinities are counted among the active and the negative ones too.
type Channel struct {
	Active, Zero, Negative, NaN int64
	Inf                         int64
	min, max                    int64 // keys, of what is no NaN, if there is any
}

// Counts are those of all channels.
type Counts struct {
	Channels []Channel
	elements elements
	keys     []int64
}

// elements is how a type of elements is counted. Its keys are integers of the
// same order, and 0 for both zeros.
type elements struct {
	keys  func(keys []int64, part []byte)
	inf   int64 // the key of +Inf, beyond which is NaN; 0 where there are none
	value func(key int64) string
}

var types = map[string]elements{
	"float16":  {floatKeys[uint16](15), 0x7c00, floatText(func(b int64) float64 { return float64(float16.Frombits(uint16(b)).Float32()) }, 32)},
	"bfloat16": {floatKeys[uint16](15), 0x7f80, floatText(func(b int64) float64 { return float64(math.Float32frombits(uint32(b) << 16)) }, 32)},
	"float32":  {floatKeys[uint32](31), 0x7f800000, floatText(func(b int64) float64 { return float64(math.Float32frombits(uint32(b))) }, 32)},
	"float64":  {floatKeys[uint64](63), 0x7ff0 << 48, floatText(func(b int64) float64 { return math.Float64frombits(uint64(b)) }, 64)},
	"int8":     {intKeys[int8], 0, intText},
	"int16":    {intKeys[int16], 0, intText},
	"int32":    {intKeys[int32], 0, intText},
	"int64":    {intKeys[int64], 0, intText},
	"uint8":    {intKeys[uint8], 0, intText},
	"uint16":   {intKeys[uint16], 0, intText},
	"uint32":   {intKeys[uint32], 0, intText},
}

// floatKeys gives a float its magnitude's bits, with its sign.
func floatKeys[U uint16 | uint32 | uint64](sign int) func([]int64, []byte) {
	return func(keys []int64, part []byte) {
		for i, b := range npy.Elements[U](part) {
			magnitude, negative := int64(b&(1<<sign-1)), -int64(b>>sign)
			keys[i] = (magnitude ^ negative) - negative
		}
	}
}

func intKeys[I int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](keys []int64, part []byte) {
	for i, v := range npy.Elements[I](part) {
		keys[i] = int64(v)
	}
}

func floatText(fromBits func(int64) float64, size int) func(int64) string {
	return func(key int64) string {
		f := fromBits(max(key, -key))
		if key < 0 {
			f = -f
		}
		switch {
		case math.IsInf(f, 1):
			return "inf"
		case math.IsInf(f, -1):
			return "-inf"
		}
		return strconv.FormatFloat(f, 'g', -1, size)
	}
}

func intText(key int64) string { return strconv.FormatInt(key, 10) }

// maxChannels bounds the memory that the counts take, to a gigabyte.
const maxChannels = 1 << 24

// New is for so many channels of elements of that type.
func New(typ string, channels int64) (*Counts, error) {
	elements, ok := types[typ]
	switch {
	case !ok:
		return nil, fmt.Errorf("is %s, which is not counted", typ)
	case channels > maxChannels:
		return nil, fmt.Errorf("has %d channels, more than the %d that can be counted: --axis names another axis", channels, maxChannels)
	}
	c := &Counts{Channels: make([]Channel, channels), elements: elements}
	for i := range c.Channels {
		c.Channels[i].min, c.Channels[i].max = math.MaxInt64, math.MinInt64
	}
	return c, nil
}

// Add counts part of an array: elements at, at+1 and so on, of which inner
// neighbours share a channel.
func (c *Counts) Add(part []byte, size, at, inner int64) {
	n := int64(len(part)) / size
	if int64(len(c.keys)) < n {
		c.keys = make([]int64, n)
	}
	keys := c.keys[:n]
	c.elements.keys(keys, part)

	channels := int64(len(c.Channels))
	channel, into := at/inner%channels, at%inner
	for len(keys) > 0 {
		n := min(inner-into, int64(len(keys)))
		c.Channels[channel].add(keys[:n], c.elements.inf)
		keys, into = keys[n:], 0
		if channel++; channel == channels {
			channel = 0
		}
	}
}

// add counts without branches but for what is rare, for there is no telling
// whether the next one fires.
func (c *Channel) add(keys []int64, inf int64) {
	var zero, negative, nan, infinite int64
	least, most := c.min, c.max
	for _, k := range keys {
		if inf != 0 && (k >= inf || k <= -inf) {
			if k > inf || k < -inf {
				nan++
				continue
			}
			infinite++
		}
		negative += int64(uint64(k) >> 63)
		zero += int64(^uint64(k|-k) >> 63)
		least, most = min(least, k), max(most, k)
	}
	c.min, c.max = least, most
	c.Active += int64(len(keys)) - zero - negative - nan
	c.Zero += zero
	c.Negative += negative
	c.NaN += nan
	c.Inf += infinite
}

// Elements is how many there are of a channel.
func (c *Channel) Elements() int64 { return c.Active + c.Zero + c.Negative + c.NaN }

// Range is the least and the greatest element that is no NaN; "" if there is
// none.
func (c *Counts) Range(ch *Channel) (least, most string) {
	if ch.min > ch.max {
		return "", ""
	}
	return c.elements.value(ch.min), c.elements.value(ch.max)
}

// Total is the sum of all channels.
func (c *Counts) Total() Channel {
	t := Channel{min: math.MaxInt64, max: math.MinInt64}
	for _, ch := range c.Channels {
		t.Active += ch.Active
		t.Zero += ch.Zero
		t.Negative += ch.Negative
		t.NaN += ch.NaN
		t.Inf += ch.Inf
		t.min, t.max = min(t.min, ch.min), max(t.max, ch.max)
	}
	return t
}

// State is what can be said of a channel.
type State string

const (
	Dead   State = "dead"   // never above 0
	Nearly State = "nearly" // above 0 in less than a share of its elements
	Always State = "always" // above 0 in all of them
	Normal State = ""
)

// State is that of a channel, for a share of the elements that is nearly none.
func (c *Channel) State(nearly float64) State {
	switch n := c.Elements(); {
	case c.Active == 0:
		return Dead
	case float64(c.Active) < nearly*float64(n):
		return Nearly
	case c.Active == n:
		return Always
	}
	return Normal
}
