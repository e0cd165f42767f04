package relutest_test

import (
	"testing"

	"github.com/seed88f7e06c/relu/relutest"
)

// mine is the function to be tested.
func mine(dst, src []float32) {
	for i, v := range src {
		if v <= 0 {
			v = 0
		}
		dst[i] = v
	}
}

// In a file of tests, these are TestMine and FuzzMine.
func Example() {
	_ = func(t *testing.T) { relutest.Check(t, mine) }
	_ = func(f *testing.F) { relutest.Fuzz(f, mine) }
}
