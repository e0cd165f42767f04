package main

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

func TestPeersComputeTheMaximum(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testPeers(t, peers32) })
	t.Run("float64", func(t *testing.T) { testPeers(t, peers64) })
}

func testPeers[T float32 | float64](t *testing.T, peers []peer[T]) {
	for _, p := range peers {
		for n := range 301 {
			// Three rows, and a rest that is none.
			src := make([]T, 3*n+n/2)
			want := make([]T, len(src))
			for i := range src {
				src[i] = T(rand.NormFloat64())
				want[i] = max(0, src[i])
			}
			row := slices.Clone(src[:n])
			p.inPlace(row)
			check(t, p.name+" in place", row, want[:n])

			if p.to != nil {
				dst := make([]T, n)
				p.to(dst, src[:n])
				check(t, p.name+" to", dst, want[:n])
			}

			if n == 0 {
				continue
			}
			rows := slices.Clone(src)
			p.rows(rows, n)
			check(t, p.name+" by rows", rows, slices.Concat(want[:3*n], src[3*n:]))
		}
	}
}

func check[T float32 | float64](t *testing.T, what string, got, want []T) {
	t.Helper()
	for i, v := range want {
		if got[i] != v {
			t.Fatalf("%s: index %d of %d is %v, want %v", what, i, len(want), got[i], v)
		}
	}
}

func TestMeasure(t *testing.T) {
	for _, op := range []string{"InPlace", "To"} {
		for _, n := range []int{3, leastLong} {
			r, err := newLane("float32", peers32, new(python)).measure(op, n, options{rounds: 3})
			if err != nil {
				t.Fatal(err)
			}
			if r.op != op || r.elem != "float32" || r.n != n || r.bytes != 4*n {
				t.Errorf("measuring %s at n=%d gave a result for %s at n=%d, %d bytes", op, n, r.op, r.n, r.bytes)
			}
			timed := slices.DeleteFunc(slices.Clone(peers32), func(p peer[float32]) bool {
				return p.name == parallel && (op == "To" || n == 3)
			})
			for i, p := range timed {
				if got := r.times[i]; got.peer != p.name || len(got.ns) != 3 || median(got.ns) <= 0 {
					t.Errorf("%s, n=%d: %s has times %v, under the name %s", op, n, p.name, got.ns, got.peer)
				}
			}
		}
	}
}

func TestPython(t *testing.T) {
	py, err := startPython("/usr/bin/python3")
	if err != nil {
		t.Fatal(err)
	}
	defer py.close()
	if want := []string{"numpy", "torch-1", "torch-2"}; !slices.Equal(py.peers, want) {
		what := "left out: " + strings.Join(py.missing, ", ")
		if os.Getenv("RELU_REQUIRE_FRAMEWORKS") == "1" {
			t.Fatal(what)
		}
		t.Log(what)
	}
	if len(py.peers) == 0 && len(py.missing) == 0 {
		t.Error("no peers, and nothing is missing")
	}
	bits := func(x []float64) (all []uint64) {
		for _, v := range x {
			all = append(all, toBits(v))
		}
		return all
	}
	for _, p := range py.peers {
		got, err := py.apply(p, "float64", bits([]float64{1, -1, 0.5, -0.5}))
		if err != nil {
			t.Fatal(err)
		}
		if want := bits([]float64{1, 0, 0.5, 0}); !slices.Equal(got, want) {
			t.Errorf("%s gives %x, want %x", p, got, want)
		}
		for _, op := range []string{"InPlace", "To"} {
			ns, err := py.time(p, op, "float32", 5, 3)
			if err != nil {
				t.Fatal(err)
			}
			if ns <= 0 {
				t.Errorf("%s %s takes %v ns", p, op, ns)
			}
		}
	}
}

func TestNoPython(t *testing.T) {
	py, err := startPython("/nonexistent/python3")
	if err != nil {
		t.Fatal(err)
	}
	defer py.close()
	if len(py.peers) != 0 || len(py.missing) != 1 || !strings.Contains(py.missing[0], "/nonexistent/python3") {
		t.Errorf("peers %v, missing %q", py.peers, py.missing)
	}
}

func TestPythonThatFails(t *testing.T) {
	// The test binary takes no such script, and says so.
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := startPython(exe); err == nil || !strings.Contains(err.Error(), exe) || !strings.Contains(err.Error(), "flag provided but not defined") {
		t.Errorf("the error is %v", err)
	}
}

