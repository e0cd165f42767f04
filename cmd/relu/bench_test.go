package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
)

// readRun reads a file that bench wrote.
func readRun(t *testing.T, path string) (benchfile.Host, *benchfile.Results) {
	t.Helper()
	runs, err := benchfile.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 1 {
		t.Fatalf("%s holds %d runs", path, len(runs))
	}
	return runs[0].Host, runs[0].Results
}

func TestBench(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "cpu.txt")
	r := run(t, nil, "bench", "--time", "4s", "--label", "one of two", "-o", path)
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	host, results := readRun(t, path)
	if host.CPU == "" || host.Kernel != relu.Kernel() || host.Version == "" || host.Go == "" || host.GOOS == "" || host.GOARCH == "" || host.CPUs < 1 {
		t.Errorf("the file tells of %+v", host)
	}
	if day, err := time.Parse(time.DateOnly, host.Date); err != nil || time.Since(day) > 48*time.Hour || host.Label != "one of two" {
		t.Errorf("the file is of %q, labelled %q", host.Date, host.Label)
	}
	var kernels, operations []string
	for _, p := range results.Points() {
		if !slices.Contains(kernels, p.Kernel) {
			kernels = append(kernels, p.Kernel)
		}
		if !slices.Contains(operations, p.Op) {
			operations = append(operations, p.Op)
		}
	}
	for _, k := range append(relu.Kernels(), benchfile.Loop) {
		if !slices.Contains(kernels, k) {
			t.Errorf("%s was not measured, but %v", k, kernels)
		}
	}
	for _, op := range ops.Names() {
		if !slices.Contains(operations, op) && op != "Parallel" { // which begins where 4 s do not suffice
			t.Errorf("%s was not measured, but %v", op, operations)
		}
	}
	for _, want := range []string{"InPlace", "float32", "spread", "times the loop", host.CPU, relu.Kernel()} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not in the table:\n%s", want, r.stdout)
		}
	}

	// The same machine again, in a directory: the file is named after the CPU.
	r = run(t, nil, "bench", "--time", "1s", "--against", path, "-o", dir)
	again := filepath.Join(dir, fileName(host.CPU))
	if r.code != 0 || !regexp.MustCompile(`relu: [0-9.]+% of the [0-9]+ points that .*cpu.txt has too are within 5% of it\n`).MatchString(r.stderr) {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if _, err := os.Stat(again); err != nil {
		t.Fatal(err)
	}

	// benchstat gives one table for each command of the help.
	commands := regexp.MustCompile(`(?m)^  benchstat .*$`).FindAllString(benchHelp, -1)
	if len(commands) != 2 {
		t.Fatalf("the help has the commands %q", commands)
	}
	for _, c := range commands {
		args := strings.Fields(strings.NewReplacer("FILE", path, "OLD", path, "NEW", again).Replace(c))
		r := finish(t, exec.Command("go", append([]string{"tool"}, args...)...))
		if r.code != 0 || r.stderr != "" || strings.Count(r.stdout, "sec/op") < 2 || strings.Count(r.stdout, "\ngeomean ") != 1 || !strings.Contains(r.stdout, "± ") || !strings.Contains(r.stdout, host.CPU) {
			t.Errorf("%s: exit code %d\n%s%s", c, r.code, r.stdout, r.stderr)
		}
	}

	// The kernel is chosen for bench, too; its workers have each another.
	cmd := exec.Command(reluPath, "bench", "--time", "500ms", "-o", "-")
	cmd.Env = append(os.Environ(), "RELU_KERNEL=generic")
	r = finish(t, cmd)
	if r.code != 0 || !strings.Contains(r.stdout, "\nkernel: generic\n") || !strings.Contains(r.stdout, "kernel="+relu.Kernels()[0]+"/") || strings.Contains(r.stdout, "times the loop") {
		t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// TestCompare tells two runs of one machine from those of two.
func TestCompare(t *testing.T) {
	var old, new benchfile.Results
	for n := range 100 {
		p := benchfile.Point{Op: "To", Type: "float32", Kernel: "avx2", N: n + 1}
		old.Add(p, benchfile.Sample{Calls: 1, Nanoseconds: 100})
		ns := 104.0
		if n < 3 {
			ns = 150
		}
		new.Add(p, benchfile.Sample{Calls: 1, Nanoseconds: ns})
		if n == 0 || n == 50 {
			new.Add(p, benchfile.Sample{Calls: 1, Nanoseconds: 1.06 * ns})
		}
	}
	var out strings.Builder
	compare(&out, benchfile.File{Name: "old.txt", Host: benchfile.Host{CPU: "6502"}, Results: &old}, benchfile.Host{CPU: "6502"}, &new)
	const want = `relu: 97.0% of the 100 points that old.txt has too are within 5% of it
relu: of 2 of them the samples do not agree in one of the runs, and 50.0% of these are; of the other 98, 98.0%
relu:   To float32 by avx2, n=1: 150 ns, was 100, +50.0%, its samples do not agree
relu:   To float32 by avx2, n=2: 150 ns, was 100, +50.0%
relu:   To float32 by avx2, n=3: 150 ns, was 100, +50.0%
`
	if got := out.String(); got != want {
		t.Errorf("it says:\n%s", got)
	}
	out.Reset()
	compare(&out, benchfile.File{Name: "old.txt", Host: benchfile.Host{CPU: "Z80"}, Results: &benchfile.Results{}}, benchfile.Host{CPU: "6502"}, &new)
	if got := out.String(); !strings.Contains(got, "old.txt is of another CPU, Z80") || !strings.Contains(got, "none of the points") {
		t.Errorf("it says:\n%s", got)
	}
}

func TestFileName(t *testing.T) {
	for cpu, want := range map[string]string{
		"AMD EPYC": "amd-epyc.txt",
		"Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz": "intel-xeon-platinum-8481c-cpu-2-70ghz.txt",
		"Neoverse-N1": "neoverse-n1.txt",
		"../../etc/x": "etc-x.txt",
	} {
		if got := fileName(cpu); got != want {
			t.Errorf("%s is in %s, want %s", cpu, got, want)
		}
	}
}

func TestBenchRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	notes := write("notes.txt", "Remember the milk.\n")
	one := "goos: linux\ncpu: %s\nBenchmarkTo/type=float32/kernel=avx2/n=4 1 2 ns/op\n"
	two := write("two.txt", fmt.Sprintf(one, "6502")+fmt.Sprintf(one, "Z80"))
	for _, c := range []struct {
		args []string
		code int
		word string
	}{
		{[]string{"bench", "float32"}, 2, "float32"},
		{[]string{"bench", "--time", "0s"}, 2, "--time"},
		{[]string{"bench", "--time", "soon"}, 2, "--time"},
		{[]string{"bench", "-o", ""}, 2, "-o"},
		{[]string{"bench", "--against", ""}, 2, "--against"},
		{[]string{"bench", "--quick", "--time", "1s"}, 2, "--quick"},
		{[]string{"bench", "--label", "two\nlines"}, 2, "--label"},
		{[]string{"bench", "--against", filepath.Join(dir, "none.txt")}, 1, "none.txt"},
		{[]string{"bench", "--against", notes}, 1, "notes.txt: is not in the Go benchmark format"},
		{[]string{"bench", "--against", two}, 1, "two.txt: holds 2 runs"},
		{[]string{"bench", "-o", notes}, 1, "notes.txt: is no file of relu bench"},
	} {
		run(t, nil, c.args...).wantLine(t, c.code, c.word)
	}
	if b, err := os.ReadFile(notes); err != nil || string(b) != "Remember the milk.\n" {
		t.Errorf("the notes are now %q, %v", b, err)
	}
	// After all that measuring, a place where nothing can be written would be
	// a pity: it is found first.
	r := run(t, nil, "bench", "-o", filepath.Join(dir, "none", "cpu.txt"))
	if r.code != 1 || !strings.Contains(r.stderr, filepath.Join(dir, "none")) {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
}

func TestBenchHelp(t *testing.T) {
	for _, verb := range []string{"bench", "report"} {
		r := run(t, nil, verb, "--help")
		if r.code != 0 || !strings.Contains(r.stdout, "Examples:\n  relu "+verb) || !strings.Contains(r.stdout, "Exit codes:") {
			t.Errorf("relu %s --help: exit code %d\n%s%s", verb, r.code, r.stdout, r.stderr)
		}
	}
	if r := run(t, nil, "--help"); strings.Contains(r.stdout, benchWorkerName) {
		t.Errorf("the worker is no verb for people:\n%s", r.stdout)
	}
}
