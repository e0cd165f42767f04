//go:build ((amd64 && !amd64.v3) || arm64) && !purego && !msan && !asan

package relu

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// goTool runs the go command, which a test on an emulated CPU does not have.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command:", err)
	}
	cmd := exec.Command("go", args...)
	var errOut strings.Builder
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, errOut.String())
	}
	return string(out)
}

// TestOneCall holds the way to a kernel to one call: InPlace is inlined, and what
// it calls is the entry.
func TestOneCall(t *testing.T) {
	program := filepath.Join(t.TempDir(), "onehop.exe")
	goTool(t, "build", "-o", program, "./testdata/onehop")
	code := goTool(t, "tool", "objdump", "-s", `^main\.rectify$`, program)
	var calls []string
	for _, call := range regexp.MustCompile(`\tCALL .*`).FindAllString(code, -1) {
		if !strings.Contains(call, "runtime.morestack") {
			calls = append(calls, call)
		}
	}
	if len(calls) != 1 || !strings.Contains(calls[0], "relu.rectify") {
		t.Errorf("InPlace makes the calls %q, want one of rectify, in\n%s", calls, code)
	}
}

// TestProfile finds each kernel in a CPU profile, below the function that called.
func TestProfile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second for each kernel")
	}
	eachKernel(t, func(t *testing.T) {
		var profile bytes.Buffer
		if err := pprof.StartCPUProfile(&profile); err != nil {
			t.Skip(err)
		}
		x := make([]float32, 4096)
		for start := time.Now(); time.Since(start) < time.Second; {
			profiled(x)
		}
		pprof.StopCPUProfile()
		path := filepath.Join(t.TempDir(), "cpu.pprof")
		if err := os.WriteFile(path, profile.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		stacks := goTool(t, "tool", "pprof", "-traces", path)
		name := "reluFloat32" + strings.ToUpper(active.String())
		if active == generic {
			name = "reluGeneric"
		}
		if !regexp.MustCompile(name + `\S*( \(inline\))?\n(\s+\S*relu\.(InPlace|reluFloat32Generic)\S*( \(inline\))?\n)*\s+\S*relu\.profiled`).MatchString(stacks) {
			t.Errorf("kernel %v: no stack has %s below profiled:\n%s", active, name, stacks)
		}
	})
}

//go:noinline
func profiled(x []float32) {
	for range 1000 {
		InPlace(x)
	}
}

// TestTraceback reads the stack of a call on memory that is not there.
func TestTraceback(t *testing.T) {
	mem := guarded(t, 1)
	x := unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(&mem[0]), len(mem))), 100)
	eachKernel(t, func(t *testing.T) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // of this goroutine
		defer func() {
			fault, stack := recover(), string(debug.Stack())
			name := "reluFloat32" + strings.ToUpper(active.String())
			if active == generic {
				name = "reluGeneric"
			}
			kernel, caller := strings.Index(stack, name), strings.Index(stack, "relu.faulty(")
			if fault == nil || kernel < 0 || caller < kernel {
				t.Errorf("kernel %v: the fault %v has no %s below faulty:\n%s", active, fault, name, stack)
			}
		}()
		faulty(x)
	})
}

//go:noinline
func faulty(x []float32) { InPlace(x) }
