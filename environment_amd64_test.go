package relu

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu/internal/mxcsr"
)

// TestFloatEnvironment holds what does not compute to its bits under every
// rounding mode, and where subnormals are flushed to zero.
func TestFloatEnvironment(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		usual := mxcsr.Get()
		b := newBench()
		for _, rounding := range []uint32{0, mxcsr.RoundDown, mxcsr.RoundUp, mxcsr.RoundToZero} {
			for _, flush := range []uint32{0, mxcsr.DenormalsAreZero | mxcsr.FlushToZero} {
				for _, tr := range trials {
					if op := strings.ToLower(strings.TrimPrefix(tr.op, "stream")); op != "relu" && op != "grad" {
						continue
					}
					call, run := tr.call, tr.run
					tr.call = fmt.Sprintf("%s, MXCSR %#x", call, usual|rounding|flush)
					tr.run = func(dst unsafe.Pointer, src []unsafe.Pointer, n int) {
						mxcsr.Set(usual | rounding | flush)
						defer mxcsr.Set(usual)
						run(dst, src, n)
					}
					count := len(tr.specials)
					for n := range 40 {
						b.run(t, tr, n, 0, tr.aliases()[0], tr.special(n))
					}
					b.run(t, tr, count*count, 0, tr.aliases()[0], func(source, i int) uint64 {
						return tr.specials[[]int{i % count, i / count}[source]]
					})
				}
			}
		}
	})
}
