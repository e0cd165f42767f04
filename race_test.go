//go:build race

package relu

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

// raceAccessEnv says whether the other goroutine of a child reads or writes.
const raceAccessEnv = "RELU_TEST_ACCESS"

// raceSoon keeps a child from the second for which the race detector sleeps at its end.
const raceSoon = "GORACE=atexit_sleep_ms=0"

func init() {
	children["race"] = func() {
		c, place := plannedCall()
		in := c.arguments(raceLength(c), goMemory)
		used := (*byte)(in[place].Index(in[place].Len() / 2).Addr().UnsafePointer())
		together(func() { c.run(in) }, func() {
			if os.Getenv(raceAccessEnv) == "writes" {
				*used++
			} else {
				racySink = *used
			}
		})
	}
	children["apart"] = func() {
		for _, c := range calls {
			for n := 1; n <= 3; n++ {
				raceApart(c, n)
			}
			raceShared(c)
		}
	}
}

var racySink byte

// raceLength is long enough for Parallel to have several goroutines. In Go they access
// each element, and of a race so many accesses ago the race detector says nothing.
func raceLength(c call) int {
	if c.name == "Parallel" && active != generic {
		return parallelBytes/4 + 1000
	}
	return 100
}

func together(calls ...func()) {
	var wg sync.WaitGroup
	for _, call := range calls {
		wg.Go(call)
	}
	wg.Wait()
}

// raceApart makes the call on n elements and on their neighbours at once.
func raceApart(c call, n int) {
	whole := map[int]unsafe.Pointer{}
	first := c.arguments(n, func(place, bytes int) unsafe.Pointer {
		whole[place] = goMemory(place, 2*bytes)
		return whole[place]
	})
	second := c.arguments(n, func(place, bytes int) unsafe.Pointer { return unsafe.Add(whole[place], bytes) })
	together(func() { c.run(first) }, func() { c.run(second) })
}

// raceShared makes the call twice at once, to different destinations from the same
// sources.
func raceShared(c call) {
	first, second := c.arguments(100, goMemory), c.arguments(100, goMemory)
	written := map[int]bool{}
	for _, place := range c.written() {
		written[place] = true
	}
	for place := range first {
		if first[place].Kind() == reflect.Slice && !written[place] {
			second[place] = first[place]
		}
	}
	together(func() { c.run(first) }, func() { c.run(second) })
}

// TestRaceIsReported plants a race on each slice of each function.
func TestRaceIsReported(t *testing.T) {
	kernels := Kernels()
	if testing.Short() {
		kernels = kernels[:1] // what the race detector is told does not depend on it
	}
	for _, kernel := range kernels {
		for _, c := range calls {
			written := c.written()
			for _, place := range c.slices() {
				accesses := []string{"writes"}
				for _, w := range written {
					if w == place {
						accesses = append(accesses, "reads")
					}
				}
				for _, access := range accesses {
					t.Run(fmt.Sprintf("%s/%s/%d/%s", kernel, c.name, place, access), func(t *testing.T) {
						t.Parallel()
						_, stderr, err := runChild(t, "race", append(planned(c, place), raceSoon, "RELU_KERNEL="+kernel, raceAccessEnv+"="+access)...)
						if err == nil || !strings.Contains(stderr, "DATA RACE") || !strings.Contains(stderr, "relu."+c.name+"[") {
							t.Errorf("kernel %s: %s while another goroutine %s argument %d gave %v and %q", kernel, c.name, access, place, err, stderr)
						}
					})
				}
			}
		}
	}
}

// TestNoRaceIsInvented has none reported on parts of one cache line, and of one word,
// nor on sources that calls share.
func TestNoRaceIsInvented(t *testing.T) {
	for _, kernel := range Kernels() {
		if _, stderr, err := runChild(t, "apart", raceSoon, "RELU_KERNEL="+kernel); err != nil {
			t.Errorf("kernel %s: %v and %q", kernel, err, stderr)
		}
	}
}
