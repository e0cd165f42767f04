package relu

import (
	"slices"
	"testing"
)

// TestGateGradAliases has da and db be each of the sources and none, in slices of
// several pieces, against what it gives apart.
func TestGateGradAliases(t *testing.T) {
	const n = 2*gatePiece + 77
	eachKernel(t, func(t *testing.T) {
		sources := [3][]float32{random[float32](n), random[float32](n), random[float32](n)}
		for i := range n { // so that no two sources are equal
			sources[0][i] += float32(i % 13)
			sources[2][i] -= float32(i % 7)
		}
		wantA, wantB := make([]float32, n), make([]float32, n)
		for i, a := range sources[1] {
			if a > 0 {
				wantA[i], wantB[i] = sources[0][i]*sources[2][i], sources[0][i]*a
			}
		}
		for aliasA := -1; aliasA < 3; aliasA++ {
			for aliasB := -1; aliasB < 3; aliasB++ {
				if aliasA == aliasB && aliasA >= 0 {
					continue
				}
				in := [3][]float32{slices.Clone(sources[0]), slices.Clone(sources[1]), slices.Clone(sources[2])}
				da, db := make([]float32, n), make([]float32, n)
				if aliasA >= 0 {
					da = in[aliasA]
				}
				if aliasB >= 0 {
					db = in[aliasB]
				}
				GateGrad(da, db, in[0], in[1], in[2])
				if !slices.Equal(da, wantA) {
					t.Errorf("kernel %v, da over source %d and db over %d: da is wrong", active, aliasA, aliasB)
				}
				if !slices.Equal(db, wantB) {
					t.Errorf("kernel %v, da over source %d and db over %d: db is wrong", active, aliasA, aliasB)
				}
			}
		}
	})
}
