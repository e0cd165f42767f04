package main

import (
	"fmt"
	"image/color"
	"io"
	"strconv"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/activity"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/canvas"
)

// The places in the picture. Its size is that of the canvas.
const (
	left, right = 50, canvas.Width - 20
	top, bottom = 76, canvas.Height - 62
	markHeight  = 8 // of what marks channels, below their shares
)

// maxColumns is how many channels the picture tells apart. Of more, each column
// shows one.
const maxColumns = 2 * (right - left)

// namedChannels is how many channels have room for their numbers.
const namedChannels = 32

var (
	black = color.NRGBA{0x20, 0x20, 0x20, 0xff}
	grey  = color.NRGBA{0xd0, 0xd0, 0xd0, 0xff}
	blue  = color.NRGBA{0x3d, 0x7a, 0xb8, 0xff}
)

// marks are how channels are marked that are worth it.
var marks = []struct {
	state activity.State
	text  string
	color color.NRGBA
}{
	{activity.Dead, "dead", color.NRGBA{0xc6, 0x28, 0x28, 0xff}},
	{activity.Nearly, "nearly dead", color.NRGBA{0xef, 0x8a, 0x00, 0xff}},
	{activity.Always, "always on", color.NRGBA{0x2e, 0x7d, 0x32, 0xff}},
}

// drawStats draws the share of elements above 0 by channel, the greatest last,
// for a file of that extension.
func drawStats(extension string, counts *activity.Counts, share float64) (io.WriterTo, error) {
	c, err := canvas.New(extension)
	if err != nil {
		return nil, err
	}
	order := worstFirst(counts)
	number := states(counts, share)
	c.Text(left, 26, canvas.Start, fmt.Sprintf("%d channels of %d elements, sorted", len(order), counts.Channels[0].Elements()), black)
	for i, m := range marks {
		x := left + []float64{0, 150, 390}[i]
		text := fmt.Sprintf("%d %s", number[m.state], m.text)
		if m.state == activity.Nearly {
			text += fmt.Sprintf(" (< %v%%)", 100*share)
		}
		c.Rect(x, 38, x+10, 48, m.color)
		c.Text(x+15, 48, canvas.Start, text, black)
	}
	c.Text(right, 48, canvas.End, "elements above 0, %", black)

	height := func(percent float64) float64 { return bottom - (bottom-top)*percent/100 }
	for percent := 0; percent <= 100; percent += 25 {
		y := height(float64(percent))
		c.Rect(left, y, right, y+1, grey)
		c.Text(left-6, y+4, canvas.End, strconv.Itoa(percent), black)
	}
	at := func(rank, of int) float64 { return left + (right-left)*float64(rank)/float64(of) }
	columns := min(len(order), maxColumns)
	for i := range columns {
		channel := &counts.Channels[order[i*len(order)/columns]]
		c.Rect(at(i, columns), height(100*float64(channel.Active)/float64(channel.Elements())), at(i+1, columns), bottom, blue)
	}
	// Those of a state lie together.
	for rank := 0; rank < len(order); {
		state := counts.Channels[order[rank]].State(share)
		for _, m := range marks {
			if m.state == state {
				// Also one in a million is to be seen.
				end := at(rank+number[state], len(order))
				c.Rect(min(at(rank, len(order)), end-1), bottom+3, end, bottom+3+markHeight, m.color)
			}
		}
		rank += number[state]
	}
	c.Rect(left, bottom, right, bottom+1, black)
	if len(order) > namedChannels {
		c.Text(left, bottom+28, canvas.Start, "1", black)
		c.Text(right, bottom+28, canvas.End, strconv.Itoa(len(order)), black)
		c.Text((left+right)/2, bottom+46, canvas.Middle, "channels, those that fire least first", black)
		return c, nil
	}
	for i, channel := range order {
		c.Text((at(i, len(order))+at(i+1, len(order)))/2, bottom+28, canvas.Middle, strconv.Itoa(channel), black)
	}
	c.Text((left+right)/2, bottom+46, canvas.Middle, "channel", black)
	return c, nil
}
