package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// inDir runs apply in a directory.
func inDir(t *testing.T, dir string, stdin []byte, args ...string) result {
	t.Helper()
	cmd := exec.Command(reluPath, append([]string{"apply"}, args...)...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	return finish(t, cmd)
}

// someFiles are a directory of arrays under several names.
func someFiles(t *testing.T) (dir string, before, after []byte) {
	t.Helper()
	dir = t.TempDir()
	before, after = rectified(10)
	for _, name := range []string{"a.npy", "b.npy", "c.npy"} {
		write(t, filepath.Join(dir, name), before)
	}
	for _, sub := range []string{"sub", "out"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "sub", "a.npy"), before)
	return dir, before, after
}

func link(t *testing.T, dir, to, name string) {
	t.Helper()
	if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
		t.Skip("no symbolic links here:", err)
	}
}

// TestSameFile checks that files are compared, and that nothing is touched where
// one is named twice.
func TestSameFile(t *testing.T) {
	dir, before, _ := someFiles(t)
	link(t, dir, "b.npy", "link.npy")
	if err := os.Link(filepath.Join(dir, "c.npy"), filepath.Join(dir, "hard.npy")); err != nil {
		t.Skip("no hard links here:", err)
	}
	for words, args := range map[string][]string{
		"b.npy and ./b.npy are the same file":                              {"b.npy", "./b.npy"},
		"a.npy and sub/../a.npy are the same file":                         {"a.npy", "b.npy", "sub/../a.npy"},
		"b.npy and link.npy are the same file":                             {"b.npy", "link.npy"},
		"hard.npy and c.npy are the same file":                             {"hard.npy", "c.npy"},
		"the result of sub/a.npy would overwrite a.npy, which is read too": {"-o", ".", "a.npy", "sub/a.npy"},
		"the results of a.npy and sub/a.npy would both be out/a.npy":       {"-o", "out", "a.npy", "sub/a.npy"},
		"a.npy holds the slopes, and would be overwritten":                 {"--op", "prelu", "--slopes", "./a.npy", "b.npy", "a.npy"},
		"b.npy holds the bias, and would be overwritten":                   {"--op", "bias", "--bias", "b.npy", "-o", "link.npy", "a.npy"},
		"-o new.npy is for one file, not for 2":                            {"-o", "new.npy", "a.npy", "b.npy"},
		"-o b.npy is for one file, not for 2":                              {"-o", "b.npy", "a.npy", "c.npy"},
		"-o - is for one file, not for 2":                                  {"-o", "-", "a.npy", "c.npy"},
		"standard input has no name to be given in a directory":            {"-o", "out", "-"},
	} {
		if runtime.GOOS == "windows" {
			words = filepath.FromSlash(words)
		}
		inDir(t, dir, nil, args...).wantLine(t, 2, words)
	}
	for _, name := range []string{"a.npy", "b.npy", "c.npy", "sub/a.npy"} {
		wantFile(t, filepath.Join(dir, name), before)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "out")); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestDirectoryOfResults(t *testing.T) {
	dir, before, after := someFiles(t)
	inDir(t, dir, nil, "-o", "out", "a.npy", "b.npy").wantSilence(t)
	inDir(t, dir, nil, "c.npy", "-o", "out/").wantSilence(t)
	for _, name := range []string{"a.npy", "b.npy", "c.npy"} {
		wantFile(t, filepath.Join(dir, name), before)
		wantFile(t, filepath.Join(dir, "out", name), after)
	}
	// A directory of the files themselves is in place of them.
	inDir(t, dir, nil, "-o", ".", "a.npy", "b.npy").wantSilence(t)
	wantFile(t, filepath.Join(dir, "b.npy"), after)
}

// TestLinkAsOutput checks that a link stays one, even one that leads nowhere.
func TestLinkAsOutput(t *testing.T) {
	dir, before, after := someFiles(t)
	link(t, dir, "sub/new.npy", "dangling.npy")
	link(t, dir, "dangling.npy", "second.npy")
	link(t, dir, "a.npy", "link.npy")
	for _, name := range []string{"dangling.npy", "second.npy", "link.npy"} {
		inDir(t, dir, nil, "-o", name, "b.npy").wantSilence(t)
		if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v", name, err)
		}
		wantFile(t, filepath.Join(dir, name), after)
	}
	wantFile(t, filepath.Join(dir, "sub", "new.npy"), after)
	wantFile(t, filepath.Join(dir, "b.npy"), before)

	link(t, dir, "loop.npy", "loop.npy")
	inDir(t, dir, nil, "-o", "loop.npy", "b.npy").wantLine(t, 1, "loop.npy: too many links")
}

// TestOwnByAnotherName checks that what takes its own place is known as that,
// whatever it is called.
func TestOwnByAnotherName(t *testing.T) {
	dir, _, _ := someFiles(t)
	t.Chdir(dir)
	link(t, dir, "a.npy", "link.npy")
	for _, c := range []struct {
		in, out string
		own     bool
	}{
		{"a.npy", "", true},
		{"a.npy", "./a.npy", true},
		{"a.npy", filepath.Join(dir, "a.npy"), true},
		{"a.npy", "link.npy", true},
		{"link.npy", "a.npy", true},
		{"a.npy", "b.npy", false},
		{"a.npy", "new.npy", false},
	} {
		a := applier{op: new(operation), out: c.out}
		jobs, err := a.plan([]string{c.in}, "")
		if err != nil || len(jobs) != 1 || jobs[0].own != c.own {
			t.Errorf("-o %s %s: %+v, %v", c.out, c.in, jobs, err)
		}
	}
}

// TestLongPipe has a result longer than what is held in memory.
func TestLongPipe(t *testing.T) {
	const count = spoolMemory/4 + 1_000_000
	before, after := rectified(count)
	r := run(t, before, "apply", "-")
	r.wantSilence(t)
	if r.stdout != string(after) {
		t.Error("the output is not what it should be")
	}
	r = run(t, slices.Concat(before, before), "apply", "-")
	if r.wantLine(t, 1, "standard input: has a second array"); r.stdout != "" {
		t.Errorf("%d bytes came out", len(r.stdout))
	}
}
