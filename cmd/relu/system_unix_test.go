//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/xattr"
)

// TestMetadataStays checks that the new file has the old one's owner, mode and
// extended attributes, also through a link.
func TestMetadataStays(t *testing.T) {
	dir, _, after := someFiles(t)
	path := filepath.Join(dir, "a.npy")
	link(t, dir, "a.npy", "link.npy")
	attributes := xattr.Set(path, "user.origin", []byte("layer 3\x00\xff")) == nil
	// Everybody who is named, and the mask: version 2, then tag, permissions and id.
	list := []byte("\x02\x00\x00\x00" + "\x01\x00\x06\x00\xff\xff\xff\xff" + "\x02\x00\x04\x00\x39\x30\x00\x00" +
		"\x04\x00\x04\x00\xff\xff\xff\xff" + "\x10\x00\x04\x00\xff\xff\xff\xff" + "\x20\x00\x00\x00\xff\xff\xff\xff")
	lists := xattr.Set(path, accessList, list) == nil
	if os.Geteuid() == 0 {
		if err := os.Chown(path, 1234, 5678); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"link.npy"}, {"-o", "link.npy", "b.npy"}} {
		before := stat(t, path)
		inDir(t, dir, nil, args...).wantSilence(t)
		now := stat(t, path)
		if now.Ino == before.Ino {
			t.Error("it is the same file, so this shows nothing")
		}
		if now.Uid != before.Uid || now.Gid != before.Gid || now.Mode != before.Mode {
			t.Errorf("owner %d:%d, mode %o; they were %d:%d, %o", now.Uid, now.Gid, now.Mode, before.Uid, before.Gid, before.Mode)
		}
		if value, err := xattr.Get(path, "user.origin"); attributes && (err != nil || string(value) != "layer 3\x00\xff") {
			t.Errorf("the attribute is %q, %v", value, err)
		}
		if value, err := xattr.Get(path, accessList); lists && (err != nil || string(value) != string(list)) {
			t.Errorf("the access control list is %q, %v", value, err)
		}
	}
	wantFile(t, path, after)
	t.Logf("with extended attributes: %v; with access control lists: %v", attributes, lists)
}

