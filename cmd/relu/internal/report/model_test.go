package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

func fileOf(name string, h benchfile.Host) benchfile.File {
	var r benchfile.Results
	r.Add(benchfile.Point{Op: "InPlace", Type: "float32", Kernel: "avx2", N: 64}, benchfile.Sample{Calls: 1, Nanoseconds: 5})
	return benchfile.File{Name: name, Host: h, Results: &r}
}

func TestRunNames(t *testing.T) {
	host := func(cpu, label, date string) benchfile.Host {
		return benchfile.Host{CPU: cpu, Label: label, Date: date}
	}
	for name, c := range map[string]struct {
		files []benchfile.File
		want  []string
	}{
		"CPUs": {
			[]benchfile.File{fileOf("a.txt", host("6502", "new", "2026-01-01")), fileOf("b.txt", host("Z80", "new", "2026-01-01"))},
			[]string{"6502", "Z80"},
		},
		"labels": {
			[]benchfile.File{fileOf("a.txt", host("6502", "old", "2026-01-01")), fileOf("b.txt", host("6502", "new", "2026-01-01")), fileOf("c.txt", host("Z80", "", ""))},
			[]string{"6502, old", "6502, new", "Z80"},
		},
		"dates": {
			[]benchfile.File{fileOf("a.txt", host("6502", "", "2026-01-01")), fileOf("b.txt", host("6502", "", "2026-02-02"))},
			[]string{"6502, 2026-01-01", "6502, 2026-02-02"},
		},
		"a label and a date": {
			[]benchfile.File{fileOf("a.txt", host("6502", "old", "2026-01-01")), fileOf("b.txt", host("6502", "", "2026-02-02"))},
			[]string{"6502, old", "6502, 2026-02-02"},
		},
		"files": {
			[]benchfile.File{fileOf("x/a.txt", host("6502", "same", "2026-01-01")), fileOf("y/a.txt", host("6502", "same", "2026-01-01"))},
			[]string{"6502, x/a.txt", "6502, y/a.txt"},
		},
		"nothing": {
			[]benchfile.File{fileOf("a\x1b.txt", host("", "", "")), fileOf("a\x1b.txt", host("", "", ""))},
			[]string{"unknown CPU, A", "unknown CPU, B"},
		},
	} {
		var got []string
		for _, r := range newRuns(c.files) {
			got = append(got, r.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: the runs are %q, want %q", name, got, c.want)
		}
	}
	if a, z, next := letter(0), letter(25), letter(26); a != "A" || z != "Z" || next != "A1" {
		t.Errorf("the letters are %s, %s, %s", a, z, next)
	}
}

// TestCacheMarks wants one mark for one length, and no labels that touch.
func TestCacheMarks(t *testing.T) {
	h := func(l1, l2 int) benchfile.Host { return benchfile.Host{CPU: "6502", L1Data: l1, L2: l2} }
	m := newModel([]benchfile.File{fileOf("a", h(32<<10, 1<<20)), fileOf("b", h(48<<10, 1<<20)), fileOf("c", h(0, 0))})
	at := func(n float64) (float64, bool) { return n / 1000, true } // 8 KiB and 12 KiB: 4 apart
	marks := m.cacheMarks(&m.Panels[0], at)
	var labels []string
	for _, k := range marks {
		labels = append(labels, k.Label)
	}
	if want := []string{"L1 A", "L1 B", "L2 AB"}; !slices.Equal(labels, want) {
		t.Fatalf("the marks are %q, want %q", labels, want)
	}
	if marks[0].Row == marks[1].Row || marks[0].Ink == marks[1].Ink || marks[2].Ink != inkPlain {
		t.Errorf("the marks are %+v", marks)
	}
	one := newModel([]benchfile.File{fileOf("a", h(32<<10, 1<<20))})
	if marks := one.cacheMarks(&one.Panels[0], at); len(marks) != 2 || marks[0].Label != "L1" || marks[0].Row != marks[1].Row {
		t.Errorf("of one run, the marks are %+v", marks)
	}
}

func TestWarnings(t *testing.T) {
	busy := fileOf("a", benchfile.Host{CPU: "6502", Warnings: []string{"busy", "hot"}, Note: "interrupted"})
	one, two := newModel([]benchfile.File{busy}), newModel([]benchfile.File{fileOf("b", benchfile.Host{}), busy})
	if got := one.warnings(); !slices.Equal(got, []string{"busy", "hot", "interrupted"}) {
		t.Errorf("the warnings are %q", got)
	}
	if got := two.warnings(); !slices.Equal(got, []string{"B: busy", "B: hot", "B: interrupted"}) {
		t.Errorf("the warnings are %q", got)
	}
}

// TestOurs knows pages and pictures, by what they begin with, and nothing else.
func TestOurs(t *testing.T) {
	evil := benchfile.Host{CPU: strings.Repeat(`<">`, 5000), Kernel: "avx2"}
	for _, files := range [][]benchfile.File{{fileOf("a", evil)}, {fileOf("a", evil), fileOf("b", evil)}} {
		var page, picture bytes.Buffer
		if err := WritePage(&page, files); err != nil {
			t.Fatal(err)
		}
		if err := WritePicture(&picture, files, "InPlace", "float32", Throughput); err != nil {
			t.Fatal(err)
		}
		if !Ours(page.Bytes()[:MarkWithin]) || !Ours(picture.Bytes()[:MarkWithin]) {
			t.Errorf("these are not known as ours:\n%s\n%s", page.Bytes()[:MarkWithin], picture.Bytes()[:MarkWithin])
		}
	}
	for _, text := range []string{"goos: linux\n", "<!doctype html>", "<svg xmlns", " "} {
		if Ours([]byte(text)) {
			t.Errorf("%q counts as ours", text)
		}
	}
}
