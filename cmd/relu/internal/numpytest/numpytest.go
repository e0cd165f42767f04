// Package numpytest lets tests ask NumPy.
package numpytest

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// python is the system's, which distributions install NumPy for.
const python = "/usr/bin/python3"

// Run runs a script in dir, with what it reads on standard input, and returns
// what it prints. It skips the test where there is no NumPy, unless
// RELU_REQUIRE_FRAMEWORKS is 1.
func Run(t *testing.T, dir, script string, stdin []byte) []byte {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import numpy").CombinedOutput(); err != nil {
		const lacks = "%s has no NumPy, which this test compares with: %v\n%s"
		if os.Getenv("RELU_REQUIRE_FRAMEWORKS") == "1" {
			t.Fatalf(lacks, python, err, out)
		}
		t.Skipf(lacks, python, err, out)
	}
	cmd := exec.Command(python, "-c", script)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return out
}
