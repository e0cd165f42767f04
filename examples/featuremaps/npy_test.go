package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestActivations reads the header as NumPy does, and holds the elements against
// the responses.
func TestActivations(t *testing.T) {
	_, stderr, status, folder := command(t, "-images", "3", "-activations", "a.npy")
	if status != 0 {
		t.Fatal(stderr)
	}
	file, err := os.ReadFile(filepath.Join(folder, "a.npy"))
	if err != nil {
		t.Fatal(err)
	}
	header := string(file[10:128])
	if want := "\x93NUMPY\x01\x00\x76\x00"; string(file[:10]) != want {
		t.Errorf("it starts with %q, not %q", file[:10], want)
	}
	if want := "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5, 26, 26), }"; strings.TrimRight(header, " ") != want+strings.Repeat(" ", 117-len(want))+"\n" {
		t.Errorf("the header is %q", header)
	}
	images, err := open("")
	if err != nil {
		t.Fatal(err)
	}
	var want []float32
	for i := range 3 {
		want = respond(want, images.image(i))
	}
	elements, err := binary.Append(nil, binary.LittleEndian, want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file[128:], elements) {
		t.Error("the elements are not the responses")
	}
}
