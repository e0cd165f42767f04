package benchfile

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	host := Host{
		CPU: "AMD Ryzen 9 9950X", GOOS: "linux", GOARCH: "amd64", L1Data: 48 << 10, L2: 1 << 20, L3: 32 << 20,
		Kernel: "avx512", Version: "v1.2.3", Go: "go1.26.8",
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
		"BenchmarkInPlace/type=float32/kernel=avx512/n=4096-1 1000 123.46 ns/op 132710 MB/s\n",
		"BenchmarkLeaky/type=float64/kernel=copy-avx512/n=8388608-1 1 1.5 ns/op ",
	} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("%q is not in:\n%s", line, text.String())
		}
	}
	if config := strings.Count(text.String(), "cpu:"); config != 1 {
		t.Errorf("the configuration stands there %d times", config)
	}

	path := filepath.Join(t.TempDir(), "zen5.txt")
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	gotHost, got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(gotHost, host) {
		t.Errorf("%+v is read back as %+v", host, gotHost)
	}
	if !reflect.DeepEqual(got.Points(), results.Points()) {
		t.Errorf("%v are read back as %v", results.Points(), got.Points())
	}
	first := results.Points()[0]
	if want := []Sample{{1000, 123.46}, {1001, 120}, {1002, 125}}; !reflect.DeepEqual(got.Samples(first), want) {
		t.Errorf("the samples are %v, want %v", got.Samples(first), want)
	}
	if got.Median(first) != 123.46 {
		t.Errorf("the median is %g", got.Median(first))
	}
}

func TestMedianIsAMeasuredTime(t *testing.T) {
	var r Results
	p := Point{"To", "float32", Loop, 1}
	if r.Median(p) != 0 {
		t.Errorf("the median of nothing is %g", r.Median(p))
	}
	r.Add(p, Sample{1, 4}, Sample{1, 1}, Sample{1, 3}, Sample{1, 2})
	if r.Median(p) != 2 {
		t.Errorf("the median of 1 to 4 is %g, want 2", r.Median(p))
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
		"length":   {"BenchmarkTo/type=float32/kernel=avx2/n=-4-1 100 20 ns/op\n", "holds no benchmark that relu bench writes"},
		"cut off":  {"BenchmarkTo/type=float32/kernel=avx2/n=4-1 100 20\n", "line 1: "},
		"no count": {"goos: linux\n\nBenchmarkTo/type=float32/kernel=avx2/n=4-1 ten 20 ns/op\n", "line 3: "},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.txt")
			if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			_, _, err := Read(path)
			if err == nil || !strings.HasPrefix(err.Error(), path+": "+c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v, want %s: %s", err, path, c.want)
			}
		})
	}
	if _, _, err := Read("no-such-file"); err == nil || !strings.Contains(err.Error(), "no-such-file") {
		t.Errorf("the error is %v", err)
	}
}

// TestOthersAreIgnored reads what go test -bench writes, other benchmarks and
// all.
func TestOthersAreIgnored(t *testing.T) {
	_, results, err := parse([]byte(`goos: linux
cpu: 6502
BenchmarkEncode-8 100 20 ns/op
BenchmarkTo/type=float32/kernel=avx2/n=4-8   	 100	 20.5 ns/op	 780 MB/s
PASS
ok  	github.com/seed88f7e06c/relu	6.105s
`))
	if err != nil {
		t.Fatal(err)
	}
	p := Point{"To", "float32", "avx2", 4}
	if len(results.Points()) != 1 || results.Median(p) != 20.5 {
		t.Errorf("it holds %v, and for %v %g ns", results.Points(), p, results.Median(p))
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
			Row{Point{"Leaky", "float32", "avx2", p.n}, p.place, float64(p.n), 4, 0.5, 10},
			Row{Point{"Leaky", "float32", "generic", p.n}, p.place, 8 * float64(p.n), 0.5, 0, 1.25})
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
