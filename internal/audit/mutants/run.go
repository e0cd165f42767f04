package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// stuck is when a mutant that takes no CPU time is given up. It is long because a
// machine that is busy with other things must not be taken for one.
const stuck = 3 * time.Minute

// worker has a process that tries one mutant after another: see server.go.
type worker struct {
	p   *program
	by  []string // the emulator's command, or none
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// ask has the process try a mutant.
func (w *worker) ask(ctx context.Context, question string) (verdict string, err error) {
	if w.cmd == nil {
		args := slices.Concat(w.by, []string{w.p.path, "-test.short", "-test.timeout=0", "-test.run=^TestMutants$"})
		w.cmd = exec.CommandContext(ctx, args[0], args[1:]...)
		w.cmd.Dir = w.p.folder // for what a crash leaves
		w.cmd.Env = append(os.Environ(), "RELU_KERNEL=", "RELU_TEST_BEST=", "RELU_TEST_KERNELS=",
			"GOMAXPROCS=1", "GOTRACEBACK=none", "GODEBUG=asyncpreemptoff=1")
		w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		w.cmd.Cancel = func() error { return syscall.Kill(-w.cmd.Process.Pid, syscall.SIGKILL) }
		if w.in, err = w.cmd.StdinPipe(); err != nil {
			return "", err
		}
		out, err := w.cmd.StdoutPipe()
		if err != nil {
			return "", err
		}
		w.cmd.Stderr, w.out = w.cmd.Stdout, bufio.NewReader(out)
		if err := w.cmd.Start(); err != nil {
			return "", err
		}
	}
	if _, err := fmt.Fprintln(w.in, question); err != nil {
		return "", err
	}
	cmd := w.cmd
	var other strings.Builder
	timer := time.AfterFunc(stuck, func() { cmd.Cancel() })
	for {
		line, err := w.out.ReadString('\n')
		if verdict, found := strings.CutPrefix(line, "verdict: "); found {
			timer.Stop()
			return strings.TrimSpace(verdict), nil
		}
		other.WriteString(line)
		if err != nil {
			w.stop()
			if !timer.Stop() {
				return "", errStuck
			}
			return "", fmt.Errorf("the tests ended:\n%s", &other)
		}
	}
}

var errStuck = errors.New("no answer")

// stop ends the process.
func (w *worker) stop() {
	if w.cmd != nil {
		w.cmd.Cancel()
		w.in.Close()
		w.cmd.Wait()
		w.cmd = nil
	}
}

// try runs a mutant and says what became of it.
func (w *worker) try(ctx context.Context, i int) (verdict string, err error) {
	m := w.p.mutants[i]
	original, err := w.p.address(m.kernel.name)
	if err != nil {
		return "", err
	}
	mutant, err := w.p.address(mutantName(i, m))
	if err != nil {
		return "", err
	}
	question := fmt.Sprintf("%s %#x %#x", m.kernel.isa, original, mutant)
	verdict, err = w.ask(ctx, question)
	if errors.Is(err, errStuck) {
		if verdict, err = w.ask(ctx, question); errors.Is(err, errStuck) {
			return "caught: no end", nil
		}
	}
	if verdict != survived || err != nil {
		return verdict, err
	}
	if what, err := w.p.audited(i); what != "" || err != nil {
		return "audit: " + what, err
	}
	if listed(m.String()) {
		return equal, nil
	}
	return survived, nil
}
