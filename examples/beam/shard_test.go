package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// shardOf is the content of a shard.
func shardOf(t *testing.T, rows, channels int, x []float32) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "shard.npy")
	if err := makeShard(name, rows, channels, x); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// wave is count numbers of both signs.
func wave(count int) []float32 {
	x := make([]float32, count)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	return x
}

// TestRectifyShard has shards of less than a batch, of several, and of rows that
// are longer than a batch.
func TestRectifyShard(t *testing.T) {
	for _, c := range []struct{ rows, channels int }{
		{0, 5}, {1, 1}, {3, 5}, {1000, 512}, {257, 1024}, {2, batchBytes}, {batchBytes, 1},
	} {
		x := wave(c.rows * c.channels)
		in := shardOf(t, c.rows, c.channels, x)
		var out bytes.Buffer
		census, err := rectifyShard(&out, iotest.HalfReader(bytes.NewReader(in)), int64(len(in)))
		if err != nil {
			t.Fatalf("%dx%d: %v", c.rows, c.channels, err)
		}
		active := make([]int64, c.channels)
		for i, v := range x {
			if v > 0 {
				active[i%c.channels]++
			} else {
				x[i] = 0
			}
		}
		if !bytes.Equal(out.Bytes(), shardOf(t, c.rows, c.channels, x)) {
			t.Errorf("%dx%d: not the rectified shard", c.rows, c.channels)
		}
		if census.Shards != 1 || census.Rows != int64(c.rows) || !slices.Equal(census.Active, active) {
			t.Errorf("%dx%d: the census is wrong: %v", c.rows, c.channels, census)
		}
	}
}

func TestNaNIsKeptAndNotActive(t *testing.T) {
	x := []float32{math.Float32frombits(0xFF800001), float32(math.Inf(1)), float32(math.Copysign(0, -1))}
	in := shardOf(t, 1, 3, x)
	var out bytes.Buffer
	census, err := rectifyShard(&out, bytes.NewReader(in), int64(len(in)))
	if err != nil {
		t.Fatal(err)
	}
	var bits []uint32
	for b := range slices.Chunk(out.Bytes()[out.Len()-12:], 4) {
		bits = append(bits, binary.LittleEndian.Uint32(b))
	}
	if want := []uint32{0xFF800001, 0x7F800000, 0}; !slices.Equal(bits, want) {
		t.Errorf("%08x, want %08x", bits, want)
	}
	if want := []int64{0, 1, 0}; !slices.Equal(census.Active, want) {
		t.Errorf("active %v, want %v", census.Active, want)
	}
}

// TestDamage has the reason that is given for each kind of damage.
func TestDamage(t *testing.T) {
	good := string(shardOf(t, 2, 3, wave(6)))
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in the shard", old)
		}
		dict, elements, _ := strings.Cut(strings.Replace(good, old, new, 1), "\n")
		longer := len(new) - len(old)
		return strings.TrimSuffix(dict, strings.Repeat(" ", max(0, longer))) + strings.Repeat(" ", max(0, -longer)) + "\n" + elements
	}
	for _, c := range []struct{ content, want string }{
		{"", "is no .npy file: it has 0 bytes"},
		{good[:5], "is no .npy file: it has 5 bytes"},
		{"PK\x03\x04" + good, `is no .npy file: it begins with "PK`},
		{replace("\x01\x00", "\x02\x00"), "has .npy version 2.0, not 1.0"},
		{good[:40], "ends in its header"},
		{replace("'shape'", "'shade'"), "has a damaged header"},
		{replace("}", " "), "has a damaged header"},
		{replace("<f4", ">f4"), "has elements of type '>f4'"},
		{replace("<f4", "<f8"), "has elements of type '<f8'"},
		{replace("False", "True "), "has a damaged header"},
		{replace("False", "True"), "is stored by columns"},
		{replace("(2, 3)", "(2, )"), "has shape [2], not rows and channels"},
		{replace("(2, 3)", "(2, 0)"), "has shape [2 0], not rows and channels"},
		{replace("(2, 3)", "(-2, 3)"), "has shape [-2 3], not rows and channels"},
		{replace("(2, 3)", "(4611686018427387904, 8)"), "more than a file can hold"},
		{good[:len(good)-1], "has 151 bytes where its shape [2 3] needs 152"},
		{good + "x", "has 153 bytes where its shape [2 3] needs 152"},
	} {
		_, err := rectifyShard(io.Discard, strings.NewReader(c.content), int64(len(c.content)))
		var d damage
		if !errors.As(err, &d) || !strings.Contains(d.reason, c.want) {
			t.Errorf("%q: %v, want %q", c.content, err, c.want)
		}
	}

	// It became shorter after its size was asked.
	_, err := rectifyShard(io.Discard, strings.NewReader(good[:len(good)-1]), int64(len(good)))
	if err == nil || err.Error() != "ends in one of the rows 0 to 2 of 2" {
		t.Errorf("error %v", err)
	}
	// A failing read or write is no damage.
	failing := errors.New("failing")
	for at := range len(good) {
		r := io.MultiReader(strings.NewReader(good[:at]), iotest.ErrReader(failing))
		if _, err := rectifyShard(io.Discard, r, int64(len(good))); err != failing {
			t.Fatalf("reading fails at %d: %v", at, err)
		}
	}
}

// TestEveryByte changes each byte of a header into each other: whatever comes of
// it is an error or a shard, and no panic.
func TestEveryByte(t *testing.T) {
	good := shardOf(t, 2, 3, wave(6))
	for i := range len(good) - 24 {
		for b := range 256 {
			content := slices.Clone(good)
			content[i] = byte(b)
			_, err := rectifyShard(io.Discard, bytes.NewReader(content), int64(len(content)))
			var d damage
			if err != nil && !errors.As(err, &d) {
				t.Fatalf("byte %d as %#02x: %v", i, b, err)
			}
		}
	}
}
