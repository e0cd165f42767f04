//go:build ignore

// This file is of the library's tests while they have mutants beside the kernels:
// build.go puts it there.

package relu

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// rowTests are the quick tests that see one row of the table under one kernel,
// those that find most in the least time first.
var rowTests = []testing.InternalTest{
	{Name: "TestPairsOfSpecialValues", F: TestPairsOfSpecialValues},
	{Name: "TestEveryLengthAndAlignment", F: TestEveryLengthAndAlignment},
	{Name: "TestRandomBits", F: TestRandomBits},
	{Name: "TestGuardPages", F: TestGuardPages},
	{Name: "TestSpecialValuesAtEveryPosition", F: TestSpecialValuesAtEveryPosition},
	{Name: "TestSeams", F: TestSeams},
	{Name: "TestRows", F: TestRows},
	{Name: "TestPReLUGradShapes", F: TestPReLUGradShapes},
}

// mutate writes a function's address over another's in the table of a kernel, and
// returns the rows of the table that have it.
func mutate(k kernel, original, mutant uintptr) (rows []string) {
	table := tableOf(k)
	for _, row := range tableRows {
		if table[row.slot] == original {
			rows = append(rows, row.op+row.elem)
		}
	}
	if original == mutant {
		return rows
	}
	page := uintptr(syscall.Getpagesize())
	first := uintptr(unsafe.Pointer(table)) &^ (page - 1)
	end := uintptr(unsafe.Pointer(table)) + unsafe.Sizeof(*table)
	if err := syscall.Mprotect(unsafe.Slice((*byte)(unsafe.Pointer(first)), (end-first+page-1)&^(page-1)), syscall.PROT_READ|syscall.PROT_WRITE); err != nil {
		panic(err)
	}
	for slot, address := range table {
		if address == original {
			table[slot] = mutant
		}
	}
	return rows
}

// kernelNamed finds a kernel that can run here.
func kernelNamed(name string) (k kernel, found bool) {
	i := slices.IndexFunc(available, func(k kernel) bool { return k.String() == name })
	if i < 0 {
		return generic, false
	}
	return available[i], true
}

// The environment can have one mutant in its kernel's place for the whole process.
func init() {
	var isa string
	var original, mutant uintptr
	if n, _ := fmt.Sscan(os.Getenv("RELU_TEST_MUTANT"), &isa, &original, &mutant); n == 3 {
		k, _ := kernelNamed(isa)
		mutate(k, original, mutant)
	}
}

// TestMutants tries the mutants that standard input names, each in a process forked
// from this one, which saves the start of the program, and under emulation most of
// the translation. It answers each with what failed, or "survived".
func TestMutants(t *testing.T) {
	// Without concurrent collection, and on one processor, no other thread does
	// anything that the forked process could miss.
	debug.SetGCPercent(-1)
	limits := map[string]uint64{}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var isa string
		var original, mutant uintptr
		if _, err := fmt.Sscan(in.Text(), &isa, &original, &mutant); err != nil {
			t.Fatalf("%q: %v", in.Text(), err)
		}
		k, found := kernelNamed(isa)
		if !found {
			answer("cannot run")
			continue
		}
		rows := mutate(k, original, original)
		if len(rows) == 0 {
			t.Fatalf("%q: the kernel is in no row of the table", in.Text())
		}
		key := fmt.Sprint(isa, rows)
		if limits[key] == 0 {
			before := cpuSeconds()
			if failed := runRows(isa, rows); failed >= 0 {
				t.Fatalf("%s, %v: %s fails without a mutant", isa, rows, rowTests[failed].Name)
			}
			limits[key] = 1 + uint64(4*(cpuSeconds()-before))
			runtime.GC()
		}
		pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, cloneFlags[0], cloneFlags[1], 0, 0, 0, 0)
		if errno != 0 {
			t.Fatal("clone:", errno)
		}
		if pid == 0 {
			child(k, rows, original, mutant, limits[key])
		}
		var status syscall.WaitStatus
		for {
			if _, err := syscall.Wait4(int(pid), &status, 0, nil); err == nil {
				break
			} else if err != syscall.EINTR {
				t.Fatal("wait:", err)
			}
		}
		switch code := status.ExitStatus(); {
		case status.Signaled() && status.Signal() == syscall.SIGKILL:
			answer("caught: no end")
		case status.Signaled():
			answer("caught: " + status.Signal().String())
		case code == 0:
			answer("survived")
		case code >= firstCode && code < firstCode+len(rowTests):
			answer("caught: " + rowTests[code-firstCode].Name)
		default:
			answer("caught: crash")
		}
	}
}

// firstCode and those that follow are exit codes that say which test failed.
const firstCode = 100

// cloneFlags are what fork passes to clone: flags and stack, or the reverse.
var cloneFlags = func() [2]uintptr {
	if runtime.GOARCH == "s390x" {
		return [2]uintptr{0, uintptr(syscall.SIGCHLD)}
	}
	return [2]uintptr{uintptr(syscall.SIGCHLD), 0}
}()

// child tests a mutant and exits. The limit is in seconds of CPU time: what other
// processes do cannot make a mutant look as if it had no end.
func child(k kernel, rows []string, original, mutant uintptr, limit uint64) {
	syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: limit, Max: limit})
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		os.Exit(firstCode - 1)
	}
	for fd := range 3 {
		syscall.Dup3(int(null.Fd()), fd, 0)
	}
	debug.SetMaxStack(16 << 20) // recursion without end
	mutate(k, original, mutant)
	if failed := runRows(k.String(), rows); failed >= 0 {
		os.Exit(firstCode + failed)
	}
	os.Exit(0)
}

// runRows runs the quick tests on rows of the table under a kernel until one fails,
// and returns which.
func runRows(isa string, rows []string) (failed int) {
	for i, test := range rowTests {
		pattern := "^" + test.Name + "$/^" + isa + "$"
		if test.Name != "TestPReLUGradShapes" {
			pattern += "/^(" + strings.Join(rows, "|") + ")$"
		} else if !strings.HasPrefix(rows[0], "preluGrad") {
			continue // its subtests are called after shapes
		}
		flag.Set("test.run", pattern)
		if !testing.RunTests(match, rowTests[i:i+1]) {
			return i
		}
	}
	return -1
}

// match is what the go command gives to the tests, for patterns that come again and
// again.
func match(pattern, name string) (bool, error) {
	if patterns[pattern] == nil {
		compiled, err := regexp.Compile(pattern)
		if err != nil {
			return false, err
		}
		patterns[pattern] = compiled
	}
	return patterns[pattern].MatchString(name), nil
}

var patterns = map[string]*regexp.Regexp{}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func answer(verdict string) { fmt.Println("verdict:", verdict) }
