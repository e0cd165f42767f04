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
	if r := run(t, nil, "report", measuredFile, measuredFile, "-o", page, "--svg", picture, "--op", "Leaky"); r.code != 0 || r.stdout+r.stderr != "" {
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

func TestReportRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	page := write("report.html", "the old page")
	for _, c := range []struct {
		args []string
		code int
		word string
	}{
		{[]string{"-o", page}, 2, "arg"},
		{[]string{measuredFile}, 2, "-o"},
		{[]string{measuredFile, "-o", page, "--op", "Leaky"}, 2, "--svg"},
		{[]string{measuredFile, "--svg", page, "--op", "Gelu"}, 2, "Gelu"},
		{[]string{measuredFile, "--svg", page, "--type", "complex64"}, 2, "complex64"},
		{[]string{measuredFile, "--svg", page, "--op", "Grad"}, 1, "Grad float32"},
		{[]string{filepath.Join(dir, "none.txt"), "-o", page}, 1, "none.txt"},
		{[]string{measuredFile, dir, "-o", page}, 1, dir},
		{[]string{write("empty.txt", ""), "-o", page}, 1, "empty.txt: is empty"},
		{[]string{measuredFile, write("prose.txt", "Once upon a time"), "-o", page}, 1, "prose.txt: is not in the Go benchmark format"},
		{[]string{write("others.txt", "BenchmarkEncode-8 1 20 ns/op\n"), "-o", page}, 1, "others.txt: holds no benchmark that relu bench writes"},
		{[]string{measuredFile, "-o", filepath.Join(dir, "none", "report.html")}, 1, "report.html"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			run(t, nil, append([]string{"report"}, c.args...)...).wantLine(t, c.code, c.word)
			if b, err := os.ReadFile(page); err != nil || string(b) != "the old page" {
				t.Errorf("the old page is now %.40q, %v", b, err)
			}
		})
	}
}
