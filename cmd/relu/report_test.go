package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const measuredFile = "testdata/amd-epyc.txt"

func TestReport(t *testing.T) {
	dir := t.TempDir()
	page, picture := filepath.Join(dir, "report.html"), filepath.Join(dir, "leaky.svg")
	if r := run(t, nil, "report", measuredFile, "-o", page, "--svg", picture, "--op", "Leaky"); r.code != 0 || r.stdout+r.stderr != "" {
		t.Fatalf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	for path, want := range map[string]string{page: "<!doctype html>", picture: "<svg "} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(b), want) || len(b) > 1e6 {
			t.Errorf("%s has %d bytes and starts with %.40q", path, len(b), b)
		}
	}
	if b, _ := os.ReadFile(picture); !strings.Contains(string(b), "Leaky, float32") {
		t.Errorf("the picture is of something else:\n%s", b)
	}
}

// TestReportStreams reads standard input and writes standard output.
func TestReportStreams(t *testing.T) {
	text, err := os.ReadFile(measuredFile)
	if err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]string{"-o": "<!doctype html>", "--svg": "<svg "} {
		r := run(t, text, "report", "-", flag, "-")
		if r.code != 0 || !strings.HasPrefix(r.stdout, want) || r.stderr != "" {
			t.Errorf("%s -: exit code %d, %.40q\n%s", flag, r.code, r.stdout, r.stderr)
		}
	}
}

// TestReportReplaces writes over what it wrote, and over an empty file.
func TestReportReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"-o", "-o", "--svg", "--svg", "-o"} {
		if r := run(t, nil, "report", measuredFile, flag, path); r.code != 0 {
			t.Errorf("%s: exit code %d\n%s", flag, r.code, r.stderr)
		}
	}
}

func TestReportRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	page := write("report.html", `<meta name="generator" content="relu report">the old page`)
	mine := write("mine.html", "<!doctype html>")
	copied := write("copied.txt", "")
	if text, err := os.ReadFile(measuredFile); err != nil {
		t.Fatal(err)
	} else if err := os.WriteFile(copied, text, 0o644); err != nil {
		t.Fatal(err)
	}
	linked := filepath.Join(dir, "linked.txt")
	if err := os.Symlink(copied, linked); err != nil {
		linked = copied // where links need rights
	}
	for _, c := range []struct {
		args []string
		code int
		word string
	}{
		{[]string{"-o", page}, 2, "arg"},
		{[]string{measuredFile}, 2, "-o"},
		{[]string{measuredFile, "-o", page, "--op", "Leaky"}, 2, "--svg"},
		{[]string{copied, "-o", copied}, 2, "copied.txt is an input too"},
		{[]string{copied, "-o", linked}, 2, "linked.txt is an input too"},
		{[]string{measuredFile, copied, "--svg", filepath.Join(dir, ".", "copied.txt")}, 2, "copied.txt is an input too"},
		{[]string{"-o", filepath.Join(dir, "copied.txt"), copied, "./none.txt"}, 2, "copied.txt is an input too"},
		{[]string{measuredFile, copied, measuredFile, "-o", page}, 2, "given twice"},
		{[]string{"-", "-", "-o", page}, 2, "given twice"},
		{[]string{measuredFile, "-o", page, "--svg", page}, 2, "are the same"},
		{[]string{measuredFile, "-o", "new.html", "--svg", "./new.html"}, 2, "are the same"},
		{[]string{measuredFile, "-o", "-", "--svg", "-"}, 2, "are the same"},
		{[]string{measuredFile, "-o", mine}, 1, "mine.html: is no page or picture of relu report"},
		{[]string{measuredFile, "--svg", mine}, 1, "mine.html: is no page or picture of relu report"},
		{[]string{measuredFile, "-o", dir}, 1, "is not a regular file"},
		{[]string{measuredFile, "-o", page, "--svg", filepath.Join(dir, "new.svg"), "--op", "Grad", "--type", "int8"}, 1, "Grad int8"},
		{[]string{measuredFile, "--svg", page, "--op", "Gelu"}, 2, "Gelu"},
		{[]string{measuredFile, "--svg", page, "--type", "complex64"}, 2, "complex64"},
		{[]string{filepath.Join(dir, "none.txt"), "-o", page}, 1, "none.txt"},
		{[]string{measuredFile, dir, "-o", page}, 1, dir},
		{[]string{write("empty.txt", ""), "-o", page}, 1, "empty.txt: is empty"},
		{[]string{measuredFile, write("prose.txt", "Once upon a time"), "-o", page}, 1, "prose.txt: is not in the Go benchmark format"},
		{[]string{write("others.txt", "BenchmarkEncode-8 1 20 ns/op\n"), "-o", page}, 1, "others.txt: holds no benchmark that relu bench writes"},
		{[]string{measuredFile, "-o", filepath.Join(dir, "none", "report.html")}, 1, "report.html"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			run(t, nil, append([]string{"report"}, c.args...)...).wantLine(t, c.code, c.word)
			if b, err := os.ReadFile(page); err != nil || !strings.HasSuffix(string(b), "the old page") {
				t.Errorf("the old page is now %.40q, %v", b, err)
			}
			if b, err := os.ReadFile(copied); err != nil || !strings.HasPrefix(string(b), "goos: ") {
				t.Errorf("the input is now %.40q, %v", b, err)
			}
		})
	}
}