func stat(t *testing.T, path string) *syscall.Stat_t {
	t.Helper()
	var s syscall.Stat_t
	if err := syscall.Stat(path, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// TestHardLinks checks that a file is not taken away from its other names.
func TestHardLinks(t *testing.T) {
	dir, before, after := someFiles(t)
	other := filepath.Join(dir, "other.npy")
	if err := os.Link(filepath.Join(dir, "a.npy"), other); err != nil {
		t.Skip("no hard links here:", err)
	}
	const has = "has 2 names (hard links), of which only this one would get the result: write to another file"
	inDir(t, dir, nil, "a.npy").wantLine(t, 1, "a.npy: "+has+" with -o, or into this one with --in-place\n")
	inDir(t, dir, nil, "-o", "a.npy", "b.npy").wantLine(t, 1, "a.npy: "+has+"\n")
	for _, args := range [][]string{
		{"bench", "-o"},
		{"report", filepath.Join("testdata", "amd-epyc.txt"), "--svg"},
		{"stats", other, "--svg"},
	} {
		path := filepath.Join(dir, args[0]+".svg")
		write(t, path, nil)
		if err := os.Link(path, path+"2"); err != nil {
			t.Fatal(err)
		}
		run(t, nil, append(args, path)...).wantLine(t, 1, args[0]+".svg: "+has+"\n")
	}
	wantFile(t, other, before)
	inDir(t, dir, nil, "--in-place", "a.npy").wantSilence(t)
	wantFile(t, other, after)
	wantNothingAside(t, dir)
}

// TestOwnerThatCannotStay has a user write to another's file.
func TestOwnerThatCannotStay(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	dir := t.TempDir()
	for p := dir; p != os.TempDir(); p = filepath.Dir(p) {
		if err := os.Chmod(p, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	before, after := rectified(10)
	path := filepath.Join(dir, "a.npy")
	write(t, path, before)
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	asOther := func(args ...string) result {
		cmd := exec.Command(reluPath, append([]string{"apply"}, args...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		return finish(t, cmd)
	}
	asOther(path).wantLine(t, 1, path+": its owner and group cannot be given to the result", "--in-place")
	wantFile(t, path, before)
	wantNothingAside(t, dir)
	asOther("--in-place", path).wantSilence(t)
	wantFile(t, path, after)
}

// TestNamesOnATerminal checks that nothing in a name reaches a terminal as it
// is.
func TestNamesOnATerminal(t *testing.T) {
	dir := t.TempDir()
	name := "red\x1b[31m\nand \xff\u202e.npy"
	write(t, filepath.Join(dir, name), []byte("none"))
	inDir(t, dir, nil, name).wantLine(t, 1, `"red\x1b[31m\nand \xff\u202e.npy": is not an .npy file`)
	inDir(t, dir, nil, "--op", name, "x.npy").wantLine(t, 2, `red\x1b[31m\nand \xff\u202e.npy`)
	inDir(t, dir, nil, "-o", "a\x1bb\x9b/c.npy", "x.npy").wantLine(t, 1)
}

// TestStandardStreamsByName checks that a name of an open file is not taken for
// a file to write to.
func TestStandardStreamsByName(t *testing.T) {
	if _, err := os.Stat("/dev/stdin"); err != nil {
		t.Skip(err)
	}
	dir, before, after := someFiles(t)
	path := filepath.Join(dir, "a.npy")
	for _, name := range []string{"/dev/stdin", "/dev/fd/0", "-"} {
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		cmd := exec.Command(reluPath, "apply", name)
		cmd.Stdin = in
		r := finish(t, cmd)
		if r.wantSilence(t); r.stdout != string(after) {
			t.Errorf("%s: %d bytes came out", name, len(r.stdout))
		}
		wantFile(t, path, before)
	}
	if r := inDir(t, dir, nil, "-o", "/dev/stdout", "a.npy"); r.stdout != string(after) {
		t.Errorf("%d bytes came out\n%s", len(r.stdout), r.stderr)
	}
	inDir(t, dir, nil, "-", "/dev/stdin").wantLine(t, 2, "standard input can be read only once")
	inDir(t, dir, nil, "/dev/fd/7").wantLine(t, 2, "say with -o where its result goes")

	// An open pipe can be read by name, as a shell's <(...) gives it.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() { w.Write(before); w.Close() }()
	cmd := exec.Command(reluPath, "apply", "-o", "new.npy", "/dev/fd/3")
	cmd.Dir, cmd.ExtraFiles = dir, []*os.File{r}
	finish(t, cmd).wantSilence(t)
	wantFile(t, filepath.Join(dir, "new.npy"), after)

	// Standard output appended to what is read would never end.
	appended, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer appended.Close()
	cmd = exec.Command(reluPath, "apply", "-o", "-", path)
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = appended, &stderr
	cmd.Run()
	result{cmd.ProcessState.ExitCode(), "", stderr.String()}.wantLine(t, 2, "standard output is the file that is read")
	wantFile(t, path, before)
}

// TestInputChanges checks that a change of what is read is noticed wherever the
// result goes.
func TestInputChanges(t *testing.T) {
	dir, before, _ := someFiles(t)
	path := filepath.Join(dir, "a.npy")
	in, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := checkUnchanged(in, info); err != nil {
		t.Error(err)
	}
	// The same length at another time.
	if err := os.Chtimes(path, time.Time{}, info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := checkUnchanged(in, info); err == nil {
		t.Error("a change is not noticed")
	}
	// A whole run, which waits for its standard output to be read meanwhile.
	big, _ := rectified(1_000_000)
	write(t, path, big)
	cmd := exec.Command(reluPath, "apply", "-o", "-", path)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.ReadFull(stdout, make([]byte, 1000))
	if _, err := in.WriteAt(before[:1], 0); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, stdout)
	cmd.Wait()
	result{cmd.ProcessState.ExitCode(), "", stderr.String()}.wantLine(t, 1, path+": changed while it was rectified")
}

// TestFileSizeLimit has the command run into the limit on the size of a file,
// whose signal would end a program of Go's on the spot.
func TestFileSizeLimit(t *testing.T) {
	dir := t.TempDir()
	before, _ := rectified(400_000)
	write(t, filepath.Join(dir, "x.npy"), before)
	cmd := exec.Command("sh", "-c", fmt.Sprintf("ulimit -f 100; exec %s apply -o y.npy x.npy", reluPath))
	cmd.Dir = dir
	finish(t, cmd).wantLine(t, 1, "y.npy: file too large")
	wantNothingAside(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "y.npy")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
