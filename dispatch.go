package relu

import (
	"strconv"
	"strings"
	"syscall"
)

// kernel is one instruction set's form of all operations.
type kernel uint8

const (
	generic kernel = iota
	sse2
	avx2
	avx512
	neon
	rvv
	lsx
	lasx
	vsx
	vx
)

func (k kernel) String() string {
	return [...]string{"generic", "sse2", "avx2", "avx512", "neon", "rvv", "lsx", "lasx", "vsx", "vx"}[k]
}

// available are the kernels that this CPU can run, the best first.
var available = detect()

// active is the kernel that runs.
var active = choose(syscall.Getenv("RELU_KERNEL"))

// Kernel names the kernel that runs: "avx512", "avx2" or "sse2" on amd64,
// "neon" on arm64, "rvv" on riscv64, "lasx" or "lsx" on loong64, "vsx" on ppc64le,
// "vx" on s390x, and "generic", which is pure Go, everywhere else, where a CPU
// lacks these, under the build tag purego, and in builds with -msan or -asan.
//
// It is the first of [Kernels] unless the environment variable RELU_KERNEL
// named another when the program started.
func Kernel() string { return active.String() }

// Kernels names the kernels that this CPU and its operating system can run,
// the best first and "generic" last. Each may be the value of the environment
// variable RELU_KERNEL. A value that is none of them is reported on standard
// error and the best kernel is used. The settings cpu.* of GODEBUG are for Go's own
// code and change nothing here.
//
// Built with GOAMD64=v3, the package has avx2 alone, and with GOAMD64=v4 avx512
// alone: the CPU was chosen when the program was built, and is not asked.
func Kernels() []string {
	names := make([]string, len(available))
	for i, k := range available {
		names[i] = k.String()
	}
	return names
}

// choose is the available kernel that the environment names, or the best. It
// does without the packages os and fmt, which not every program links.
func choose(name string, set bool) kernel {
	best := available[0]
	if !set || name == "" {
		return best
	}
	for _, k := range available {
		if k.String() == name {
			return k
		}
	}
	if len(name) > 20 {
		name = name[:20] + "..."
	}
	println("relu: RELU_KERNEL=" + strconv.QuoteToASCII(name) + ": there is " + strings.Join(Kernels(), ", ") + "; using " + best.String())
	return best
}
