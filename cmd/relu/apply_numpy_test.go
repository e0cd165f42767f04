package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python is the system's, which distributions install NumPy for.
const python = "/usr/bin/python3"

// numpyScript writes, to one folder per operation, arrays of every type, order
// and .npy version, and to a folder beside it what NumPy makes of them.
// Elements are chosen by masks, so that NaN keeps its bits. Where NumPy computes
// with a NaN its bits are its own: there are none in the arrays for bias.
const numpyScript = `
import numpy as np, os, sys
from numpy.lib.format import write_array

rng = np.random.default_rng(7)
special = [0.0, -0.0, 1.0, -1.0, 6.0, 6.5, np.inf, -np.inf, np.nan, -np.nan]
np.seterr(all="ignore")

def rectify(x, dtype):
    y = x.copy(order="K")
    y[x <= 0] = dtype.type(0)
    return y

def clip(x, dtype):
    y = rectify(x, dtype)
    y[x > 6] = dtype.type(6)
    return y

def scale(x, slopes):
    y = x.copy(order="K")
    below = x <= 0
    y[below] = (slopes * x)[below]
    return y

def save(op, name, version, x, y):
    for folder, a in ((op, x), (op + ".want", y)):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name + ".npy"), "wb") as f:
            write_array(f, np.asanyarray(a), version=version)

def elements(dtype, n):
    x = np.frombuffer(rng.bytes(n * dtype.itemsize), dtype=dtype).copy()
    if dtype.kind == "f":
        x[: n // 2] = rng.standard_normal(n // 2)
    k = min(n, len(special))
    if dtype.kind == "f":
        x[rng.permutation(n)[:k]] = np.array(special[:k], dtype=dtype)
    else:
        x[rng.permutation(n)[:k]] = np.arange(k) - k // 2
    return x

for code in ("f2", "f4", "f8", "i1", "i2", "i4", "i8"):
    dtype = np.dtype("<" + code)
    for i, shape in enumerate([(), (1,), (0,), (3, 0, 2), (7, 11, 13), (1001, 301)]):
        for order in "CF":
            x = np.array(elements(dtype, int(np.prod(shape))).reshape(shape), order=order)
            name = "%s-%d-%s" % (code, i, order)
            version = [(1, 0), (2, 0), (3, 0)][i % 3]
            save("relu", name, version, x, rectify(x, dtype))
            if code != "f2":
                save("clip", name, version, x, clip(x, dtype))
            if code in ("f4", "f8"):
                save("leaky", name, version, x, scale(x, dtype.type(0.3)))
    if code in ("f4", "f8"):
        finite = rng.standard_normal((50, 7, 311)).astype(dtype)
        slopes = rng.standard_normal(7).astype(dtype)
        bias = rng.standard_normal(311).astype(dtype)
        np.save("slopes-%s.npy" % code, slopes)
        np.save("bias-%s.npy" % code, bias)
        odd = elements(dtype, finite.size).reshape(finite.shape)
        save("prelu-" + code, "x", (1, 0), odd, scale(odd, slopes[:, None]))
        save("bias-" + code, "x", (1, 0), finite, rectify(finite + bias, dtype))
`

// TestNumPy holds every operation against NumPy, byte for byte.
func TestNumPy(t *testing.T) {
	if out, err := exec.Command(python, "-c", "import numpy").CombinedOutput(); err != nil {
		t.Skipf("%s has no NumPy, which this test compares with: %v\n%s", python, err, out)
	}
	dir := t.TempDir()
	cmd := exec.Command(python, "-")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(numpyScript)
	if r := finish(t, cmd); r.code != 0 {
		t.Fatal(r.stderr)
	}
	weights := func(name string) string { return filepath.Join(dir, name+".npy") }
	for _, c := range []struct {
		folder string
		flags  []string
	}{
		{"relu", nil},
		{"relu", []string{"--in-place"}},
		{"clip", []string{"--op", "clip"}},
		{"clip", []string{"--op", "clip", "--in-place"}},
		{"leaky", []string{"--op", "leaky", "--slope", "0.3"}},
		{"prelu-f4", []string{"--op", "prelu", "--inner", "311", "--slopes", weights("slopes-f4")}},
		{"prelu-f8", []string{"--op", "prelu", "--inner", "311", "--slopes", weights("slopes-f8")}},
		{"bias-f4", []string{"--op", "bias", "--bias", weights("bias-f4")}},
		{"bias-f8", []string{"--op", "bias", "--bias", weights("bias-f8")}},
	} {
		work := t.TempDir()
		if err := os.CopyFS(work, os.DirFS(filepath.Join(dir, c.folder))); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(work, "*.npy"))
		if err != nil || files == nil {
			t.Fatalf("%v, %v", files, err)
		}
		run(t, nil, append(append([]string{"apply"}, c.flags...), files...)...).wantSilence(t)
		for _, path := range files {
			want, err := os.ReadFile(filepath.Join(dir, c.folder+".want", filepath.Base(path)))
			if err != nil {
				t.Fatal(err)
			}
			if wantFile(t, path, want); t.Failed() {
				t.Fatalf("%s %v differs from NumPy", c.folder, c.flags)
			}
		}
	}
}
