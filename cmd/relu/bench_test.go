package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

func TestBench(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpu.txt")
	r := run(t, nil, "bench", "--quick", "--time", "4s", "-o", path)
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	host, results, err := benchfile.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if host.CPU == "" || host.Kernel != relu.Kernel() || host.Version == "" || host.Go == "" || host.GOOS == "" || host.GOARCH == "" {
		t.Errorf("the file tells of %+v", host)
	}
	var kernels []string
	for _, p := range results.Points() {
		if !slices.Contains(kernels, p.Kernel) {
			kernels = append(kernels, p.Kernel)
		}
	}
	for _, k := range append(relu.Kernels(), benchfile.Loop) {
		if !slices.Contains(kernels, k) {
			t.Errorf("%s was not measured, but %v", k, kernels)
		}
	}
	for _, want := range []string{"InPlace", "float32", "times the loop", host.CPU, relu.Kernel()} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not in the table:\n%s", want, r.stdout)
		}
	}

	// In a directory the file is named after the CPU.
	dir := t.TempDir()
	r = run(t, nil, "bench", "--quick", "--time", "200ms", "-o", dir)
	if _, err := os.Stat(filepath.Join(dir, fileName(host.CPU))); err != nil {
		t.Errorf("exit code %d, %v\n%s", r.code, err, r.stderr)
	}

	// The kernel is chosen for bench, too; its workers have each another.
	cmd := exec.Command(reluPath, "bench", "--quick", "--time", "500ms", "-o", "-")
	cmd.Env = append(os.Environ(), "RELU_KERNEL=generic")
	r = finish(t, cmd)
	if r.code != 0 || !strings.Contains(r.stdout, "\nkernel: generic\n") || !strings.Contains(r.stdout, "kernel="+relu.Kernels()[0]+"/") || strings.Contains(r.stdout, "times the loop") {
		t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}

	// The official tool reads it.
	r = finish(t, exec.Command("go", "tool", "benchstat", "-filter", "/n:16", "-col", "/kernel", path))
	if r.code != 0 || r.stderr != "" || !strings.Contains(r.stdout, "sec/op") || !strings.Contains(r.stdout, "InPlace/type=float32/n=16") || !strings.Contains(r.stdout, "cpu: "+host.CPU) {
		t.Errorf("benchstat: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
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
	for _, c := range []struct {
		args []string
		code int
		word string
	}{
		{[]string{"bench", "float32"}, 2, "float32"},
		{[]string{"bench", "--time", "0s"}, 2, "--time"},
		{[]string{"bench", "--time", "soon"}, 2, "--time"},
		{[]string{"bench", "-o", ""}, 2, "-o"},
	} {
		run(t, nil, c.args...).wantLine(t, c.code, c.word)
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
