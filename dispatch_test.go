package relu

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// childEnv makes the test binary do one thing and exit, in a process of its
// own.
const childEnv = "RELU_TEST_CHILD"

// children are those things.
var children = map[string]func(){
	"kernel": func() { fmt.Print(Kernel()) },
	// More than an operating system lets an environment have.
	"megabyte": func() { choose(strings.Repeat("\x1b[2J\n\xff\x00", 1<<20/7), true) },
}

func TestMain(m *testing.M) {
	if child, ok := children[os.Getenv(childEnv)]; ok {
		child()
		return
	}
	os.Exit(m.Run())
}

// runChild starts the test binary as one of the children.
func runChild(t *testing.T, name string, env ...string) (stdout, stderr string, err error) {
	t.Helper()
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip(runtime.GOOS + " has no child processes")
	}
	if os.Getenv("RELU_TEST_BEST") != "" {
		t.Skip("an emulated process would start one that is not")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Skip("no way to start another of these: ", err) // Linux without /proc
	}
	var out, errOut strings.Builder
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), append(env, childEnv+"="+name)...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	return out.String(), errOut.String(), err
}

func TestEnvironmentChoosesTheKernel(t *testing.T) {
	best := Kernels()[0]
	long := strings.Repeat("\x1b[2J\n", 10000)
	for _, name := range append([]string{"", "neon", "avx512", "avx2", "mmx", "AVX2", "avx2\x1b[31m", "ähnlich", long}, Kernels()...) {
		stdout, stderr, err := runChild(t, "kernel", "RELU_KERNEL="+name)
		if err != nil {
			t.Fatal(err)
		}
		want, report := name, ""
		if !slices.Contains(Kernels(), name) {
			want = best
			quoted := strconv.QuoteToASCII(name)
			if name == long {
				quoted = strconv.QuoteToASCII(name[:20] + "...")
			}
			if name != "" {
				report = fmt.Sprintf("relu: RELU_KERNEL=%s: there is %s; using %s\n", quoted, strings.Join(Kernels(), ", "), best)
			}
		}
		if stdout != want || stderr != report {
			t.Errorf("RELU_KERNEL=%.30q ran %q and reported %q; want %q and %q", name, stdout, stderr, want, report)
		}
	}
}

// TestMegabyteOfName has one short line, of printable characters, about a long name
// of control characters, escapes and bytes that are no UTF-8.
func TestMegabyteOfName(t *testing.T) {
	_, stderr, err := runChild(t, "megabyte")
	want := `relu: RELU_KERNEL="\x1b[2J\n\xff\x00\x1b[2J\n\xff\x00\x1b[2J\n\xff...": there is ` + strings.Join(Kernels(), ", ") + "; using " + Kernels()[0] + "\n"
	if err != nil || stderr != want {
		t.Errorf("%v and %.300q, want %q", err, stderr, want)
	}
}

func TestChoose(t *testing.T) {
	for _, k := range available {
		if got := choose(k.String(), true); got != k {
			t.Errorf("RELU_KERNEL=%v chooses %v", k, got)
		}
	}
	if got := choose("", true); got != available[0] {
		t.Errorf("an empty RELU_KERNEL chooses %v of %v", got, available)
	}
}

// TestWantedKernel is how a run on a CPU model asserts what was chosen there.
func TestWantedKernel(t *testing.T) {
	want := os.Getenv("RELU_TEST_BEST")
	if want == "" {
		t.Skip("RELU_TEST_BEST names no kernel")
	}
	if got := Kernels()[0]; got != want {
		t.Errorf("the best of %v is %s, want %s", Kernels(), got, want)
	}
}
