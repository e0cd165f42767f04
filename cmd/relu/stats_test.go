package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/numpytest"
)

// statsScript writes arrays of activations, those of the photographs of clothing
// in examples/featuremaps among them, and prints for each set what NumPy counts.
// Some filters have a bias that no image comes up against.
const statsScript = `
import gzip, json, sys
import numpy as np

rng = np.random.default_rng(11)
with gzip.open(sys.stdin.readline().strip()) as f:
    f.read(16)
    images = np.frombuffer(f.read(), dtype="u1").reshape(-1, 28, 28).astype("f4") / 255
filters = rng.standard_normal((24, 3, 3)).astype("f4")
bias = np.repeat([-40, -3, 0, 40], 6).astype("f4")
patches = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))
x = np.einsum("nyxij,cij->ncyx", patches, filters) + bias[:, None, None]
odd = x.copy()
flat = odd.reshape(-1)
flat[rng.integers(0, flat.size, 500)] = rng.choice(np.array([np.nan, -np.nan, np.inf, -np.inf, 0, -0.0, 1e-40], "f4"), 500)
odd[:, 5] = np.nan
dense = rng.standard_normal((300, 77)).astype("f4") + np.linspace(-4, 4, 77).astype("f4")

sets = []
def add(name, batches, axis, flags=(), values=None):
    batches = [np.asanyarray(b) for b in batches]
    names = []
    for i, b in enumerate(batches):
        names.append("%s-%d.npy" % (name, i))
        np.save(names[-1], b)
    v = [np.moveaxis(b, axis, 0).reshape(b.shape[axis], -1) for b in (values or batches)]
    v = np.concatenate(v, axis=1)
    channels = []
    for c in v:
        rest = c[~np.isnan(c)] if c.dtype.kind == "f" else c
        number = lambda m: None if not len(rest) else str(m) if np.isinf(m) else m.item()
        channels.append(dict(active=int((c > 0).sum()), zero=int((c == 0).sum()), negative=int((c < 0).sum()),
            nan=int(np.isnan(c).sum()), inf=int(np.isinf(c).sum()), 
            min=number(rest.min()) if len(rest) else None, max=number(rest.max()) if len(rest) else None))
    n = v.shape[1]
    active = np.array([c["active"] for c in channels])
    sets.append(dict(files=names, flags=list(flags), want=dict(channels=len(v), elements=n, dead=int((active == 0).sum()),
        nearly=int(((active > 0) & (active < 0.001 * n)).sum()), always=int((active == n).sum()), by_channel=channels)))

add("photographs", [x], 1)
add("rectified", [np.maximum(x, 0)], 1)
add("odd", [odd], 1)
add("batches", [x[:30], x[30:31], x[31:31], x[31:]], 1)
add("fortran", [np.asfortranarray(odd)], 1)
add("last", [odd.transpose(0, 2, 3, 1)], -1, ["--axis", "-1"])
add("last-copied", [np.ascontiguousarray(odd.transpose(0, 2, 3, 1))], 3, ["--axis", "3"])
add("first", [odd.transpose(1, 0, 2, 3)], 0, ["--axis", "0"])
add("big-endian", [odd.astype(">f4")], 1)
add("double", [odd.astype("f8")], 1)
add("half", [odd.astype("f2")], 1)
add("dense", [dense], 1)
add("one", [dense[0]], 0)
add("int8", [(x * 10).clip(-128, 127).astype("i1")], 1)
add("int64", [(x * 1e18).astype("i8")], 1)
add("uint8", [(np.maximum(x, 0) * 10).clip(0, 255).astype("u1")], 1)
upper = odd.view("u4") >> 16
add("bfloat16", [upper.astype("u2").view("V2")], 1, ["--dtype", "bfloat16"], [(upper << 16).astype("u4").view("f4")])
json.dump(sets, sys.stdout)
`

