package benchfile

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	host := Host{
		CPU: "AMD Ryzen 9 9950X", GOOS: "linux", GOARCH: "amd64", L1Data: 48 << 10, L2: 1 << 20, L3: 32 << 20,
		CPUs: 2, Kernel: "avx512", Version: "v1.2.3", Go: "go1.26.8", Date: "2026-11-25", Label: "one of two",
		Warnings: []string{"the machine is busy: load average 9.9 on 2 CPUs", "the machine runs on its battery"}, Note: "interrupted",
	}
	var results Results
	results.Add(Point{"InPlace", "float32", "avx512", 4096}, Sample{1000, 123.456789}, Sample{1001, 120})
	results.Add(Point{"InPlace", "float32", Loop, 4096}, Sample{10, 2345678.9})
	results.Add(Point{"Leaky", "float64", Copy("avx512"), 1 << 23}, Sample{1, 1.5})
	results.Add(Point{"InPlace", "float32", "avx512", 4096}, Sample{1002, 125})

	var text bytes.Buffer
	if err := Write(&text, host, &results); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"cpu: AMD Ryzen 9 9950X\n", "goos: linux\n", "goarch: amd64\n", "pkg: github.com/seed88f7e06c/relu\n", "cache-l1d: 49152\n",
		"date: 2026-11-25\n", "label: one of two\n", "cpus: 2\n",
		"BenchmarkInPlace/type=float32/kernel=avx512/n=4096 1000 123.5 ns/op\n",
		"BenchmarkLeaky/type=float64/kernel=copy-avx512/n=8388608 1 1.5 ns/op\n",
	} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("%q is not in:\n%s", line, text.String())
		}
	}
	if config := strings.Count(text.String(), "cpu:"); config != 1 {
		t.Errorf("the configuration stands there %d times", config)
	}

	got := read(t, text.String())
	if len(got) != 1 || got[0].Name != "test.txt" || !reflect.DeepEqual(got[0].Host, host) {
		t.Fatalf("%+v is read back as %+v", host, got)
	}
	if !reflect.DeepEqual(got[0].Results.Points(), results.Points()) {
		t.Errorf("%v are read back as %v", results.Points(), got[0].Results.Points())
	}
	first := results.Points()[0]
	if want := []Sample{{1000, 123.5}, {1001, 120}, {1002, 125}}; !reflect.DeepEqual(got[0].Results.Samples(first), want) {
		t.Errorf("the samples are %v, want %v", got[0].Results.Samples(first), want)
	}
}

func read(t *testing.T, text string) []File {
	t.Helper()
	files, err := Read(strings.NewReader(text), "test.txt")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSeveralRuns reads runs that were put one after the other: none takes over
// what the one before it says of its host.
func TestSeveralRuns(t *testing.T) {
	p := Point{"To", "float32", "avx2", 4}
	var text bytes.Buffer
	hosts := []Host{
		{CPU: "6502", GOOS: "linux", Note: "interrupted", Warnings: []string{"it rains"}, Label: "first"},
		{CPU: "Z80", GOOS: "linux"},
		{CPU: "6502", GOOS: "linux", Note: "interrupted", Warnings: []string{"it rains"}, Label: "first"}, // the rest of the first
	}
	for i, h := range hosts {
		var r Results
		r.Add(p, Sample{1, float64(i + 1)})
		if err := Write(&text, h, &r); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, text.String())
	if len(got) != 2 || !reflect.DeepEqual(got[0].Host, hosts[0]) || !reflect.DeepEqual(got[1].Host, hosts[1]) {
		t.Fatalf("%d runs, %+v", len(got), got)
	}
	if a, b := got[0].Results.Samples(p), got[1].Results.Samples(p); len(a) != 2 || a[1].Nanoseconds != 3 || len(b) != 1 || b[0].Nanoseconds != 2 {
		t.Errorf("the runs have the samples %v and %v", a, b)
	}
	_, err := Read(strings.NewReader(text.String()+"BenchmarkTo/type=float32/kernel=avx2/n=4 1 2\n"), "test.txt")
	if want := fmt.Sprintf("line %d: ", strings.Count(text.String(), "\n")+1); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, not of %s", err, want)
	}
}

// TestControlCharacters keeps them out of both what is written and what is read.
func TestControlCharacters(t *testing.T) {
	const cpu, clean = "Evil\x1b[2J\x00\nCPU\xff", "Evil\uFFFD[2J\uFFFD\uFFFDCPU\uFFFD"
	var r Results
	r.Add(Point{"To", "float32", "avx2", 4}, Sample{1, 2})
	var text bytes.Buffer
	if err := Write(&text, Host{CPU: cpu}, &r); err != nil {
		t.Fatal(err)
	}
	if got := read(t, text.String())[0].Host.CPU; got != clean {
		t.Errorf("%q is written and read back as %q", cpu, got)
	}
	line := "BenchmarkTo/type=float32/kernel=avx2/n=4 1 2 ns/op\n"
	if got := read(t, "cpu: a\x1b[2Jb\x07\n"+line)[0].Host.CPU; got != "a\uFFFD[2Jb\uFFFD" {
		t.Errorf("it is read as %q", got)
	}
	if got := read(t, line+strings.Replace(line, "avx2", "avx\x1b", 1))[0].Results.Points(); len(got) != 1 {
		t.Errorf("the points are %v", got)
	}
}