// results are made up: relu takes 106 ns at one length and 105 ns at another.
var results = []result{
	{op: "InPlace", elem: "float32", n: 3, bytes: 12, times: []timing{
		{peer: "relu", ns: []float64{106, 90, 200}},
		{peer: "loop", ns: []float64{100, 100, 100}},
		{peer: "vek", ns: []float64{101, 101, 101}},
		{peer: "numpy", python: true, ns: []float64{50, 53, 70}},
	}},
	{op: "InPlace", elem: "float32", n: 9, bytes: 36, times: []timing{
		{peer: "relu", ns: []float64{105}},
		{peer: "loop", ns: []float64{210}},
		{peer: "vek", ns: []float64{100}},
	}},
	{op: "To", elem: "float64", n: 1024, bytes: 8192, times: []timing{
		{peer: "relu", ns: []float64{1024}},
		{peer: "loop", ns: []float64{4096}},
	}},
	{op: "InPlace", elem: "float64", n: 1024, bytes: 8192, times: []timing{
		{peer: "relu", ns: []float64{2048}},
		{peer: "parallel", ns: []float64{1024}},
		{peer: "loop", ns: []float64{4096}},
		{peer: "torch-2", python: true, ns: []float64{512}},
	}},
}

func TestVerdict(t *testing.T) {
	var out strings.Builder
	repeated := results[1]
	repeated.lost = 1.25
	printVerdict(&out, append(slices.Clone(results), repeated))
	const want = `
LOSS InPlace float32 n=3: relu takes 1.06 times the time of loop
LOSS InPlace float32 n=3: relu takes 2.00 times the time of numpy
LOSS InPlace float64 n=1024: parallel takes 2.00 times the time of torch-2
REPEATED InPlace float32 n=9: relu took 1.25 times the time of a rival at first
relu loses to a rival by more than 5 % at 2 of 5 lengths.
`
	if out.String() != want {
		t.Errorf("got%s\nwant%s", out.String(), want)
	}
}

// again are the results of a length, one after the other.
type again struct {
	lane
	results []result
	asked   []options
}

func (a *again) measure(op string, n int, o options) (result, error) {
	a.asked = append(a.asked, o)
	return a.results[len(a.asked)-1], nil
}

