package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// idx is a file of words and then elements, compressed.
func idx(t *testing.T, words []uint32, elements []byte) []byte {
	t.Helper()
	var file bytes.Buffer
	zipped := gzip.NewWriter(&file)
	if err := binary.Write(zipped, binary.BigEndian, words); err != nil {
		t.Fatal(err)
	}
	if _, err := zipped.Write(elements); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// blank is count images whose pixels are all value.
func blank(count int, value byte) []byte {
	return bytes.Repeat([]byte{value}, count*side*side)
}

func TestLoadJoinsAllPairs(t *testing.T) {
	all, err := load(fstest.MapFS{
		"b-images-idx3-ubyte.gz": {Data: idx(t, []uint32{0x803, 1, side, side}, blank(1, 30))},
		"b-labels-idx1-ubyte.gz": {Data: idx(t, []uint32{0x801, 1}, []byte{9})},
		"a-images-idx3-ubyte.gz": {Data: idx(t, []uint32{0x803, 2, side, side}, append(blank(1, 10), blank(1, 20)...))},
		"a-labels-idx1-ubyte.gz": {Data: idx(t, []uint32{0x801, 2}, []byte{7, 0})},
		"notes.txt":              {Data: []byte("not read")},
	}, "folder")
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{7, 0, 9}; !slices.Equal(all.labels, want) {
		t.Errorf("labels %d, want %d", all.labels, want)
	}
	for i, value := range []byte{10, 20, 30} {
		if !slices.Equal(all.image(i), blank(1, value)) {
			t.Errorf("image %d is not all %d", i, value)
		}
	}
	if cut := all.first(2); cut.count() != 2 || !slices.Equal(cut.image(1), blank(1, 20)) {
		t.Errorf("the first 2 images are %d, or not those", cut.count())
	}
}

func TestEmbeddedClassesTakeTurns(t *testing.T) {
	all, err := open("")
	if err != nil {
		t.Fatal(err)
	}
	if all.count() != 100 {
		t.Fatalf("%d images, want 100", all.count())
	}
	for i, label := range all.labels {
		if int(label) != i%len(classes) {
			t.Errorf("label %d is %d, want %d", i, label, i%len(classes))
		}
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	images := idx(t, []uint32{0x803, 2, side, side}, blank(2, 1))
	labels := idx(t, []uint32{0x801, 2}, []byte{1, 2})
	badSum := slices.Clone(images)
	badSum[len(badSum)-8]++

	for name, test := range map[string]struct {
		images, labels []byte // nil: there is no such file
		want           string
	}{
		"nothing":         {nil, labels, "folder/*-images-idx3-ubyte.gz: no images"},
		"no labels":       {images, nil, "x-labels-idx1-ubyte.gz: file does not exist"},
		"empty":           {[]byte{}, labels, "x-images-idx3-ubyte.gz: not a gzip file"},
		"not compressed":  {blank(1, 1), labels, "x-images-idx3-ubyte.gz: not a gzip file"},
		"gzip cut short":  {images[:len(images)-9], labels, "x-images-idx3-ubyte.gz: after "},
		"bad checksum":    {badSum, labels, "x-images-idx3-ubyte.gz: after 1568 of 1568 elements: gzip: invalid checksum"},
		"header cut":      {idx(t, []uint32{0x803, 2}, nil), labels, "x-images-idx3-ubyte.gz: header: unexpected EOF"},
		"labels for both": {idx(t, []uint32{0x801, 16}, blank(1, 1)), labels, "x-images-idx3-ubyte.gz: starts with 0x00000801, not with 0x00000803"},
		"images for both": {images, images, "x-labels-idx1-ubyte.gz: starts with 0x00000803, not with 0x00000801"},
		"another size":    {idx(t, []uint32{0x803, 1, 32, 32}, make([]byte, 32*32)), labels, "x-images-idx3-ubyte.gz: items of size [32 32], not [28 28]"},
		"too few":         {idx(t, []uint32{0x803, 3, side, side}, blank(2, 1)), labels, "x-images-idx3-ubyte.gz: ends after 1568 of 2352 elements"},
		"a lie":           {idx(t, []uint32{0x803, 1<<32 - 1, side, side}, blank(2, 1)), labels, "x-images-idx3-ubyte.gz: ends after 1568 of 3367254359280 elements"},
		"too many":        {idx(t, []uint32{0x803, 1, side, side}, blank(2, 1)), labels, "x-images-idx3-ubyte.gz: goes on after the 784 elements"},
		"unequal counts":  {images, idx(t, []uint32{0x801, 3}, []byte{1, 2, 3}), "x-labels-idx1-ubyte.gz: holds 3 labels for 2 images"},
		"unknown class":   {images, idx(t, []uint32{0x801, 2}, []byte{1, 10}), "x-labels-idx1-ubyte.gz: label 1 is 10, not one of 0 to 9"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			if test.images != nil {
				files["x-images-idx3-ubyte.gz"] = &fstest.MapFile{Data: test.images}
			}
			if test.labels != nil {
				files["x-labels-idx1-ubyte.gz"] = &fstest.MapFile{Data: test.labels}
			}
			_, err := load(files, "folder")
			if err == nil {
				t.Fatal("no error")
			}
			got := strings.ReplaceAll(err.Error(), `\`, "/")
			if !strings.HasPrefix(got, "folder/") || !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("%q, want one line with %q", got, test.want)
			}
		})
	}
}
