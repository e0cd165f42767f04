//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// waitAside waits until the command writes a file aside in dir.
func waitAside(t *testing.T, dir string) {
	t.Helper()
	for start := time.Now(); filesAside(t, dir) == nil; time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("no file is written aside")
		}
	}
}

// TestSignals ends the command by a signal in the middle of its input.
func TestSignals(t *testing.T) {
	for sig, code := range map[syscall.Signal]int{
		syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGQUIT: 131, syscall.SIGABRT: 134, syscall.SIGXCPU: 152,
	} {
		if signal.Ignored(sig) {
			continue // as nohup and background jobs of a shell have it, for all that they start
		}
		dir := t.TempDir()
		out := filepath.Join(dir, "out.npy")
		write(t, out, []byte("old"))
		cmd, stdin := start(t, "apply", "-", "-o", out)
		before, _ := rectified(200_000)
		if _, err := stdin.Write(before[:400_000]); err != nil {
			t.Fatal(err)
		}
		waitAside(t, dir)
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Errorf("%v: exit code %d, want %d", sig, got, code)
		}
		wantFile(t, out, []byte("old"))
		wantNothingAside(t, dir)
	}
}

// TestKill kills the command, which cannot catch that, at all stages of its
// work: the file is the old one or the new one.
func TestKill(t *testing.T) {
	before, after := rectified(4_000_000)
	killAtAllStages(t, before, func(content []byte) string {
		switch {
		case bytes.Equal(content, before):
			return "old"
		case bytes.Equal(content, after):
			return "new"
		}
		return ""
	}, "apply")
}

// TestKillInPlace does the same to a run in place: each element is
// the old one or the new one, and a second run does the rest.
func TestKillInPlace(t *testing.T) {
	before, after := rectified(4_000_000)
	path := killAtAllStages(t, before, func(content []byte) string {
		if len(content) != len(before) || !eachIsEither(content, before, after, 4096) {
			return ""
		}
		return "old or new"
	}, "apply", "--in-place")
	run(t, nil, "apply", "--in-place", path).wantSilence(t)
	wantFile(t, path, after)
}

// eachIsEither says whether each of the elements is that of before or that of
// after, page by page first for the sake of speed.
func eachIsEither(elements, before, after []byte, size int) bool {
	for i := 0; i < len(elements); i += size {
		j := min(i+size, len(elements))
		e, b, a := elements[i:j], before[i:j], after[i:j]
		if !bytes.Equal(e, b) && !bytes.Equal(e, a) && (size == 4 || !eachIsEither(e, b, a, 4)) {
			return false
		}
	}
	return true
}

// killAtAllStages runs the command on a file, and kills it later each time,
// until it comes to its end. Whenever it was killed, state must know the file.
func killAtAllStages(t *testing.T, before []byte, state func([]byte) string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.npy")
	states := map[string]int{}
	for delay := time.Duration(0); ; delay += max(time.Millisecond, delay/3) {
		write(t, path, before)
		cmd := exec.Command(reluPath, append(slices.Clone(args), path)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay)
		cmd.Process.Kill()
		cmd.Wait()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := state(content)
		if s == "" {
			t.Fatalf("killed after %v, the command left a mixture", delay)
		}
		states[s]++
		if cmd.ProcessState.Success() {
			t.Logf("killed at %v", states)
			return path
		}
	}
}

// TestReadOnly checks that a rename does not get round permissions.
func TestReadOnly(t *testing.T) {
	dir, err := os.MkdirTemp("", "relu-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755); os.RemoveAll(dir) })
	x, y, before := filepath.Join(dir, "x.npy"), filepath.Join(dir, "y.npy"), npyArray("<f4", float32s(-1), 1)
	write(t, x, before)
	write(t, y, before)
	runAsOther := func(args ...string) result {
		cmd := exec.Command(reluPath, append([]string{"apply"}, args...)...)
		if os.Geteuid() == 0 { // whom no permission stops
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		return finish(t, cmd)
	}

	// The file is read-only, which stops even root here.
	if err := os.Chmod(x, 0o444); err != nil {
		t.Fatal(err)
	}
	run(t, nil, "apply", x).wantLine(t, 1, x+": is read-only")
	run(t, nil, "apply", "--in-place", x).wantLine(t, 1, x+": is read-only")
	run(t, nil, "apply", "-o", x, y).wantLine(t, 1, x+": is read-only")
	if os.Geteuid() == 0 {
		// The file is writable, but not by this user, who may write in the directory.
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		runAsOther(y).wantLine(t, 1, y+": permission denied")
		runAsOther("-o", y, x).wantLine(t, 1, y+": permission denied")
		runAsOther("--in-place", y).wantLine(t, 1, y+": permission denied")
	}
	// The file is writable, but the directory is not.
	if err := os.Chmod(y, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	runAsOther(y).wantLine(t, 1, y+": cannot write in its directory: permission denied")
	z := filepath.Join(dir, "z.npy")
	runAsOther("-o", z, y).wantLine(t, 1, z+": cannot write in its directory: permission denied")
	wantFile(t, x, before)
	wantFile(t, y, before)
	// In place the directory does not matter.
	runAsOther("--in-place", y).wantSilence(t)
	wantFile(t, y, npyArray("<f4", float32s(0), 1))
	// Neither does it where the result goes to standard output.
	if r := runAsOther("-o", "-", x); r.stdout != string(npyArray("<f4", float32s(0), 1)) {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	// A file that cannot be read is named too.
	if err := os.Chmod(x, 0o200); err != nil {
		t.Fatal(err)
	}
	runAsOther("-o", "-", x).wantLine(t, 1, x+": permission denied")
}

// TestPipeAsFile checks that a named pipe is refused, not waited for.
func TestPipeAsFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.npy")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skip("no named pipes here:", err)
	}
	for _, args := range [][]string{{pipe}, {"--in-place", pipe}, {"-o", pipe, "-"}} {
		run(t, npyArray("<f4", nil, 0), append([]string{"apply"}, args...)...).wantLine(t, 1, pipe+": is not a regular file")
	}
}

func TestFullOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no device here is always full:", err)
	}
	defer full.Close()
	before, _ := rectified(10)
	var stderr bytes.Buffer
	cmd := exec.Command(reluPath, "apply", "-")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(before), full, &stderr
	cmd.Run()
	result{cmd.ProcessState.ExitCode(), "", stderr.String()}.wantLine(t, 1, "standard output: the disk is full: no space left on device")
}