// TestStatsNumPy holds every count against NumPy's.
func TestStatsNumPy(t *testing.T) {
	images, err := filepath.Abs("../../examples/featuremaps/data/sample-images-idx3-ubyte.gz")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	var sets []struct {
		Files, Flags []string
		Want         statsObject
	}
	if err := unmarshal(numpytest.Run(t, dir, statsScript, []byte(images+"\n")), &sets); err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		r := run(t, nil, append(append([]string{"stats", "--json"}, set.Flags...), set.Files...)...)
		var got statsObject
		if err := unmarshal([]byte(r.stdout), &got); err != nil || r.code != 0 || r.stderr != "" {
			t.Fatalf("%v: exit code %d, %v\n%s", set.Files, r.code, err, r.stderr)
		}
		if len(got.ByChannel) != len(set.Want.ByChannel) {
			t.Fatalf("%v: %d channels, and NumPy has %d", set.Files, len(got.ByChannel), len(set.Want.ByChannel))
		}
		for i, want := range set.Want.ByChannel {
			if got := got.ByChannel[i]; !sameChannel(got, want) {
				t.Errorf("%v, channel %d: %+v, and NumPy has %+v", set.Files, i, got, want)
			}
		}
		got.ByChannel, set.Want.ByChannel = nil, nil
		if g, w := asJSON(got), asJSON(set.Want); g != w {
			t.Errorf("%v: %s, and NumPy has %s", set.Files, g, w)
		}
		if set.Files[0] == "photographs-0.npy" && (got.Dead == 0 || got.Always == 0 || got.Dead+got.Always == got.Channels) {
			t.Errorf("%v show nothing: %+v", set.Files, got)
		}
	}
}

