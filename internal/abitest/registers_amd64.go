package abitest

import "github.com/klauspost/cpuid/v2"

// registers are those that are compared. That the upper halves of the vectors are
// zero spares SSE code, Go's among it, a wait for them.
var registers = [...]string{"SP", "BP", "R14, the goroutine", "R15, the table of offsets of a shared library",
	"the direction flag", "MXCSR's control", "the upper halves of vectors"}

func init() { tellsUpperHalves = cpuid.CPU.Supports(cpuid.AVX, cpuid.XGETBV1) }
