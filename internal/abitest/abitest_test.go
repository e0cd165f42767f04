//go:build linux && (amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x)

package abitest

import (
	"runtime"
	"slices"
	"testing"
)

// TestFindsEachChange calls a function that changes nothing, and one for each
// register that changes it.
func TestFindsEachChange(t *testing.T) {
	for i, code := range addresses()[1:] {
		var want []string
		if i > 0 {
			want = []string{registers[i-1]}
		}
		Watch(code)
		trampoline([10]uintptr{})
		trampoline([10]uintptr{})
		count, names := Seen()
		// Emulators say that all are always in use.
		if runtime.GOARCH == "amd64" && i == len(registers) && (!tellsUpperHalves || before[i-1]&4 != 0) {
			t.Skip("this CPU does not tell what is in use of", registers[i-1])
		}
		if count != 2 || !slices.Equal(names, want) {
			t.Errorf("%d calls changed %q, want 2 and %q", count, names, want)
		}
	}
}
