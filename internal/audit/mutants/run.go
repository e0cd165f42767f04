package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// emulator runs programs of an architecture on this machine, which may need none.
type emulator struct {
	command []string
	limit   time.Duration // for the tests of one mutant
}

// targeted are the quick tests that see one row of the table under one kernel.
const targeted = `^Test(SpecialValuesAtEveryPosition|EveryLengthAndAlignment|Seams|PairsOfSpecialValues|RandomBits|Rows|GuardPages|PReLUGradShapes)$`

// worker has a copy of the program to itself.
type worker struct {
	p    *program
	path string
	by   emulator
}

func (p *program) worker(i int, by emulator) (*worker, error) {
	starting.Lock()
	defer starting.Unlock()
	path := filepath.Join(p.folder, fmt.Sprintf("worker%d.test", i))
	in, err := os.Open(p.path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return nil, err
	}
	return &worker{p, path, by}, out.Close()
}

// starting keeps files from being open for writing, which children inherit for a
// moment, while a program is started: the system would call it busy.
var starting sync.Mutex

// write puts bytes over the program's, which must not run, and returns the old.
func (w *worker) write(at int64, code []byte) (old []byte, err error) {
	starting.Lock()
	defer starting.Unlock()
	file, err := os.OpenFile(w.path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	old = make([]byte, len(code))
	if _, err = file.ReadAt(old, at); err == nil {
		_, err = file.WriteAt(code, at)
	}
	return old, errors.Join(err, file.Close())
}

// try runs a mutant and says what became of it.
func (w *worker) try(ctx context.Context, i int) (verdict string, err error) {
	m := w.p.mutants[i]
	at, from, err := w.p.offset(m.kernel.name)
	if err != nil {
		return "", err
	}
	_, to, err := w.p.offset(mutantName(i, m))
	if err != nil {
		return "", err
	}
	old, err := w.write(at, arches[w.p.goarch].patch(from, to))
	if err != nil {
		return "", err
	}
	defer func() {
		if _, back := w.write(at, old); err == nil {
			err = back
		}
	}()
	rows := "/^" + m.kernel.row + "$"
	if strings.HasPrefix(m.kernel.row, "preluGrad") {
		rows = "" // TestPReLUGradShapes has it under names of shapes
	}
	verdict, err = w.tests(ctx, m.kernel.isa, targeted+"/^"+m.kernel.isa+"$"+rows)
	if verdict != "" || err != nil {
		return verdict, err
	}
	if listed(m.String()) {
		return equal, nil
	}
	if what, err := w.p.audited(i); what != "" || err != nil {
		return "audit: " + what, err
	}
	if verdict, err = w.tests(ctx, m.kernel.isa, "."); verdict != "" || err != nil {
		return verdict, err
	}
	return "survived", nil
}

// tests runs some of the quick tests, and says what failed.
func (w *worker) tests(ctx context.Context, isa, run string) (failure string, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.by.limit)
	defer cancel()
	args := append(append([]string{}, w.by.command...), w.path, "-test.short", "-test.failfast", "-test.run", run,
		"-test.skip", "^Test(Parallel.*|OneCall|Profile|Traceback)$") // long slices, and where code lies
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "RELU_TEST_KERNELS="+isa, "RELU_KERNEL="+isa, "RELU_TEST_BEST=")
	cmd.WaitDelay = time.Second
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	starting.Lock()
	err = cmd.Start()
	starting.Unlock()
	if err != nil {
		return "", err
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		if strings.Contains(out.String(), "no tests to run") {
			return "", fmt.Errorf("no test matches %s", run)
		}
		return "", nil
	case ctx.Err() == context.DeadlineExceeded:
		return "caught: no end", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case !errors.As(err, &exit):
		return "", err
	}
	for line := range strings.Lines(out.String()) {
		if name, found := strings.CutPrefix(line, "--- FAIL: "); found {
			name, _, _ = strings.Cut(name, " ")
			return "caught: " + name, nil
		}
	}
	return "caught: " + exit.String(), nil
}
