//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rivo/uniseg"
)

// terminal is a pseudo-terminal and what was written to it.
type terminal struct {
	*os.File // what a program writes to
	master   *os.File
	mutex    sync.Mutex
	written  bytes.Buffer
}

func openTerminal(t *testing.T, columns int) *terminal {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	term := &terminal{File: tty, master: master}
	term.resize(t, columns)
	t.Cleanup(func() { tty.Close(); master.Close() })
	go func() {
		part := make([]byte, 4096)
		for {
			n, err := master.Read(part)
			term.mutex.Lock()
			term.written.Write(part[:n])
			term.mutex.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return term
}

func (term *terminal) resize(t *testing.T, columns int) {
	t.Helper()
	if err := pty.Setsize(term.master, &pty.Winsize{Rows: 24, Cols: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
}

// wait waits until something is written that matches, and takes it all.
func (term *terminal) wait(t *testing.T, pattern string) string {
	t.Helper()
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		term.mutex.Lock()
		text := term.written.String()
		matched := regexp.MustCompile(pattern).MatchString(text)
		if matched {
			term.written.Reset()
		}
		term.mutex.Unlock()
		if matched {
			return text
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%q is not written, but %q", pattern, text)
		}
	}
}

// wantLines fails the test unless each line that was drawn stays in the row and
// goes before the next one comes.
func wantLines(t *testing.T, text string, columns int) {
	t.Helper()
	if !strings.HasPrefix(text, clearLine) {
		t.Errorf("%q does not start with an empty line", text)
	}
	for line := range strings.SplitSeq(text, clearLine) {
		if strings.ContainsAny(line, "\r\n\x1b") || uniseg.StringWidth(line) >= columns {
			t.Errorf("%q leaves its row of %d columns", line, columns)
		}
	}
}

func TestProgressFitsTheTerminal(t *testing.T) {
	name := "some/where/" + strings.Repeat("a long name ", 15) + "活性化\x1b[31m.npy"
	for _, columns := range []int{40, 80, 200} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			term := openTerminal(t, columns)
			p := startProgress(term, func() int { return terminalWidth(term.File) }, name, 3e9, 0)
			p.add(1e9)
			text := term.wait(t, `\.npy   33%  1\.00 GB of 3\.00 GB.*\x1b\[K`)
			wantLines(t, text, columns)
			if !strings.Contains(text, "...") || strings.Contains(text, "some") {
				t.Errorf("%q has not the middle of the name taken out", text)
			}

			// It follows the terminal.
			for _, now := range []int{60, 20, columns} {
				term.resize(t, now)
				term.wait(t, `%.*\x1b\[K.*%`) // one drawn in between
				wantLines(t, clearLine+lastLine(term.wait(t, `%.*\x1b\[K`)), now)
			}

			p.then("writing to disk")
			wantLines(t, lastLines(term.wait(t, `writing to disk  \ds.*\x1b\[K`)), columns)
			p.close()
			if text := term.wait(t, `\x1b\[K$`); !strings.HasSuffix(text, clearLine) {
				t.Errorf("%q is left", text)
			}
		})
	}
}

// lastLine is the last whole line that was drawn.
func lastLine(text string) string {
	lines := strings.Split(text, clearLine)
	return lines[max(0, len(lines)-2)]
}

// lastLines are all that were drawn after the first.
func lastLines(text string) string {
	_, rest, _ := strings.Cut(text, clearLine)
	return clearLine + rest
}

// TestApplyOnATerminal runs the command on a slow pipe: it shows how far it is,
// and sums up in the end.
func TestApplyOnATerminal(t *testing.T) {
	term := openTerminal(t, 40)
	out := filepath.Join(t.TempDir(), "y.npy")
	before, after := rectified(1_000_000)
	cmd := exec.Command(reluPath, "apply", "-", "-o", out)
	cmd.Stderr = term.File
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdin.Write(before[:2_000_000]); err != nil {
		t.Fatal(err)
	}
	wantLines(t, term.wait(t, `stand\.\.\.input   \d\d%  .*\x1b\[K`), 40)
	if _, err := io.Copy(stdin, bytes.NewReader(before[2_000_000:])); err != nil {
		t.Fatal(err)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	term.wait(t, `\x1b\[Kstandard input: 1000000 float32 elements, \d\d\.\d% zeroed, \d\.\d\d s, \S+ [kM]B/s\r\n$`)
	wantFile(t, out, after)
}
