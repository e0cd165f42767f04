package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// npyFile is an .npy file of version 1.0 with that dictionary and that data.
func npyFile(dict string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(dict)+1))
	return append(append(b, dict+"\n"...), data...)
}

// npyArray is an .npy file of one dimension. Its data start at byte 128.
func npyArray(descr string, data []byte, count int) []byte {
	dict := "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + strconv.Itoa(count) + ",), }"
	return npyFile(dict+strings.Repeat(" ", 128-10-1-len(dict)), data)
}

// float32s are floats as an .npy file has them.
func float32s(x ...float32) []byte {
	b, _ := binary.Append(nil, binary.LittleEndian, x)
	return b
}

// rectified is a file of random float32, which repeat for the sake of speed, and
// what it becomes.
func rectified(count int) (before, after []byte) {
	rng := rand.New(rand.NewPCG(3, 4))
	x := floats(rng, 1009)
	fill := func() []byte { return bytes.Repeat(float32s(x...), count/len(x)+1)[:4*count] }
	before = npyArray("<f4", fill(), count)
	for i := range x {
		x[i] = max(0, x[i])
	}
	return before, npyArray("<f4", fill(), count)
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil {
		t.Error(err)
	} else if !bytes.Equal(got, want) {
		t.Errorf("%s is not what it should be", filepath.Base(path))
	}
}

// wantNothingAside fails the test if a file that was written aside remains.
func wantNothingAside(t *testing.T, dir string) {
	t.Helper()
	if left := filesAside(t, dir); left != nil {
		t.Errorf("%v remain", left)
	}
}

