package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/npy"
)

// weights is a small array, read whole.
type weights struct {
	path string
	*npy.Header
	data []byte
}

func (o *operation) readWeights() error {
	path := o.weightsPath()
	if path == "" {
		return nil
	}
	f, h, err := openArray(path, false)
	if err != nil {
		return about(path, err)
	}
	defer f.Close()
	data := make([]byte, h.DataSize())
	if err := npy.ReadFull(f, data); err != nil {
		return about(path, err)
	}
	h.Type.Swap(data)
	o.weights = &weights{path, h, data}
	return nil
}

// values are the weights for an array. They must be of its type.
func values[T any](w *weights, h *npy.Header) ([]T, error) {
	switch {
	case w.Type.Name != h.Type.Name:
		return nil, fmt.Errorf("is %s, but %s is %s", h.Type.Name, quote(w.path), w.Type.Name)
	case w.Count == 0:
		return nil, fmt.Errorf("is left alone: %s is empty", quote(w.path))
	}
	return npy.Elements[T](w.data), nil
}

// inner is how many neighbouring elements share a channel, of which there must be
// one for each slope. One slope is for all.
func (o *operation) inner(h *npy.Header) (int64, error) {
	w := o.weights
	shape, slopes := npy.FormatShape(h.Shape), quote(w.path)
	if long := slices.DeleteFunc(slices.Clone(w.Shape), func(n int64) bool { return n == 1 }); len(long) > 1 {
		return 0, fmt.Errorf("is left alone: the slopes in %s have the shape %s, which has more than one axis", slopes, npy.FormatShape(w.Shape))
	}
	axis := 1
	if o.axisGiven {
		axis = o.axis
	} else if len(h.Shape) < 2 {
		if w.Count > 1 {
			return 0, fmt.Errorf("has the shape %s, and so no axis 1 for the %d slopes in %s: --axis says which it is", shape, w.Count, slopes)
		}
		return 1, nil
	}
	channels, inner, err := h.Axis(axis)
	if err == nil && w.Count != 1 && w.Count != channels {
		err = fmt.Errorf("has %d channels along axis %d of its shape %s, but %s has %d slopes", channels, axis, shape, slopes, w.Count)
	}
	return inner, err
}

// fitsRows says whether the weights have the shape of the array's last axes, as
// NumPy would have it.
func (w *weights) fitsRows(h *npy.Header) error {
	if w.Count == 1 {
		return nil
	}
	row := w.Shape
	for row[0] == 1 {
		row = row[1:]
	}
	switch {
	case len(row) > len(h.Shape) || !slices.Equal(row, h.Shape[len(h.Shape)-len(row):]):
		return fmt.Errorf("has the shape %s, whose rows are not of the shape %s of %s", npy.FormatShape(h.Shape), npy.FormatShape(w.Shape), quote(w.path))
	case h.Fortran:
		return errors.New("is in Fortran order, in which its rows do not lie together")
	case w.Fortran:
		return fmt.Errorf("is left alone: %s is in Fortran order", quote(w.path))
	}
	return nil
}

// byChannels is f of elements at, at+1 and so on of an array, where inner
// neighbours share a slope. Whole periods of the slopes go in one call, what is
// before and after them channel by channel.
func byChannels[T any](x, slopes []T, inner, at int64, f func(dst, src, slopes []T, inner int)) {
	channels := int64(len(slopes))
	for len(x) > 0 {
		left := int64(len(x))
		into, first := at%inner, at/inner%channels
		n, some, share := left, slopes, inner
		switch {
		case into > 0 || left < inner:
			n = min(left, inner-into)
			some, share = slopes[first:first+1], 1
		case first > 0 || left/inner < channels:
			several := min(left/inner, channels-first)
			n = several * inner
			some = slopes[first : first+several]
		default:
			n -= n % (inner * channels)
		}
		f(x[:n], x[:n], some, int(share))
		x, at = x[n:], at+n
	}
}

// byRows is f of elements at, at+1 and so on of an array with rows as long as
// the bias.
func byRows[T any](x, bias []T, at int64, f func(dst, src, bias []T)) {
	row := int64(len(bias))
	for len(x) > 0 {
		n, into := int64(len(x)), at%row
		if into > 0 || n < row {
			n = min(n, row-into)
			f(x[:n], x[:n], bias[into:into+n])
		} else {
			n -= n % row
			f(x[:n], x[:n], bias)
		}
		x, at = x[n:], at+n
	}
}
