//go:build ((amd64 && !amd64.v3) || arm64 || loong64 || ppc64le || riscv64 || s390x) && !purego && !msan && !asan

package relu

// table is where the entries find the code of the active kernel. It is a variable
// that assembly jumps through, not one of functions, which would make every
// caller's array escape.
var table = tableOf(active)
