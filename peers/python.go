package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

//go:embed python.py
var script string

// python is a child process that has NumPy, PyTorch, both or none.
type python struct {
	peers    []string // numpy, torch-1 and torch-2, as far as they are there
	versions []string
	missing  []string // what is not there, and why
	in       io.WriteCloser
	out      *json.Decoder
	child    *exec.Cmd
	stderr   bytes.Buffer
}

// startPython starts the interpreter at path. That it cannot be started is no
// error: there are no peers in it then.
func startPython(path string) (*python, error) {
	p := new(python)
	p.child = exec.Command(path, "-c", script)
	p.child.Stderr = &p.stderr
	// A CPU type that was set for another program makes OpenBLAS, which NumPy
	// loads, run kernels that this CPU may lack.
	p.child.Env = slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "OPENBLAS_CORETYPE=") })
	in, err := p.child.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.child.Start(); err != nil {
		p.missing = []string{fmt.Sprintf("NumPy and PyTorch (%v)", err)}
		return p, nil
	}
	p.in, p.out = in, json.NewDecoder(out)
	var found struct{ Peers, Versions, Missing []string }
	if err := p.answer(&found); err != nil {
		return nil, err
	}
	p.peers, p.versions, p.missing = found.Peers, found.Versions, found.Missing
	return p, nil
}

// request is a line to the child. Bits, if any, are to be rectified; otherwise
// calls are to be timed.
type request struct {
	Peer, Op, Type string
	N, Rows        int
	Bits           []uint64
}

// time is how many nanoseconds a call takes, from a pass over rows of n.
func (p *python) time(peer, op, elem string, n, rows int) (float64, error) {
	var answer struct{ Ns float64 }
	err := p.ask(request{Peer: peer, Op: op, Type: elem, N: n, Rows: rows}, &answer)
	return answer.Ns / float64(rows), err
}

// apply rectifies elements, given by their bits, in place.
func (p *python) apply(peer, elem string, bits []uint64) ([]uint64, error) {
	var answer struct{ Bits []uint64 }
	err := p.ask(request{Peer: peer, Op: "InPlace", Type: elem, Bits: bits}, &answer)
	return answer.Bits, err
}

func (p *python) ask(r request, answer any) error {
	if err := json.NewEncoder(p.in).Encode(r); err != nil {
		return p.failure(err)
	}
	return p.answer(answer)
}

func (p *python) answer(into any) error {
	if err := p.out.Decode(into); err != nil {
		return p.failure(err)
	}
	return nil
}

// failure is err with what the child had to say.
func (p *python) failure(err error) error {
	p.close()
	return fmt.Errorf("%s: %w\n%s", p.child.Path, err, p.stderr.String())
}

// close lets the child end, and waits for it.
func (p *python) close() {
	if p.in != nil {
		p.in.Close()
		p.child.Wait()
	}
}
