//go:build race

package relu

import (
	"strings"
	"sync"
	"testing"
)

func init() {
	children["race"] = func() {
		x := make([]float32, 1000)
		var wg sync.WaitGroup
		wg.Go(func() { InPlace(x) })
		wg.Go(func() { x[500]++ })
		wg.Wait()
	}
	children["apart"] = func() {
		x := make([]float32, 1000)
		var wg sync.WaitGroup
		wg.Go(func() { InPlace(x[:500]) })
		wg.Go(func() { To(x[500:], make([]float32, 500)) })
		wg.Wait()
	}
}

func TestRaceIsReported(t *testing.T) {
	for _, k := range Kernels() {
		_, stderr, err := runChild(t, "race", "RELU_KERNEL="+k)
		if err == nil || !strings.Contains(stderr, "DATA RACE") {
			t.Errorf("kernel %s: a race on a slice gave %v and %q", k, err, stderr)
		}
		if _, stderr, err := runChild(t, "apart", "RELU_KERNEL="+k); err != nil {
			t.Errorf("kernel %s: neighbouring slices gave %v and %q", k, err, stderr)
		}
	}
}
