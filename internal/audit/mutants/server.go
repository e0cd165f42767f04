//go:build ignore

// This file is of the library's tests while they have mutants beside the kernels:
// build.go puts it there.

package relu

import (
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
// those that find most in the least time first. Most have subtests that are called
// after rows; the others are for some rows.
var rowTests = []struct {
	name string
	test func(*testing.T)
	rows string // a pattern
}{
	{"TestPairsOfSpecialValues", TestPairsOfSpecialValues, ""},
	{"TestEveryLengthAndAlignment", TestEveryLengthAndAlignment, ""},
	{"TestRandomBits", TestRandomBits, ""},
	{"TestGuardPages", TestGuardPages, ""},
	{"TestSpecialValuesAtEveryPosition", TestSpecialValuesAtEveryPosition, ""},
	{"TestSeams", TestSeams, ""},
	{"TestRows", TestRows, ""},
	{"TestPReLUShapes", TestPReLUShapes, "^prelu(Rows)?F"},
	{"TestPReLUGradShapes", TestPReLUGradShapes, "^preluGradF"},
	{"TestGateGradAliases", TestGateGradAliases, "^gateGradF"},
	{"TestAllHalves", TestAllHalves, "^(leaky|square|add)B?Float16$"},
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

// TestMutants tries the mutants that standard input names, each in a process forked
// from this one, which saves the start of the program, and under emulation most of
// the translation. It answers each with what failed, or "survived".
func TestMutants(t *testing.T) {
	// A forked process has this thread alone. Without concurrent collection, on one
	// processor, and with system calls that the scheduler is not told of, no other
	// thread does anything that it could miss, or holds a lock that it needs.
	debug.SetGCPercent(-1)
	limits := map[string]uint64{}
	for {
		question := readLine()
		if question == "" {
			break
		}
		var isa string
		var original, mutant uintptr
		if _, err := fmt.Sscan(question, &isa, &original, &mutant); err != nil {
			t.Fatalf("%q: %v", question, err)
		}
		k, found := kernelNamed(isa)
		if !found {
			answer("cannot run")
			continue
		}
		rows := mutate(k, original, original)
		if len(rows) == 0 {
			t.Fatalf("%q: the kernel is in no row of the table", question)
		}
		key := fmt.Sprint(isa, rows)
		if limits[key] == 0 {
			before := cpuSeconds()
			if failed := runRows(isa, rows); failed >= 0 {
				t.Fatalf("%s, %v: %s fails without a mutant", isa, rows, rowTests[failed].name)
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
		var word uint32
		for {
			_, _, errno := syscall.RawSyscall6(syscall.SYS_WAIT4, pid, uintptr(unsafe.Pointer(&word)), 0, 0, 0, 0)
			if errno == 0 {
				break
			} else if errno != syscall.EINTR {
				t.Fatal("wait:", errno)
			}
		}
		status := syscall.WaitStatus(word)
		switch code := status.ExitStatus(); {
		case status.Signaled() && status.Signal() == syscall.SIGKILL:
			answer("caught: no end")
		case status.Signaled():
			answer("caught: " + status.Signal().String())
		case code == 0:
			answer("survived")
		case code >= firstCode && code < firstCode+len(rowTests):
			answer("caught: " + rowTests[code-firstCode].name)
		default:
			answer("caught: crash")
		}
	}
}

// readLine reads a line of less than a page, which is written as a whole.
func readLine() string {
	buffer := make([]byte, 4096)
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, 0, uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
		if errno != syscall.EINTR {
			return strings.TrimSpace(string(buffer[:min(n, uintptr(len(buffer)))]))
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
		pattern := "^" + test.name + "$/^" + isa + "$"
		if test.rows == "" {
			pattern += "/^(" + strings.Join(rows, "|") + ")$"
		} else if !slices.ContainsFunc(rows, func(row string) bool { found, _ := match(test.rows, row); return found }) {
			continue
		}
		flag.Set("test.run", pattern)
		if !testing.RunTests(match, []testing.InternalTest{{Name: test.name, F: test.test}}) {
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
