package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/numpytest"
)

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

def clamp(x, dtype, lo, hi):
    y = x.copy(order="K")
    y[x < lo] = dtype.type(lo)
    y[x > hi] = dtype.type(hi)
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
            for a in (x, x.astype(dtype.newbyteorder(">"))) if i == 4 else (x,):
                n = name + a.dtype.byteorder.replace(">", "-big").replace("=", "").replace("|", "")
                save("relu", n, version, a, rectify(a, dtype))
                save("clip", n, version, a, clip(a, dtype))
                if code != "f2":
                    save("clamp", n, version, a, clamp(a, dtype, -3, 6))
                if code in ("f2", "f4", "f8"):
                    save("leaky", n, version, a, scale(a, dtype.type(0.3)))
    if code in ("f4", "f8"):
        finite = rng.standard_normal((50, 7, 311)).astype(dtype)
        slopes = rng.standard_normal(7).astype(dtype)
        bias = rng.standard_normal(311).astype(dtype)
        np.save("slopes-%s.npy" % code, slopes)
        np.save("bias-%s.npy" % code, bias)
        odd = elements(dtype, finite.size).reshape(finite.shape)
        for order in "CF":
            x = np.array(odd, order=order)
            save("prelu-" + code, order, (1, 0), x, scale(x, slopes[:, None]))
            save("prelu-last-" + code, order, (1, 0), x.transpose(0, 2, 1), scale(x, slopes[:, None]).transpose(0, 2, 1))
            save("prelu-first-" + code, order, (1, 0), x.transpose(1, 0, 2), scale(x, slopes[:, None]).transpose(1, 0, 2))
        x = odd.reshape(-1, 7, 1)
        save("prelu-dense-" + code, "x", (1, 0), x[:, :, 0], scale(x, slopes[:, None])[:, :, 0])
        save("bias-" + code, "x", (1, 0), finite, rectify(finite + bias, dtype))
        save("square-" + code, "x", (1, 0), finite, np.where(finite > 0, finite * finite, dtype.type(0)))
        np.save("slopes-big-%s.npy" % code, slopes.astype(slopes.dtype.newbyteorder(">")))

finite = rng.standard_normal((50, 311)).astype("<f2")
bias = rng.standard_normal(311).astype("<f2")
np.save("bias-f2.npy", bias)
save("bias-f2", "x", (1, 0), finite, rectify(finite + bias, finite.dtype))
save("square-f2", "x", (1, 0), finite, np.where(finite > 0, finite * finite, np.float16(0)))

for code in ("u1", ">u2"):
    x = rng.integers(0, 256, (57, 91)).astype(code)
    save("clamp-unsigned", code[-2:], (1, 0), x, clamp(x, x.dtype, 128, 200))

# bfloat16, which NumPy lacks, is the upper half of float32.
x = elements(np.dtype("<f4"), 70001)
x[::7] = np.frombuffer(rng.bytes(4 * len(x[::7])), dtype="<f4")
b = x.view("<u4") >> 16 << 16
y = np.where(b.view("<f4") <= 0, np.uint32(0), b)
b, y = (b >> 16).astype("<u2"), (y >> 16).astype("<u2")
save("bfloat16", "u2", (1, 0), b, y)
save("bfloat16", "V2", (1, 0), b.view("V2"), y.view("V2"))
save("bfloat16", "big", (1, 0), b.astype(">u2"), y.astype(">u2"))
`

// TestNumPy holds every operation against NumPy, byte for byte.
func TestNumPy(t *testing.T) {
	dir := t.TempDir()
	numpytest.Run(t, dir, numpyScript, nil)
	weights := func(name string) string { return filepath.Join(dir, name+".npy") }
	for _, c := range []struct {
		folder string
		flags  []string
	}{
		{"relu", nil},
		{"relu", []string{"--in-place"}},
		{"clip", []string{"--op", "clip"}},
		{"clip", []string{"--op", "clip", "--in-place"}},
		{"clamp", []string{"--op", "clamp", "--lo", "-3", "--hi", "6"}},
		{"clamp", []string{"--op", "clamp", "--lo", "-3", "--hi", "6", "--in-place"}},
		{"clamp-unsigned", []string{"--op", "clamp", "--lo", "128", "--hi", "200"}},
		{"square-f4", []string{"--op", "square"}},
		{"square-f8", []string{"--op", "square"}},
		{"leaky", []string{"--op", "leaky", "--slope", "0.3"}},
		{"prelu-f4", []string{"--op", "prelu", "--slopes", weights("slopes-f4")}},
		{"prelu-f8", []string{"--op", "prelu", "--slopes", weights("slopes-big-f8")}},
		{"prelu-last-f4", []string{"--op", "prelu", "--axis", "-1", "--slopes", weights("slopes-f4")}},
		{"prelu-first-f8", []string{"--op", "prelu", "--axis", "0", "--slopes", weights("slopes-f8")}},
		{"prelu-dense-f4", []string{"--op", "prelu", "--slopes", weights("slopes-big-f4")}},
		{"bfloat16", []string{"--dtype", "bfloat16"}},
		{"bfloat16", []string{"--dtype", "bfloat16", "--in-place"}},
		{"bias-f2", []string{"--op", "bias", "--bias", weights("bias-f2")}},
		{"square-f2", []string{"--op", "square"}},
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
