package main

import (
	"compress/gzip"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// side is the height and the width of a Fashion-MNIST image.
const side = 28

const (
	imagesSuffix = "-images-idx3-ubyte.gz"
	labelsSuffix = "-labels-idx1-ubyte.gz"
)

// classes are the names of the labels.
var classes = [...]string{
	"T-shirt/top", "trouser", "pullover", "dress", "coat",
	"sandal", "shirt", "sneaker", "bag", "ankle boot",
}

//go:embed data/*.gz
var embedded embed.FS

// set is a number of images with the class of each.
type set struct {
	pixels []byte
	labels []byte
}

func (s set) count() int { return len(s.labels) }

func (s set) image(i int) []byte {
	return s.pixels[i*side*side : (i+1)*side*side]
}

// first is the first n images of s.
func (s set) first(n int) set {
	return set{s.pixels[:n*side*side], s.labels[:n]}
}

// load reads every pair of image and label files in the top folder of fsys.
// folder is what errors call it.
func load(fsys fs.FS, folder string) (set, error) {
	var all set
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return all, fmt.Errorf("%s: %w", folder, cause(err))
	}
	for _, entry := range entries {
		stem, ok := strings.CutSuffix(entry.Name(), imagesSuffix)
		if !ok {
			continue
		}
		pixels, err := readIDX(fsys, folder, stem+imagesSuffix, side, side)
		if err != nil {
			return all, err
		}
		labels, err := readIDX(fsys, folder, stem+labelsSuffix)
		if err != nil {
			return all, err
		}
		labelsName := filepath.Join(folder, stem+labelsSuffix)
		if images := len(pixels) / (side * side); len(labels) != images {
			return all, fmt.Errorf("%s: holds %d labels for %d images", labelsName, len(labels), images)
		}
		if i := slices.IndexFunc(labels, func(l byte) bool { return int(l) >= len(classes) }); i >= 0 {
			return all, fmt.Errorf("%s: label %d is %d, not one of 0 to %d", labelsName, i, labels[i], len(classes)-1)
		}
		all.pixels = append(all.pixels, pixels...)
		all.labels = append(all.labels, labels...)
	}
	if all.count() == 0 {
		return all, fmt.Errorf("%s: no images in it", filepath.Join(folder, "*"+imagesSuffix))
	}
	return all, nil
}

// readIDX reads a gzip-compressed IDX file of unsigned bytes, the format of
// LeCun, Cortes and Burges, "The MNIST database of handwritten digits": a
// big-endian word that tells the type of the elements and the number of
// dimensions, a word for the size of each dimension, the elements. The first
// dimension is the number of items, and shape is the rest.
func readIDX(fsys fs.FS, folder, name string, shape ...uint32) ([]byte, error) {
	fail := func(format string, args ...any) ([]byte, error) {
		return nil, fmt.Errorf("%s: "+format, append([]any{filepath.Join(folder, name)}, args...)...)
	}
	file, err := fsys.Open(name)
	if err != nil {
		return fail("%w", cause(err))
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return fail("not a gzip file: %w", err)
	}

	header := make([]uint32, 2+len(shape))
	if err := binary.Read(unzipped, binary.BigEndian, header); err != nil {
		return fail("header: %w", err)
	}
	if magic := uint32(0x0800 + 1 + len(shape)); header[0] != magic {
		return fail("starts with %#08x, not with %#08x: not the IDX file that its name says", header[0], magic)
	}
	if !slices.Equal(header[2:], shape) {
		return fail("items of size %d, not %d", header[2:], shape)
	}

	size := int64(header[1])
	for _, n := range shape {
		size *= int64(n)
	}
	// The header may lie: memory grows with what is there, not with what it
	// promises. The byte too many also makes gzip check its checksum.
	elements, err := io.ReadAll(io.LimitReader(unzipped, size+1))
	switch n := int64(len(elements)); {
	case err != nil:
		return fail("after %d of %d elements: %w", n, size, err)
	case n < size:
		return fail("ends after %d of %d elements", n, size)
	case n > size:
		return fail("goes on after the %d elements that its header tells", size)
	}
	return elements, nil
}

// cause is err without the name that an fs.FS gives the file.
func cause(err error) error {
	if named := (*fs.PathError)(nil); errors.As(err, &named) {
		return named.Err
	}
	return err
}