// TestTime is the lower median, which is a measured time.
func TestTime(t *testing.T) {
	var r Results
	p := Point{"To", "float32", Loop, 1}
	if r.Time(p) != 0 || r.Spread(p) != 0 {
		t.Errorf("the time of nothing is %g, the spread %g", r.Time(p), r.Spread(p))
	}
	for _, c := range []struct{ next, time, spread float64 }{
		{9, 9, 0}, {1, 1, 8}, {5, 5, 8}, {4, 4, 8}, {2, 4, 8}, {3, 3, 8}, {20, 4, 19}, {1, 3, 19},
	} {
		r.Add(p, Sample{1, c.next})
		if time, spread := r.Time(p), r.Spread(p); time != c.time || spread != c.spread {
			t.Errorf("of %v the time is %g, the spread %g; want %g, %g", r.Samples(p), time, spread, c.time, c.spread)
		}
	}
}

func TestDifferences(t *testing.T) {
	var old, new Results
	add := func(r *Results, n int, ns ...float64) {
		for _, x := range ns {
			r.Add(Point{"To", "float32", "avx2", n}, Sample{1, x})
		}
	}
	add(&old, 1, 100)
	add(&new, 1, 104.9)
	add(&old, 2, 100, 106, 107)
	add(&new, 2, 104)
	add(&old, 4, 100)
	add(&new, 4, 90, 94)
	add(&old, 8, 100)
	add(&new, 8, 94, 99)
	add(&old, 16, 5)
	add(&new, 32, 5)
	type difference struct {
		n             int
		same, settled bool
	}
	var got []difference
	for _, d := range Differences(&old, &new) {
		if d.Old != old.Time(d.Point) || d.New != new.Time(d.Point) {
			t.Errorf("%+v", d)
		}
		got = append(got, difference{d.N, d.Same(), d.Settled})
	}
	want := []difference{{4, false, true}, {8, false, false}, {1, true, true}, {2, true, false}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":    {" \n\n", "is empty"},
		"prose":    {"Once upon a time\nthere was a CPU.\n", "is not in the Go benchmark format"},
		"binary":   {"\x00\xff\x00\x01PNG", "is not in the Go benchmark format"},
		"config":   {"goos: linux\ncpu: 6502\n", "is not in the Go benchmark format"},
		"others":   {"goos: linux\nBenchmarkEncode/format=json-8 100 20 ns/op\n", "holds no benchmark that relu bench writes"},
		"untimed":  {"BenchmarkTo/type=float32/kernel=avx2/n=4-1 100 20 MB/s\n", "holds no benchmark that relu bench writes"},
		"type":     {"BenchmarkTo/type=complex64/kernel=avx2/n=4-1 100 20 ns/op\n", "holds no benchmark that relu bench writes"},
		"endless":  {"BenchmarkTo/type=float32/kernel=avx2/n=4-1 100 +Inf ns/op\n", "holds no benchmark that relu bench writes"},
		"length":   {"BenchmarkTo/type=float32/kernel=avx2/n=-4-1 100 20 ns/op\n", "holds no benchmark that relu bench writes"},
		"cut off":  {"BenchmarkTo/type=float32/kernel=avx2/n=4-1 100 20\n", "line 1: "},
		"no count": {"goos: linux\n\nBenchmarkTo/type=float32/kernel=avx2/n=4-1 ten 20 ns/op\n", "line 3: "},
	} {
		t.Run(name, func(t *testing.T) {
			const path = "bad.txt"
			_, err := Read(strings.NewReader(c.text), path)
			if err == nil || !strings.HasPrefix(err.Error(), path+": "+c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v, want %s: %s", err, path, c.want)
			}
		})
	}
	if _, err := ReadFile("no-such-file"); err == nil || !strings.Contains(err.Error(), "no-such-file") {
		t.Errorf("the error is %v", err)
	}
}

// TestOthersAreIgnored reads what go test -bench writes, other benchmarks and
// all.
func TestOthersAreIgnored(t *testing.T) {
	results := read(t, `goos: linux
cpu: 6502
BenchmarkEncode-8 100 20 ns/op
BenchmarkTo/type=float32/kernel=avx2/n=4-8   	 100	 20.5 ns/op	 780 MB/s
PASS
ok  	github.com/seed88f7e06c/relu	6.105s
`)[0].Results
	p := Point{"To", "float32", "avx2", 4}
	if len(results.Points()) != 1 || results.Time(p) != 20.5 {
		t.Errorf("it holds %v, and for %v %g ns", results.Points(), p, results.Time(p))
	}
}

func TestSummarize(t *testing.T) {
	host := Host{L1Data: 32 << 10, L2: 512 << 10, L3: 32 << 20}
	var r Results
	add := func(kernel string, n int, time float64) {
		r.Add(Point{"Leaky", "float32", kernel, n}, Sample{1, time})
	}
	for n := 4; n <= 16<<20; n *= 4 {
		add("avx2", n, float64(n))
		add("generic", n, 8*float64(n))
		add(Loop, n, 10*float64(n))
		add(Copy("avx2"), n, 0.5*float64(n))
	}
	want := []Row{}
	for _, p := range []struct {
		place string
		n     int
	}{
		// Leaky has two slices: 2048 elements would fill half of L1.
		{"short", 64}, {"L1", 1 << 10}, {"L2", 16 << 10}, {"L3", 1 << 20}, {"memory", 16 << 20},
	} {
		want = append(want,
			Row{Point{"Leaky", "float32", "avx2", p.n}, p.place, float64(p.n), 4, 0.5, 10, 0},
			Row{Point{"Leaky", "float32", "generic", p.n}, p.place, 8 * float64(p.n), 0.5, 0, 1.25, 0})
	}
	if got := Summarize(host, &r); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want\n%v", got, want)
	}

	host = Host{}
	var places []string
	for _, row := range Summarize(host, &r) {
		if row.Kernel == "avx2" {
			places = append(places, row.Place)
		}
	}
	if want := []string{"short", "longest"}; !reflect.DeepEqual(places, want) {
		t.Errorf("without known caches the places are %v, want %v", places, want)
	}
}
