package npy

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
)

// plain is an .npy file of version 1.0 of that type and shape.
func plain(descr, shape string) string {
	return string(file(1, "{'descr': "+descr+", 'fortran_order': False, 'shape': "+shape+", }\n"))
}

// bad are files that are no start of an array, and part of what is said of
// them.
var bad = map[string]string{
	"":                                  "not an .npy file",
	"\x93NUM":                           "not an .npy file",
	"Once upon a time":                  "not an .npy file",
	"PK\x03\x04\x14\x00\x00\x00":        ".npz",
	"\x93NUMPY\x04\x00\x00\x00\x00\x00": "version 4.0",
	"\x93NUMPY\x00\x01\x00\x00":         "version 0.1",
	"\x93NUMPY\x01\x00":                 "cut short",
	"\x93NUMPY\x01\x00\x40\x00{'descr'": "cut short",
	"\x93NUMPY\x01\x00\x00\x00":         "damaged",
	"\x93NUMPY\x02\x00\xff\xff\xff\xff": "header of 4294967295 bytes; NumPy reads at most 10000",
	string(file(1, "{}")):               "damaged header: it lacks the key",
	string(file(1, "[]")):               "damaged header: it is not a dictionary",
	string(file(1, "{'shape': (3,), 'fortran_order': 0, 'descr': '<f4'}")):                "fortran_order is neither True nor False",
	string(file(1, "{'shape': (3,), 'fortran_order': Per\nhaps, 'descr': '<f4'}")):        "damaged",
	string(file(1, "{'shape': (3,), 'fortran_order': True, 'descr': '<f4', 'a': 1}")):     "keys besides",
	string(file(1, "{'shape': (3,), 'fortran_order': True, 'descr': '<f4'} \x1b[31mred")): "damaged",
	string(file(1, strings.Repeat("(", 9000))):                                            "damaged",
	plain("'<f4'", "(3)"):                                  "shape is not a tuple",
	plain("'<f4'", "(3.5,)"):                               "shape is not of whole numbers",
	plain("'<f4'", "(-3,)"):                                "negative",
	plain("'<f4'", "(1000000000, 1000000000, 1000000000)"): "more elements",
	plain("'<f4'", "(2147483647, 2147483647, 1)"):          "more elements",
	plain("'<c8'", "(3,)"):                                 `complex numbers ("<c8")`,
	plain("'|O'", "(3,)"):                                  "Python objects",
	plain("'|b1'", "(3,)"):                                 "booleans",
	plain("'|S7'", "(3,)"):                                 "strings",
	plain("'<l'", "(3,)"):                                  "size that depends on the platform",
	plain("'<f3'", "(3,)"):                                 `not known, "<f3"`,
	plain("'bfloat16'", "(3,)"):                            `not known, "bfloat16"`,
	plain("[('a', '<f4'), ('b', '<i2')]", "(3,)"):          "structured",
	plain("'''"+strings.Repeat("\n", 1000)+"'''", "(3,)"):  "not known",
	plain("'\x1b[31m'", "(3,)"):                            "not known",
	plain("'<f4'", "(3,)")[:60]:                            "cut short",
}

func TestBad(t *testing.T) {
	for file, want := range bad {
		h, err := Read(strings.NewReader(file))
		if err == nil {
			t.Errorf("%.90q is taken for %+v", file, h)
		} else if !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 250 {
			t.Errorf("%.90q: %v, want %q", file, err, want)
		}
	}
}

// TestRaw checks that the header is kept byte for byte, and that what follows
// is left to be read.
func TestRaw(t *testing.T) {
	for _, d := range dictionaries {
		f := file(d.version, d.text)
		r := bytes.NewReader(f)
		if h, err := Read(r); err == nil && (r.Len() != 4 || !bytes.Equal(h.Raw, f[:len(f)-4])) {
			t.Errorf("%q: the header ends %d bytes before the data", d.text, r.Len()-4)
		}
	}
}

func TestAxis(t *testing.T) {
	for _, c := range []struct {
		shape           []int64
		fortran         bool
		axis            int
		channels, inner int64
	}{
		{[]int64{2, 3, 5, 7}, false, 1, 3, 35},
		{[]int64{2, 3, 5, 7}, true, 1, 3, 2},
		{[]int64{2, 3, 5, 7}, false, -1, 7, 1},
		{[]int64{2, 3, 5, 7}, true, -1, 7, 30},
		{[]int64{2, 3, 5, 7}, false, 0, 2, 105},
		{[]int64{4}, false, 0, 4, 1},
	} {
		h := Header{Shape: c.shape, Fortran: c.fortran}
		if channels, inner, err := h.Axis(c.axis); err != nil || channels != c.channels || inner != c.inner {
			t.Errorf("%+v: %d channels, inner %d, %v", c, channels, inner, err)
		}
	}
	for _, axis := range []int{2, -3, math.MaxInt, math.MinInt} {
		if _, _, err := (&Header{Shape: []int64{2, 3}}).Axis(axis); err == nil || !strings.Contains(err.Error(), "shape is (2, 3)") {
			t.Errorf("axis %d of two: %v", axis, err)
		}
	}
}

func TestCheckSize(t *testing.T) {
	one := []byte(plain("'<f4'", "(1,)"))
	h, err := Read(bytes.NewReader(one))
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string][]byte{
		"":                               one,
		"is cut short":                   one[:len(one)-1],
		"goes on after its array, which": append(slices.Clone(one), 0),
		"has a second array, from byte ": slices.Concat(one, one),
	} {
		err := h.CheckSize(int64(len(f)), bytes.NewReader(f))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestSwap(t *testing.T) {
	for size, want := range map[int64][]byte{
		1: {1, 2, 3, 4, 5, 6, 7, 8},
		2: {2, 1, 4, 3, 6, 5, 8, 7},
		4: {4, 3, 2, 1, 8, 7, 6, 5},
		8: {8, 7, 6, 5, 4, 3, 2, 1},
	} {
		part := []byte{1, 2, 3, 4, 5, 6, 7, 8}
		Type{Size: size, Swapped: size > 1}.Swap(part)
		if !bytes.Equal(part, want) {
			t.Errorf("%v, want %v", part, want)
		}
		Type{Size: size}.Swap(part)
		if !bytes.Equal(part, want) {
			t.Errorf("%v, want it left", part)
		}
	}
}

func FuzzRead(f *testing.F) {
	for file := range bad {
		f.Add([]byte(file))
	}
	for _, d := range dictionaries {
		f.Add(file(d.version, d.text))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		if !bytes.HasPrefix(file, h.Raw) || h.Count < 0 || h.FileSize() < int64(len(h.Raw)) {
			t.Errorf("%+v", h)
		}
		for axis := range h.Shape {
			if channels, inner, err := h.Axis(axis); err != nil || h.Count > 0 && h.Count%(channels*inner) != 0 {
				t.Errorf("%+v: axis %d: %d, %d, %v", h, axis, channels, inner, err)
			}
		}
	})
}
