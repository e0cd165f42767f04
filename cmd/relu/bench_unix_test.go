//go:build unix

package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestBenchInterrupted interrupts bench and its workers, as Ctrl-C does.
func TestBenchInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpu.txt")
	cmd := exec.Command(reluPath, "bench", "-o", path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 128+int(syscall.SIGINT) {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
	host, results := readRun(t, path)
	if !strings.HasPrefix(host.Note, "interrupted with ") || !strings.Contains(stderr.String(), host.Note) {
		t.Errorf("the note is %q\n%s", host.Note, stderr.String())
	}
	if len(results.Points()) == 0 || !strings.Contains(stdout.String(), "InPlace") {
		t.Errorf("%d points were written, and shown:\n%s", len(results.Points()), stdout.String())
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); err == nil {
		t.Error("a worker is left")
	}
}
