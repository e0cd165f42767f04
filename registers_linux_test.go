//go:build ((amd64 && !amd64.v3) || arm64 || loong64 || ppc64le || riscv64 || s390x) && !purego && !msan && !asan

package relu

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed88f7e06c/relu/internal/abitest"
)

// TestRegisters has every kernel that a table holds called through a trampoline, which
// sees whether it leaves the registers alone that Go keeps something in.
func TestRegisters(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		if active == generic {
			t.Skip("the compiler sees to it")
		}
		b := newBench()
		for _, row := range tableRows {
			if !hasKernel(active, row.slot) {
				continue
			}
			code := table[row.slot]
			watched := *table
			watched[row.slot] = abitest.Entry()
			abitest.Watch(code)
			func() {
				defer func(t *kernelTable) { table = t }(table)
				table = &watched
				for _, tr := range trials {
					if tr.op == row.op && tr.elem == row.elem {
						for _, n := range tr.bounds() {
							if n*tr.size < 16 && (tr.size < 4 || !slices.Contains([]kernel{avx512, avx2, neon}, active)) {
								continue // the kernel may leave these to pure Go
							}
							b.run(t, tr, n, n%7, tr.aliases()[n%len(tr.aliases())], tr.special(n))
						}
					}
				}
				if op, ok := strings.CutSuffix(row.op, "Rows"); ok {
					callRows(op, row.elem)
				}
			}()
			if calls, changed := abitest.Seen(); calls == 0 || changed != nil {
				t.Errorf("kernel %v: %s of %s, in %d calls, changed %q", active, row.op, row.elem, calls, changed)
			}
		}
	})
}

// callRows calls what goes by rows, with rows that have every rest of vectors.
func callRows(op, elem string) {
	if elem == "Float32" {
		callRowsOf[float32](op)
	} else {
		callRowsOf[float64](op)
	}
}

func callRowsOf[T Float](op string) {
	x := make([]T, 2*200)
	for row := 1; row <= 200; row++ {
		rowOps[T]()[op].call(x[:2*row], x[:2*row], make([]T, row))
	}
}
