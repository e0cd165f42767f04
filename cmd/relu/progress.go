package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// When a line shows how far the work is, and how often it changes.
const (
	patience = time.Second
	interval = 100 * time.Millisecond
)

// progress shows on a terminal how far the work on one file is, in one line of
// it. A nil *progress shows nothing.
type progress struct {
	terminal io.Writer
	width    func() int // of the terminal, which may change
	name     string
	bytes    int64 // all there is to do
	start    time.Time
	done     atomic.Int64
	phase    atomic.Pointer[string] // what goes on once all is done
	stop     chan struct{}
	stopped  sync.WaitGroup
}

// newProgress is nil unless standard error is a terminal.
func newProgress(name string, bytes int64) *progress {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	return startProgress(os.Stderr, func() int { return terminalWidth(os.Stderr) }, name, bytes, patience)
}

func startProgress(terminal io.Writer, width func() int, name string, bytes int64, patience time.Duration) *progress {
	p := &progress{terminal: terminal, width: width, name: printable(filepath.Base(name)), bytes: bytes, start: time.Now(), stop: make(chan struct{})}
	p.stopped.Go(func() { p.show(patience) })
	return p
}

// terminalWidth is the width of a terminal, or a usual one's.
func terminalWidth(f *os.File) int {
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}

// add counts bytes that are done.
func (p *progress) add(bytes int) {
	if p != nil {
		p.done.Add(int64(bytes))
	}
}

// then says what goes on now, for which there is no measure.
func (p *progress) then(phase string) {
	if p != nil {
		p.phase.Store(&phase)
	}
}

// close takes the line away.
func (p *progress) close() {
	if p != nil {
		close(p.stop)
		p.stopped.Wait()
	}
}

// dots stand for what is taken out of a name.
const dots = "..."

const clearLine = "\r\x1b[K"

func (p *progress) show(patience time.Duration) {
	select {
	case <-p.stop:
		return
	case <-time.After(patience):
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		// The last column stays free: some terminals go on to the next line there.
		fmt.Fprint(p.terminal, clearLine, p.line(p.width()-1, time.Since(p.start)))
		select {
		case <-p.stop:
			fmt.Fprint(p.terminal, clearLine)
			return
		case <-tick.C:
		}
	}
}

// line is what to show in so many columns: as much of it as fits.
func (p *progress) line(width int, passed time.Duration) string {
	done := p.done.Load()
	share := float64(done) / float64(max(1, p.bytes))
	parts := []string{fmt.Sprintf("%3.0f%%", 100*share)}
	if phase := p.phase.Load(); phase != nil {
		parts = []string{*phase, passed.Round(time.Second).String()}
	} else {
		rate := float64(done) / passed.Seconds()
		parts = append(parts, fmt.Sprintf("%s of %s", amount(float64(done)), amount(float64(p.bytes))), amount(rate)+"/s")
		if done > 0 {
			left := time.Duration(passed.Seconds() * (1/share - 1) * float64(time.Second))
			parts = append(parts, left.Round(time.Second).String()+" left")
		}
	}
	// The name has a third of the line, or more if the rest leaves it.
	rest := ""
	for i, part := range parts {
		if i > 0 && uniseg.StringWidth(rest+"  "+part) > width-min(width/3, 2+uniseg.StringWidth(p.name)) {
			break
		}
		rest += "  " + part
	}
	return shorten(shorten(p.name, width-len(rest))+rest, width)
}

// amount is a number of bytes with three digits.
func amount(bytes float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	i := 0
	for ; bytes >= 999.5 && i < len(units)-1; i++ {
		bytes /= 1000
	}
	digits := 0
	if i > 0 && bytes < 9.995 {
		digits = 2
	} else if i > 0 && bytes < 99.95 {
		digits = 1
	}
	return fmt.Sprintf("%.*f %s", digits, bytes, units[i])
}

// shorten takes out the middle of what is wider than so many columns.
func shorten(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	if width < len(dots) {
		return ""
	}
	var clusters []string
	for rest, state := text, -1; rest != ""; {
		var c string
		c, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		clusters = append(clusters, c)
	}
	// From both ends in turn, what fits beside the dots.
	left, right, used := 0, len(clusters), uniseg.StringWidth(dots)
	for left < right {
		next := clusters[left]
		fromRight := left > len(clusters)-right
		if fromRight {
			next = clusters[right-1]
		}
		if used += uniseg.StringWidth(next); used > width {
			break
		}
		if fromRight {
			right--
		} else {
			left++
		}
	}
	return strings.Join(clusters[:left], "") + dots + strings.Join(clusters[right:], "")
}
