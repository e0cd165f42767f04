package measure

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// crew are the workers by kernel.
type crew map[string]*member

type member struct {
	command  *exec.Cmd
	stdin    io.WriteCloser
	requests *gob.Encoder
	replies  *gob.Decoder
}

// startCrew starts a worker for each kernel.
func startCrew(command, kernels []string) (crew, error) {
	c := crew{}
	for _, kernel := range kernels {
		m, err := startMember(command, kernel)
		if err != nil {
			c.close()
			return nil, fmt.Errorf("cannot start the worker for %s: %w", kernel, err)
		}
		c[kernel] = m
	}
	return c, nil
}

func startMember(command []string, kernel string) (*member, error) {
	cmd := exec.Command(command[0], command[1:]...)
	// One goroutine is measured, on one CPU.
	cmd.Env = append(os.Environ(), "RELU_KERNEL="+kernel, "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &member{cmd, stdin, gob.NewEncoder(stdin), gob.NewDecoder(stdout)}, nil
}

func (c crew) sample(kernel string, p benchfile.Point, atLeast time.Duration) (benchfile.Sample, error) {
	m := c[kernel]
	var r reply
	err := m.requests.Encode(request{p, atLeast})
	if err == nil {
		err = m.replies.Decode(&r)
	}
	switch {
	case err != nil:
		return benchfile.Sample{}, fmt.Errorf("the worker for %s has stopped: %w", kernel, err)
	case r.Error != "":
		return benchfile.Sample{}, errors.New(r.Error)
	}
	return r.Sample, nil
}

// close lets the workers end, and waits for them.
func (c crew) close() (failed error) {
	for kernel, m := range c {
		m.stdin.Close()
		if err := m.command.Wait(); err != nil {
			failed = fmt.Errorf("the worker for %s: %w", kernel, err)
		}
	}
	return failed
}
