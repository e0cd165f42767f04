package main

import (
	"math"
	"strings"
	"testing"
)

func TestComparisonCounts(t *testing.T) {
	var seen comparison
	for _, activations := range [][]float32{{-1, 0, 2, -3}, {float32(math.Copysign(0, -1)), -5, 7}} {
		if err := seen.add(activations); err != nil {
			t.Fatal(err)
		}
	}
	if seen.activations != 7 || seen.negative != 3 || seen.zero != 2 {
		t.Errorf("%d activations, %d negative, %d zero; want 7, 3, 2", seen.activations, seen.negative, seen.zero)
	}
}

func TestSameBitsSeesTheSignOfZero(t *testing.T) {
	minus := float32(math.Copysign(0, -1))
	err := sameBits([]float32{1, -2}, []float32{1, minus}, []float32{1, 0})
	if err == nil || !strings.Contains(err.Error(), "activation -2 (0xc0000000) became 0x80000000 and 0x00000000") {
		t.Errorf("-0 beside +0: %v", err)
	}
	nan := float32(math.NaN())
	if err := sameBits([]float32{nan}, []float32{nan}, []float32{nan}); err != nil {
		t.Errorf("the same NaN twice: %v", err)
	}
}