// unmarshal keeps integers that no float holds.
func unmarshal(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

func asJSON(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func sameChannel(a, b statsChannel) bool {
	same := sameNumber(a.Min, b.Min) && sameNumber(a.Max, b.Max)
	a.Min, a.Max, b.Min, b.Max = nil, nil, nil, nil
	return same && a == b
}

// sameNumber compares as float32 what is written with the digits of one.
func sameNumber(a, b any) bool {
	x, ok := a.(json.Number)
	y, okToo := b.(json.Number)
	if !ok || !okToo {
		return a == b
	}
	f, err := x.Float64()
	g, errToo := y.Float64()
	return x == y || err == nil && errToo == nil && (f == g || float32(f) == float32(g) && strings.Contains(string(y), "."))
}

// someActivations is an array of three channels: dead, half on and always on.
func someActivations(t *testing.T) (dir, path string) {
	dir = t.TempDir()
	path = filepath.Join(dir, "x.npy")
	write(t, path, npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", float32s(-1, 2, 3, 0, -2, 5)))
	return dir, path
}

func TestStatsTable(t *testing.T) {
	_, path := someActivations(t)
	r := run(t, nil, "stats", path)
	r.wantSilence(t)
	want := `  channel       > 0     zero  negative  NaN  inf  min  max
        0    0.000%  50.000%   50.000%    0    0   -1    0  dead
        1   50.000%   0.000%   50.000%    0    0   -2    2
        2  100.000%   0.000%    0.000%    0    0    3    5  always
      all   50.000%  16.667%   33.333%    0    0   -2    5
3 channels of 2 elements: 1 dead, 0 nearly dead (less than 0.1%), 1 always on
`
	if r.stdout != want {
		t.Errorf("\n%s, want\n%s", r.stdout, want)
	}
	r = run(t, nil, "stats", "--worst", "1", "--nearly", "60%", path)
	if strings.Count(r.stdout, "\n") != 4 || !strings.Contains(r.stdout, "1 dead, 1 nearly dead (less than 60%), 1 always on") {
		t.Errorf("\n%s%s", r.stdout, r.stderr)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if r := run(t, content, "stats", "-"); r.stdout != want {
		t.Errorf("from standard input\n%s%s", r.stdout, r.stderr)
	}
}

// TestStatsPictures checks that the pictures are such, and that what is dead is
// marked.
func TestStatsPictures(t *testing.T) {
	dir, path := someActivations(t)
	svg, picture := filepath.Join(dir, "x.svg"), filepath.Join(dir, "x.png")
	run(t, nil, "stats", path, "--svg", svg, "--png", picture).wantSilence(t)

	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	image, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	red := 0
	for y := range image.Bounds().Dy() {
		for x := range image.Bounds().Dx() {
			c := color.NRGBAModel.Convert(image.At(x, y)).(color.NRGBA)
			if c.R > 0xb0 && c.G < 0x60 && c.B < 0x60 {
				red++
			}
		}
	}
	if red == 0 {
		t.Error("nothing is marked in red")
	}

	text, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"3 channels of 2 elements", "1 dead", "0 nearly dead", "1 always on", "#c62828"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in the picture", want)
		}
	}
}

func TestStatsRefuses(t *testing.T) {
	dir, path := someActivations(t)
	t.Chdir(dir)
	write(t, "four.npy", npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4), }", float32s(-1, 2, 3, 0)))
	write(t, "int.npy", npyFile("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }", make([]byte, 12)))
	write(t, "empty.npy", npyFile("{'descr': '<i4', 'fortran_order': False, 'shape': (0, 3), }", nil))
	write(t, "scalar.npy", npyFile("{'descr': '<i4', 'fortran_order': False, 'shape': (), }", make([]byte, 4)))
	write(t, "wide.npy", npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 20000000), }", make([]byte, 20_000_000)))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, "short.npy", before[:len(before)-1])
	for words, args := range map[string][]string{
		"four.npy: has 4 channels, but x.npy has 3":      {"x.npy", "four.npy"},
		"int.npy: is int32, but x.npy is float32":        {"x.npy", "int.npy"},
		"x.npy: has no axis 2: its shape is (2, 3)":      {"--axis", "2", "x.npy"},
		"scalar.npy: has no axis 1: its shape is ()":     {"scalar.npy"},
		"empty.npy: has no elements to count":            {"empty.npy"},
		"short.npy: is cut short":                        {"x.npy", "short.npy"},
		"wide.npy: has 20000000 channels, more than the": {"wide.npy"},
		"no/x.svg: cannot write in its directory":        {"--svg", "no/x.svg", "x.npy"},
		"gone.npy: no such file":                         {"gone.npy"},
		"x.npy: is float32: --dtype bfloat16 is for":     {"--dtype", "bfloat16", "x.npy"},
	} {
		r := run(t, nil, append([]string{"stats"}, args...)...)
		r.wantLine(t, 1, words)
		if r.stdout != "" {
			t.Errorf("%v told\n%s", args, r.stdout)
		}
	}
	for words, args := range map[string][]string{
		"x.npy and ./x.npy are the same file":                        {"x.npy", "./x.npy"},
		"standard input can be read only once":                       {"-", "-"},
		"--png four.npy: the name of the picture has to end in .png": {"--png", "four.npy", "x.npy"},
		"--svg : the name of the picture has to end in .svg":         {"--svg", "", "x.npy"},
		"--nearly 101 is not from 0 to 100":                          {"--nearly", "101", "x.npy"},
		"--nearly few is not a number":                               {"--nearly", "few", "x.npy"},
		"--worst -1 is less than 0":                                  {"--worst", "-1", "x.npy"},
	} {
		run(t, nil, append([]string{"stats"}, args...)...).wantLine(t, 2, words)
	}
	wantFile(t, path, before)
}

// TestStatsObject checks the names in the object, which programs read.
func TestStatsObject(t *testing.T) {
	_, path := someActivations(t)
	r := run(t, nil, "stats", "--json", path)
	got := regexp.MustCompile(`\s+`).ReplaceAllString(r.stdout, "")
	want := `{"channels":3,"elements":2,"dead":1,"nearly":0,"always":1,"by_channel":[` +
		`{"active":0,"zero":1,"negative":1,"nan":0,"inf":0,"min":-1,"max":0},` +
		`{"active":1,"zero":0,"negative":1,"nan":0,"inf":0,"min":-2,"max":2},` +
		`{"active":2,"zero":0,"negative":0,"nan":0,"inf":0,"min":3,"max":5}]}`
	if got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}
