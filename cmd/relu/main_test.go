package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// reluPath is the command, built once for all tests.
var reluPath string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "relu-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	reluPath = filepath.Join(dir, "relu")
	if runtime.GOOS == "windows" {
		reluPath += ".exe"
	}
	out, err := exec.Command("go", "build", "-o", reluPath, ".").CombinedOutput()
	if err == nil {
		err = os.Chmod(dir, 0o755) // other users run it too
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// result is how a run of the command ended.
type result struct {
	code           int
	stdout, stderr string
}

// run runs the command to its end.
func run(t *testing.T, stdin []byte, args ...string) result {
	t.Helper()
	cmd := exec.Command(reluPath, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	return finish(t, cmd)
}

func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// wantLine fails the test unless the run ended with that code and a single line
// on standard error that contains the words.
func (r result) wantLine(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code || strings.Count(r.stderr, "\n") != 1 || !strings.HasPrefix(r.stderr, "relu: ") {
		t.Errorf("exit code %d, want %d, and one line:\n%s", r.code, code, r.stderr)
	}
	for _, w := range words {
		if !strings.Contains(r.stderr, w) {
			t.Errorf("%q is not in:\n%s", w, r.stderr)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for _, args := range [][]string{
		{"rectify"},
		{"help", "rectify"},
		{"help", "apply", "more"},
		{"completion", "csh"},
		{"--wrong"},
		{"info", "more"},
		{"info", "--wrong"},
		{"apply"},
		{"apply", "--op", "gelu", "x.npy"},
		{"apply", "--limit", "3", "x.npy"},
		{"apply", "--op", "clip", "--limit", "-1", "x.npy"},
		{"apply", "--op", "clip", "--limit", "nan", "x.npy"},
		{"apply", "--op", "clip", "--limit", "six", "x.npy"},
		{"apply", "--op", "clip", "--limit", "1e400", "x.npy"},
		{"apply", "--op", "clip", "--limit", "0x6", "x.npy"},
		{"apply", "--dtype", "float8", "x.npy"},
		{"apply", "--op", "clamp", "--lo", "3", "x.npy"},
		{"apply", "--dtype", "", "x.npy"},
		{"apply", "--axis", "1", "x.npy"},
		{"apply", "-", "-"},
		{"apply", "-o", "no/such/", "x.npy", "y.npy"},
		{"apply", "--op", "leaky", "--slope", "steep", "x.npy"},
		{"apply", "--op", "prelu", "x.npy"},
		{"apply", "--op", "prelu", "--slopes", "s.npy", "--axis", "one", "x.npy"},
		{"apply", "--op", "bias", "x.npy"},
		{"apply", "-o", "y.npy", "x.npy", "x.npy"},
		{"apply", "-o", "", "x.npy"},
		{"apply", "--in-place", "-o", "y.npy", "x.npy"},
		{"apply", "--in-place", "-"},
		{"apply", "--in-place", "--op", "leaky", "x.npy"},
		{"apply", "--in-place", "--op", "bias", "--bias", "b.npy", "x.npy"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			run(t, nil, args...).wantLine(t, 2)
		})
	}
}

// TestUsageMessages checks that the line says what is wrong.
func TestUsageMessages(t *testing.T) {
	for words, args := range map[string][]string{
		`unknown command "aply" for "relu": did you mean apply?`:          {"aply"},
		`unknown command "inof" for "relu": did you mean info?`:           {"help", "inof"},
		`unknown command "csh" for "relu completion"`:                     {"completion", "csh"},
		"unknown flag: --limt: did you mean --limit?":                     {"apply", "--limt", "3", "x.npy"},
		"-x.npy: a file of that name goes behind --, as in relu apply --": {"apply", "-x.npy"},
		"unknown flag: --x.npy: a file of that name goes behind --":       {"apply", "--x.npy"},
		`unknown flag: --\x1b[31m`:                                        {"apply", "--\x1b[31m"},
		"--limit 1e400 is beyond float64, which ends at 1.797":            {"apply", "--op", "clip", "--limit", "1e400", "x.npy"},
		"--limit 0x6 is not decimal: write 6":                             {"apply", "--op", "clip", "--limit", "0x6", "x.npy"},
		"--limit six is not a number":                                     {"apply", "--op", "clip", "--limit", "six", "x.npy"},
		"--limit -1 must be 0 or more":                                    {"apply", "--op", "clip", "--limit", "-1", "x.npy"},
		"standard input can be read only once":                            {"apply", "-", "-"},
	} {
		run(t, nil, args...).wantLine(t, 2, words)
	}
}

func TestHelp(t *testing.T) {
	for _, verb := range []string{"apply", "info"} {
		r := run(t, nil, verb, "--help")
		if r.code != 0 || !strings.Contains(r.stdout, "Examples:\n  relu "+verb) || !strings.Contains(r.stdout, "Exit codes:") {
			t.Errorf("relu %s --help: exit code %d\n%s%s", verb, r.code, r.stdout, r.stderr)
		}
	}
	if r := run(t, nil); r.code != 0 || !strings.Contains(r.stdout, "apply") {
		t.Errorf("relu: exit code %d\n%s", r.code, r.stdout)
	}
	if r := run(t, nil, "--version"); r.code != 0 || !strings.HasPrefix(r.stdout, "relu ") {
		t.Errorf("relu --version: exit code %d\n%s", r.code, r.stdout)
	}
}

func TestCompletion(t *testing.T) {
	if r := run(t, nil, "completion", "bash"); r.code != 0 || !strings.Contains(r.stdout, "bash completion") {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if r := run(t, nil, "__complete", "apply", "--op", ""); !strings.Contains(r.stdout, "clip\n") {
		t.Errorf("no operation is completed:\n%s", r.stdout)
	}
}
