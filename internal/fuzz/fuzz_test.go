package fuzz

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// A go command that lists the target in $LISTED and prints $PRINTED when that
// is to run.
const fake = `#!/bin/sh
case "$*" in
*-list*) echo "$LISTED" ;;
*) printf '%s\n' "$PRINTED"; case "$PRINTED" in PASS*) ;; *) exit 1 ;; esac ;;
esac
`

// TestFuzzScript has fuzz.sh tell a find from the end of the time.
func TestFuzzScript(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("fuzz.sh is for a shell")
	}
	script, err := filepath.Abs("fuzz.sh")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(fake), 0o777); err != nil {
		t.Fatal(err)
	}
	const late = "--- FAIL: FuzzX (2.01s)\n    context deadline exceeded\nFAIL"
	for _, test := range []struct {
		name, listed, printed string
		passes                bool
	}{
		{"nothing found", "FuzzX", "PASS", true},
		{"out of time", "FuzzX", late, true},
		{"found", "FuzzX", "--- FAIL: FuzzX (0.01s)\n    Failing input written to testdata/fuzz/FuzzX/1\nFAIL", false},
		{"found, out of time", "FuzzX", late + "\n    Failing input written to testdata/fuzz/FuzzX/1", false},
		{"a seed fails", "FuzzX", "--- FAIL: FuzzX (0.00s)\n    --- FAIL: FuzzX/seed#0\nFAIL", false},
		{"no target", "ok", "PASS", false},
	} {
		cmd := exec.Command("bash", script, "2s")
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "LISTED="+test.listed, "PRINTED="+test.printed)
		if out, err := cmd.CombinedOutput(); (err == nil) != test.passes {
			t.Errorf("%s: %v\n%s", test.name, err, out)
		}
	}
}
