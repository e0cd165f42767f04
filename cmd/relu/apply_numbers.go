package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"unsafe"

	"github.com/seed88f7e06c/relu"
)

// checkNumber finds what is wrong with the number of a flag for every type of
// elements.
func checkNumber(flag, text string) error {
	n, err := number[float64](text)
	if err == nil && flag == "limit" && !(n >= 0) {
		err = errors.New("must be 0 or more")
	}
	if err != nil {
		return fmt.Errorf("--%s %s %w", flag, text, err)
	}
	return nil
}

// number is text as a value of that type, to which floats are rounded. The error
// goes on after the text.
func number[T relu.Number](text string) (T, error) {
	size := int(unsafe.Sizeof(T(0))) * 8
	if T(1)/2 != 0 {
		f, err := strconv.ParseFloat(text, size)
		switch {
		case err == nil:
			return T(f), nil
		case errors.Is(err, strconv.ErrRange):
			return 0, fmt.Errorf("is beyond float%d, which ends at %v", size, largest(size))
		}
	} else {
		i, err := strconv.ParseInt(text, 10, size)
		f, notFloat := strconv.ParseFloat(text, 64)
		switch {
		case err == nil:
			return T(i), nil
		case errors.Is(err, strconv.ErrRange) || math.IsInf(f, 0) || notFloat == nil && f == math.Trunc(f) && math.Abs(f) >= math.Ldexp(1, size-1):
			return 0, fmt.Errorf("is beyond int%d, which ends at %d", size, uint64(1)<<(size-1)-1)
		case notFloat == nil && f == math.Trunc(f):
			return 0, fmt.Errorf("has to be written as a whole number for int%d elements: %.0f", size, f)
		case notFloat == nil:
			return 0, fmt.Errorf("is not a whole number, as int%d elements are", size)
		}
	}
	if i, err := strconv.ParseInt(text, 0, 64); err == nil {
		return 0, fmt.Errorf("is not decimal: write %d", i)
	}
	return 0, errors.New("is not a number")
}

func largest(size int) float64 {
	if size == 32 {
		return math.MaxFloat32
	}
	return math.MaxFloat64
}
