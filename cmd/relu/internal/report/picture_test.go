package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
)

func TestPicture(t *testing.T) {
	two := twoFiles(t)
	for name, c := range map[string]struct {
		files []benchfile.File
		lines int // kernels, the loop and a limit; or of each CPU a kernel, the loop and the limit
	}{
		"one": {two[:1], len(kernelsOf(two[:1])) + 1},
		"two": {two, 2 * 3},
	} {
		t.Run(name, func(t *testing.T) {
			var svg bytes.Buffer
			if err := WritePicture(&svg, c.files, "InPlace", "float32", Throughput); err != nil {
				t.Fatal(err)
			}
			lines, texts := readSVG(t, svg.Bytes())
			if lines != c.lines+len(strings.Split(svg.String(), `<g transform`))-1 {
				t.Errorf("%d lines are drawn, legend included", lines)
			}
			for _, want := range []string{"InPlace, float32", "L1", "L2", "L3", "16Mi", "plain Go loop", two[0].Host.CPU} {
				if !strings.Contains(texts, want) {
					t.Errorf("%q is not in the picture:\n%s", want, texts)
				}
			}
			if dir := os.Getenv("RELU_SCREENSHOTS"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, name+".svg"), svg.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if err := WritePicture(io.Discard, two, "Grad", "int8", Throughput); err == nil || !strings.Contains(err.Error(), "Grad int8") {
		t.Errorf("the error for what was not measured is %v", err)
	}
}

// TestHostileNames draws what a file may say of itself.
func TestHostileNames(t *testing.T) {
	text := "goos: linux\ncpu: \x01\x1b[31m\x0b]]> & <script>\xff\u0085\nlabel: \x02\ncache-l1d: 4096\nkernel: avx2\x07\n"
	for n := range 12 {
		text += fmt.Sprintf("BenchmarkInPlace/type=float32/kernel=avx2/n=%d 1 %d ns/op\n", 1<<n, 1+n)
	}
	files, err := benchfile.Read(strings.NewReader(text+strings.Replace(text, "linux", "plan9", 1)), "evil\x1b.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 {
		t.Fatalf("there are %d runs", len(files))
	}
	for i := range files {
		files[i].Host.Kernel = "avx2"
	}
	for _, some := range [][]benchfile.File{files[:1], files} {
		var svg bytes.Buffer
		if err := WritePicture(&svg, some, "InPlace", "float32", Throughput); err != nil {
			t.Fatal(err)
		}
		if _, texts := readSVG(t, svg.Bytes()); !strings.Contains(texts, "]]> & <script>") || strings.ContainsFunc(texts, func(r rune) bool { return r < ' ' && r != '\n' }) {
			t.Errorf("the texts are %q", texts)
		}
		if path, err := exec.LookPath("xmllint"); err == nil {
			cmd := exec.Command(path, "--noout", "-")
			cmd.Stdin = bytes.NewReader(svg.Bytes())
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		}
	}
}

// readSVG counts the lines and collects the texts.
func readSVG(t *testing.T, svg []byte) (lines int, texts string) {
	t.Helper()
	var all strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return lines, all.String()
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local == "class" && strings.HasPrefix(a.Value, "line ") {
					lines++
				}
			}
		case xml.CharData:
			all.Write(token)
		}
	}
}

// TestScales wants more throughput higher up, longer slices further right, and
// all of it within the chart.
func TestScales(t *testing.T) {
	m := newModel(twoFiles(t))
	for i := range m.Panels {
		p := m.draw(&m.Panels[i], Axis(i%2))
		for _, l := range p.Lines {
			for j, q := range l.Points {
				if q.X < p.Left || q.X > p.Right || q.Y < p.Top || q.Y > p.Bottom {
					t.Errorf("%s: %v is outside of the chart", p.Title, q)
				}
				if j > 0 && q.X <= l.Points[j-1].X {
					t.Errorf("%s: %v is not to the right of %v", p.Title, q, l.Points[j-1])
				}
			}
		}
		if len(p.YTicks) < 2 || len(p.XTicks) < 4 {
			t.Errorf("%s has %d ticks at the left and %d below", p.Title, len(p.YTicks), len(p.XTicks))
		}
		for _, k := range p.Legend {
			if k.X < p.Left || k.X > p.Right || k.Y > p.Height {
				t.Errorf("%s: the legend's %s is outside of the picture", p.Title, k.Label)
			}
		}
	}

	// 1.25 is the margin at either end: 1 and 100 GB/s, and 10 in the middle.
	var r benchfile.Results
	for n, gbs := range map[int]float64{1: 1, 2: 10, 4: 100} {
		r.Add(benchfile.Point{Op: "InPlace", Type: "int8", Kernel: "sse2", N: n}, benchfile.Sample{Calls: 1, Nanoseconds: float64(n) / gbs})
	}
	m = newModel([]benchfile.File{{Name: "x.txt", Host: benchfile.Host{Kernel: "sse2"}, Results: &r}})
	p := m.draw(&m.Panels[0], Throughput)
	q := p.Lines[0].Points
	if q[1].X != round((p.Left+p.Right)/2) || q[1].Y != round((p.Top+p.Bottom)/2) || !(q[0].Y > q[1].Y && q[1].Y > q[2].Y) {
		t.Errorf("1, 10 and 100 GB/s are at %v", q)
	}
	// They took 1, 0.2 and 0.04 ns.
	p = m.draw(&m.Panels[0], Time)
	q = p.Lines[0].Points
	if q[1].Y != round((p.Top+p.Bottom)/2) || !(q[0].Y < q[1].Y && q[1].Y < q[2].Y) || !strings.HasPrefix(p.Subtitle, "unknown CPU: time of a call") {
		t.Errorf("%s: 1, 0.2 and 0.04 ns are at %v", p.Subtitle, q)
	}
}

// TestPageSize makes pages of more CPUs than anyone compares, each measured in
// full.
func TestPageSize(t *testing.T) {
	var files []benchfile.File
	for range 8 {
		var r benchfile.Results
		for _, op := range ops.Names() {
			for _, typ := range ops.Types() {
				if op != "InPlace" && !strings.HasPrefix(typ, "float") || op != "InPlace" && typ == "float16" {
					continue
				}
				for n := 1; n*ops.Size(typ) <= 64<<20; n *= 2 {
					for i, kernel := range []string{"avx512", "avx2", "sse2", "generic", benchfile.Loop, benchfile.Copy("avx512"), benchfile.Copy("avx2"), benchfile.Copy("sse2")} {
						r.Add(benchfile.Point{Op: op, Type: typ, Kernel: kernel, N: n}, benchfile.Sample{Calls: 1, Nanoseconds: benchfile.Round(1.2345678 * float64(n+i))})
					}
				}
			}
		}
		files = append(files, benchfile.File{Name: "cpu.txt", Host: benchfile.Host{CPU: "CPU", L1Data: 32 << 10, L2: 1 << 20, L3: 32 << 20, Kernel: "avx512"}, Results: &r})
	}
	var page bytes.Buffer
	start := time.Now()
	if err := WritePage(&page, files); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes in %v", page.Len(), time.Since(start))
	if page.Len() >= 2e6 {
		t.Errorf("the page has %d bytes", page.Len())
	}
}