func filesAside(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".relu-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (r result) wantSilence(t *testing.T) {
	t.Helper()
	if r.code != 0 || r.stderr != "" {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
}

func TestApply(t *testing.T) {
	dir := t.TempDir()
	before, after := rectified(200_001)
	x, y := filepath.Join(dir, "x.npy"), filepath.Join(dir, "y.npy")

	write(t, x, before)
	run(t, nil, "apply", "-o", y, x).wantSilence(t)
	wantFile(t, x, before)
	wantFile(t, y, after)

	run(t, nil, "apply", x).wantSilence(t)
	wantFile(t, x, after)

	write(t, x, before)
	run(t, nil, "apply", "--in-place", x).wantSilence(t)
	wantFile(t, x, after)

	for _, args := range [][]string{{"-"}, {"-", "-o", "-"}} {
		r := run(t, before, append([]string{"apply"}, args...)...)
		r.wantSilence(t)
		if r.stdout != string(after) {
			t.Errorf("%v: the output is not what it should be", args)
		}
	}
	write(t, x, before)
	if r := run(t, nil, "apply", "-o", "-", x); r.stdout != string(after) {
		t.Error("-o -: the output is not what it should be")
	}
	run(t, before, "apply", "-", "-o", y).wantSilence(t)
	wantFile(t, y, after)

	write(t, x, before)
	write(t, y, before)
	run(t, nil, "apply", x, y).wantSilence(t)
	wantFile(t, x, after)
	wantFile(t, y, after)
	wantNothingAside(t, dir)
}

func TestApplyKeepsModeAndLinks(t *testing.T) {
	dir := t.TempDir()
	before, after := rectified(10)
	x, link := filepath.Join(dir, "x.npy"), filepath.Join(dir, "link.npy")
	write(t, x, before)
	if err := os.Chmod(x, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("x.npy", link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	run(t, nil, "apply", link).wantSilence(t)
	wantFile(t, x, after)
	info, err := os.Stat(x)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if target, err := os.Readlink(link); err != nil || target != "x.npy" {
		t.Errorf("the link became %q, %v", target, err)
	}
}

// TestApplyRefuses checks that what is no array stays as it was, and is told of
// in one line that names it.
func TestApplyRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	good := npyArray("<f4", float32s(-1, 2, -3), 3)
	fortran := npyFile("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", float32s(-1, -2, -3, -4, -5, -6))
	slopes := filepath.Join(dir, "slopes.npy")
	write(t, slopes, npyArray("<f4", float32s(1, 2), 2))
	none := filepath.Join(dir, "none.npy")
	write(t, none, npyArray("<f4", nil, 0))
	broken := filepath.Join(dir, "broken.npy")
	write(t, broken, good[:130])

	square, square2 := filepath.Join(dir, "square.npy"), npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", make([]byte, 32))
	write(t, square, npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", make([]byte, 24)))
	three := filepath.Join(dir, "three.npy")
	write(t, three, npyArray("<f4", float32s(1, 2, 3), 3))

	type refusal struct {
		file  []byte
		flags []string
		words string
	}
	refusals := []refusal{
		{good[:len(good)-1], nil, "cut short: 139 bytes of 140"},
		{good[:128], nil, "cut short"},
		{append(slices.Clone(good), 0), nil, "goes on after its array, which ends at byte 140"},
		{good[:len(good)-1], []string{"--in-place"}, "cut short"},
		{append(slices.Clone(good), 0), []string{"--in-place"}, "goes on"},
		{npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", float32s(-1, 2, -3))[1:], []string{"--in-place"}, "not an .npy file"},
		{npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }  ", float32s(-1)), []string{"--in-place"}, "not a multiple of 4: leave --in-place out"},
		{npyArray("<i2", make([]byte, 6), 3), []string{"--op", "leaky"}, "is int16: leaky takes float16, bfloat16, float32, float64"},
		{npyArray("<f2", make([]byte, 6), 3), []string{"--op", "prelu", "--slopes", slopes}, "is float16: prelu"},
		{npyArray("<f2", make([]byte, 6), 3), []string{"--op", "clamp", "--lo", "1", "--hi", "2"}, "is float16: clamp takes float32, float64, int8 to int64, uint8, uint16"},
		{npyArray("<f2", make([]byte, 6), 3), []string{"--op", "clip", "--limit", "7e4", "--in-place"}, "is float16: --limit 7e4 is beyond float16, which ends at 65504"},
		{npyArray("<i8", make([]byte, 16), 2), []string{"--op", "bias", "--bias", slopes}, "is int64: bias"},
		{npyArray("|i1", make([]byte, 3), 3), []string{"--op", "clip", "--limit", "300"}, "is int8: --limit 300 is beyond int8, which is from -128 to 127"},
		{npyArray("|i1", make([]byte, 3), 3), []string{"--op", "clip", "--limit", "0.5"}, "--limit 0.5 is not a whole number, as int8 elements are"},
		{npyArray("|i1", make([]byte, 3), 3), []string{"--op", "clip", "--limit", "6.0"}, "--limit 6.0 has to be written as a whole number for int8 elements: 6"},
		{npyArray("|i1", make([]byte, 3), 3), []string{"--op", "clip", "--limit", "inf"}, "--limit inf is beyond int8"},
		{npyArray("<i8", make([]byte, 8), 1), []string{"--op", "clip", "--limit", "1e19"}, "--limit 1e19 is beyond int64, which is from -9223372036854775808 to"},
		{npyArray("|u1", make([]byte, 3), 3), []string{"--op", "clamp", "--lo", "-1", "--hi", "3"}, "--lo -1 is beyond uint8, which is from 0 to 255"},
		{npyArray("|u1", make([]byte, 3), 3), []string{"--op", "clamp", "--lo", "1", "--hi", "3.0"}, "--hi 3.0 has to be written as a whole number for uint8 elements: 3"},
		{npyArray("|i1", make([]byte, 3), 3), []string{"--op", "clamp", "--lo", "5", "--hi", "3"}, "--lo 5 is not at most --hi 3"},
		{good, []string{"--op", "clamp", "--lo", "nan", "--hi", "3"}, "--lo NaN is not at most --hi 3"},
		{good, []string{"--op", "leaky", "--slope", "1e200"}, "--slope 1e200 is beyond float32, which ends at 3.4028234663852886e+38"},
		{good, []string{"--op", "bias", "--bias", slopes}, "has the shape (3,), whose rows are not of the shape (2,) of "},
		{good, []string{"--op", "bias", "--bias", none}, "none.npy is empty"},
		{npyArray("<f8", make([]byte, 16), 2), []string{"--op", "prelu", "--slopes", slopes}, "slopes.npy is float32"},
		{fortran, []string{"--op", "prelu", "--slopes", slopes}, "has 3 channels along axis 1 of its shape (2, 3), but "},
		{fortran, []string{"--op", "prelu", "--slopes", slopes, "--axis", "2"}, "has no axis 2: its shape is (2, 3)"},
		{good, []string{"--op", "prelu", "--slopes", slopes}, "has the shape (3,), and so no axis 1 for the 2 slopes in "},
		{fortran, []string{"--op", "prelu", "--slopes", square}, "the slopes in " + square + " have the shape (2, 3)"},
		{fortran, []string{"--op", "bias", "--bias", three}, "is in Fortran order, in which its rows"},
		{square2, []string{"--op", "bias", "--bias", slopes}, "has the shape (2, 4), whose rows are not of the shape (2,)"},
		{npyArray("<u2", make([]byte, 6), 3), nil, "is uint16, which is unsigned: nothing in it is below 0"},
		{npyArray("|V2", make([]byte, 6), 3), nil, "--dtype bfloat16"},
		{good, []string{"--dtype", "bfloat16"}, "is float32: --dtype bfloat16 is for elements of 2 untyped bytes"},
		{npyArray("<c8", make([]byte, 24), 3), nil, "complex numbers"},
		{slices.Concat(good, good), nil, "has a second array, from byte 140 on"},
		{slices.Concat(good, good), []string{"--in-place"}, "has a second array, from byte 140 on"},
	}
	for _, c := range refusals {
		write(t, path, c.file)
		r := run(t, nil, append([]string{"apply", path}, c.flags...)...)
		r.wantLine(t, 1, path+": ", c.words)
		wantFile(t, path, c.file)
	}
	write(t, path, good)
	run(t, nil, "apply", path, "--op", "bias", "--bias", broken).wantLine(t, 1, broken+": is cut short")
	wantFile(t, path, good)

	gone := filepath.Join(dir, "gone.npy")
	run(t, nil, "apply", gone).wantLine(t, 1, gone+": ")
	run(t, nil, "apply", dir).wantLine(t, 1, dir+": is not a regular file")
	nowhere := filepath.Join(dir, "no", "where.npy")
	run(t, nil, "apply", path, "-o", nowhere).wantLine(t, 1, nowhere+": cannot write in its directory")
	wantFile(t, path, good)
	wantNothingAside(t, dir)
}

func TestApplyStandardInputCutShort(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.npy")
	old := []byte("old")
	write(t, out, old)
	before, _ := rectified(100_000)
	for words, in := range map[string][]byte{
		"standard input: is cut short":                            before[:len(before)-1],
		"standard input: goes on after its array":                 append(slices.Clone(before), 0),
		"standard input: has a second array, from byte 400128 on": slices.Concat(before, before),
		"standard input: is not an .npy file":                     nil,
	} {
		run(t, in, "apply", "-", "-o", out).wantLine(t, 1, words)
		r := run(t, in, "apply", "-")
		r.wantLine(t, 1, words)
		if r.stdout != "" {
			t.Errorf("%s: %d bytes came out", words, len(r.stdout))
		}
		wantFile(t, out, old)
	}
	wantNothingAside(t, dir)
}

// TestApplyMany checks that a file that fails does not keep the others from
// being done.
func TestApplyMany(t *testing.T) {
	dir := t.TempDir()
	before, after := rectified(10)
	var paths []string
	for i, name := range []string{"a.npy", "b.npy", "c.npy"} {
		paths = append(paths, filepath.Join(dir, name))
		write(t, paths[i], before)
	}
	write(t, paths[1], before[1:])
	r := run(t, nil, append([]string{"apply"}, paths...)...)
	want := "relu: " + paths[1] + ": is not an .npy file\nrelu: 1 of 3 files were not rectified\n"
	if r.code != 1 || r.stderr != want {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	wantFile(t, paths[0], after)
	wantFile(t, paths[1], before[1:])
	wantFile(t, paths[2], after)
}

// TestReplaceKeepsWhatChanged checks that a file that another program changes or
// removes meanwhile is not overwritten.
func TestReplaceKeepsWhatChanged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	for words, meanwhile := range map[string]func() error{
		"vanished": func() error { return os.Remove(path) },
		"changed":  func() error { return os.WriteFile(path, []byte("newer"), 0o644) },
		"":         func() error { return nil },
	} {
		write(t, path, []byte("old"))
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		err = replace(path, func(f *os.File) error {
			if _, err := io.WriteString(f, "rectified"); err != nil {
				return err
			}
			return meanwhile()
		}, func() error { return checkInPlace(path, before) })
		content, _ := os.ReadFile(path)
		switch {
		case words == "" && (err != nil || string(content) != "rectified"):
			t.Errorf("nothing changed: %v, %q", err, content)
		case words != "" && (err == nil || !strings.Contains(err.Error(), words) || string(content) == "rectified"):
			t.Errorf("%s: %v, %q", words, err, content)
		}
		wantNothingAside(t, dir)
	}
}

// start starts the command with a pipe as standard input.
func start(t *testing.T, args ...string) (*exec.Cmd, io.WriteCloser) {
	t.Helper()
	cmd := exec.Command(reluPath, args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, stdin
}

// TestReplaceOnPanic checks that what a panic leaves unfinished goes nowhere.
func TestReplaceOnPanic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	write(t, path, []byte("old"))
	func() {
		defer func() { recover() }()
		replace(path, func(*os.File) error { panic("in the middle") }, func() error { return nil })
	}()
	wantFile(t, path, []byte("old"))
	wantNothingAside(t, dir)
}