func TestLossesAreRepeated(t *testing.T) {
	lost, won := results[0], results[1]
	for name, c := range map[string]struct {
		results []result
		lost    float64
	}{
		"won at once":       {[]result{won}, 0},
		"lost and then won": {[]result{lost, won}, 2},
		"lost twice":        {[]result{lost, lost}, 2},
	} {
		l := &again{results: c.results}
		r, err := repeatLosses(l, "InPlace", 3, options{rounds: 10})
		if err != nil || r.lost != c.lost || r.n != c.results[len(c.results)-1].n {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if len(l.asked) != len(c.results) || l.asked[0].again || len(l.asked) > 1 && !l.asked[1].again {
			t.Errorf("%s: it is measured as %+v asks for", name, l.asked)
		}
	}
	// More rounds, of a long length too.
	for _, n := range []int{3, 1 << 16} {
		r, err := newLane("float32", peers32[:2], new(python)).measure("InPlace", n, options{rounds: 2, again: true})
		if err != nil || len(r.times[0].ns) != 2*repeatedRounds {
			t.Errorf("n=%d again has %d rounds, %v", n, len(r.times[0].ns), err)
		}
	}
}

func TestTables(t *testing.T) {
	var out strings.Builder
	printShort(&out, results, false)
	printLong(&out, results)
	const want = `
InPlace on float32: ns a call, over rows of n in a matrix of 16 KiB
  n    relu    loop     vek  numpy  best rival in Go  relu takes
  3  106.00  100.00  101.00  53.00              loop        1.06

To on float64: GB/s of slice
     n  relu  loop  best rival in Go  relu takes
  1024   8.0   2.0              loop        0.25

InPlace on float64: GB/s of slice
     n  relu  parallel  loop  torch-2  best rival in Go  relu takes
  1024   4.0       8.0   2.0     16.0              loop        0.50
`
	if out.String() != want {
		t.Errorf("got%s\nwant%s", out.String(), want)
	}
	out.Reset()
	printShort(&out, results[1:], true)
	const all = `
InPlace on float32: ns a call, over rows of n in a matrix of 16 KiB
  n    relu    loop     vek  best rival in Go  relu takes
  9  105.00  210.00  100.00               vek        1.05
`
	if out.String() != all {
		t.Errorf("got%s\nwant%s", out.String(), all)
	}
}

func TestBenchmarks(t *testing.T) {
	r := result{op: "InPlace", elem: "float32", n: 4096, bytes: 16384, times: []timing{{peer: "vek"}}}
	for i := range 25 {
		r.times[0].ns = append(r.times[0].ns, float64(1000+i/3))
	}
	var out strings.Builder
	if err := printBenchmarks(&out, []result{r}); err != nil {
		t.Fatal(err)
	}
	in := benchfmt.NewReader(strings.NewReader(out.String()), "")
	var got []float64
	for in.Scan() {
		line, ok := in.Result().(*benchfmt.Result)
		if !ok {
			t.Fatalf("%v is no result", in.Result())
		}
		if want := "InPlace/type=float32/peer=vek/n=4096"; line.Name.String() != want {
			t.Errorf("the name is %s, want %s", line.Name, want)
		}
		seconds, _ := line.Value("sec/op")
		speed, _ := line.Value("B/s")
		if d := seconds * speed / 16384; d < 0.999 || d > 1.001 {
			t.Errorf("%v s at %v B/s are not 16384 bytes", seconds, speed)
		}
		got = append(got, seconds*1e9)
	}
	if in.Err() != nil || len(got) != 9 || !slices.IsSorted(got) || got[0] > 1001 {
		t.Errorf("25 rounds became %v, error %v", got, in.Err())
	}
}

func TestRounds(t *testing.T) {
	for _, c := range []struct{ n, bytes, short, want int }{
		{128, 1024, 200, 200},
		{1024, 4096, 200, 25},
		{1 << 18, 1 << 20, 200, 25},
		{1 << 19, 2 << 20, 400, 25},
		{1 << 25, 128 << 20, 200, 15},
		{1 << 25, 128 << 20, 3, 3},
	} {
		if got := (result{n: c.n, bytes: c.bytes}).rounds(c.short); got != c.want {
			t.Errorf("%d rounds of %d bytes, want %d", got, c.bytes, c.want)
		}
	}
}

func TestOutcome(t *testing.T) {
	const quiet, sign = 1 << 22, 1 << 31
	for _, c := range []struct {
		before uint64
		after  []uint64
		want   string
	}{
		{0xFF801234, []uint64{0xFF801234}, "kept"},
		{0xFF801234, []uint64{0xFFC01234, 0xFFC01234}, "made quiet"},
		{0xFF801234, []uint64{0x7F801234}, "sign lost"},
		{0xFF801234, []uint64{0, 0xFF801234}, "+0 or kept"},
		{sign, []uint64{sign}, "kept"},
		{sign, []uint64{0}, "+0"},
		{sign, []uint64{1}, "0x1"},
	} {
		if got := outcome(c.before, quiet, sign, c.after); got != c.want {
			t.Errorf("%#x to %#x is %q, want %q", c.before, c.after, got, c.want)
		}
	}
}

func TestSpecial(t *testing.T) {
	for _, c := range []struct {
		outcome func(n int) string
		want    string
		same    bool
	}{
		{func(int) string { return "kept" }, "kept", true},
		{func(int) string { return "+0 or kept" }, "+0 or kept", false},
		{func(n int) string { return map[bool]string{true: "+0", false: "kept"}[n < 8] }, "+0 at 1-7, kept at 8-64", false},
		{func(n int) string { return map[bool]string{true: "+0", false: "kept"}[n%2 == 0] }, "+0 or kept", false},
	} {
		var s special
		for n := 1; n <= mostSpecial; n++ {
			s.outcomes[n] = c.outcome(n)
		}
		if s.String() != c.want || s.same() != c.same {
			t.Errorf("got %q, same %v; want %q, %v", s, s.same(), c.want, c.same)
		}
	}
}

// TestSpecials holds what is printed of relu to its contract.
func TestSpecials(t *testing.T) {
	var out strings.Builder
	if err := printSpecials(&out, []lane{newLane("float32", peers32[:1], new(python)), newLane("float64", peers64[:1], new(python))}); err != nil {
		t.Fatal(err)
	}
	const want = `
Special values in place, at the lengths 1 to 64
peer  type     quiet NaN  signalling NaN  -0  the same wherever it stands
relu  float32  kept       kept            +0  yes
relu  float64  kept       kept            +0  yes
`
	if out.String() != want {
		t.Errorf("got%s\nwant%s", out.String(), want)
	}
}
