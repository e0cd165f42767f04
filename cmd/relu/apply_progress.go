package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long work takes before a bar shows how far it is.
const patience = time.Second

// progress counts the work on one array, and tells of it on a terminal. A nil
// *progress tells nothing.
type progress struct {
	terminal io.Writer
	name     string
	*header
	zeroes bool // whether the operation makes zeros
	start  time.Time
	bar    *progressbar.ProgressBar
	zeros  int64 // the elements that are zero
}

func newProgress(terminal io.Writer, name string, h *header, zeroes bool) *progress {
	p := &progress{terminal: terminal, name: name, header: h, zeroes: zeroes, start: time.Now()}
	p.bar = progressbar.NewOptions64(h.count*h.dtype.size,
		progressbar.OptionSetWriter(after{p.start.Add(patience), terminal}),
		progressbar.OptionSetDescription(filepath.Base(name)),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish())
	return p
}

// after writes from a point in time on.
type after struct {
	time.Time
	io.Writer
}

func (a after) Write(b []byte) (int, error) {
	if time.Now().Before(a.Time) {
		return len(b), nil
	}
	return a.Writer.Write(b)
}

// add counts a part that is rectified.
func (p *progress) add(part []byte) {
	if p == nil {
		return
	}
	if p.zeroes {
		p.zeros += zeros(part, p.dtype.size)
	}
	p.bar.Add64(int64(len(part)))
}

// close takes the bar away, and sums up the work unless it failed.
func (p *progress) close(err error) {
	if p == nil {
		return
	}
	p.bar.Clear()
	if err != nil {
		return
	}
	seconds := time.Since(p.start).Seconds()
	fmt.Fprintf(p.terminal, "%s: %d %s elements", p.name, p.count, p.dtype.name)
	if p.zeroes && p.count > 0 {
		fmt.Fprintf(p.terminal, ", %.1f%% zeroed", 100*float64(p.zeros)/float64(p.count))
	}
	gigabytes := float64(p.count*p.dtype.size) / 1e9
	fmt.Fprintf(p.terminal, ", %.2f s, %.2f GB/s\n", seconds, gigabytes/seconds)
}
