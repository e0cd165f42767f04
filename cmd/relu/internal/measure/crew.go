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

// crew is a worker for each kernel.
type crew struct {
	command, kernels []string
	members          map[string]*member
}

type member struct {
	command  *exec.Cmd
	stdin    io.WriteCloser
	requests *gob.Encoder
	replies  *gob.Decoder
}

// renew ends the workers, if there are any, and starts new ones.
func (c *crew) renew() error {
	if err := c.close(); err != nil {
		return err
	}
	for _, kernel := range c.kernels {
		m, err := startMember(c.command, kernel)
		if err != nil {
			return fmt.Errorf("cannot start the worker for %s: %w", kernel, err)
		}
		c.members[kernel] = m
	}
	return nil
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

// sample has a kernel's worker take a sample.
func (c *crew) sample(kernel string, p benchfile.Point, atLeast time.Duration) (s benchfile.Sample, disturbed bool, err error) {
	m := c.members[kernel]
	var r reply
	err = m.requests.Encode(request{p, atLeast})
	if err == nil {
		err = m.replies.Decode(&r)
	}
	switch {
	case err != nil:
		return s, false, fmt.Errorf("the worker for %s has stopped: %w", kernel, err)
	case r.Error != "":
		return s, false, errors.New(r.Error)
	}
	return r.Sample, r.Disturbed, nil
}

// close lets the workers end, and waits for them.
func (c *crew) close() (failed error) {
	for kernel, m := range c.members {
		m.stdin.Close()
		if err := m.command.Wait(); err != nil {
			failed = fmt.Errorf("the worker for %s: %w", kernel, err)
		}
	}
	c.members = map[string]*member{}
	return failed
}
