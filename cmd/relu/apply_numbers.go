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

// numeric are the types of the numbers.
type numeric interface {
	relu.Number | uint8 | uint16
}

// number is text as a value of that type, to which floats are rounded. The error
// goes on after the text.
func number[T numeric](text string) (T, error) {
	size := int(unsafe.Sizeof(T(0))) * 8
	var zero T
	switch {
	case T(1)/2 != 0:
		f, err := strconv.ParseFloat(text, size)
		switch {
		case err == nil:
			return T(f), nil
		case errors.Is(err, strconv.ErrRange):
			return 0, fmt.Errorf("is beyond float%d, which ends at %v", size, largest(size))
		}
	case zero-1 > zero: // unsigned
		i, err := strconv.ParseUint(text, 10, size)
		if err == nil {
			return T(i), nil
		}
		if err := notWhole(text, fmt.Sprint("uint", size), 0, math.Ldexp(1, size)-1); err != nil {
			return 0, err
		}
	default:
		i, err := strconv.ParseInt(text, 10, size)
		if err == nil {
			return T(i), nil
		}
		end := math.Ldexp(1, size-1)
		if err := notWhole(text, fmt.Sprint("int", size), -end, end-1); err != nil {
			return 0, err
		}
	}
	if i, err := strconv.ParseInt(text, 0, 64); err == nil {
		return 0, fmt.Errorf("is not decimal: write %d", i)
	}
	return 0, errors.New("is not a number")
}

// notWhole says why a number is none of that type of integers; it is nil if the
// text is no number at all.
func notWhole(text, typ string, least, most float64) error {
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return nil
	case math.IsNaN(f) || f != math.Trunc(f) && f > least && f < most:
		return fmt.Errorf("is not a whole number, as %s elements are", typ)
	case f < least || f > most || math.Abs(f) >= math.Ldexp(1, 63):
		return fmt.Errorf("is beyond %s, which is from %.0f to %.0f", typ, least, most)
	}
	return fmt.Errorf("has to be written as a whole number for %s elements: %.0f", typ, f)
}

func largest(size int) float64 {
	if size == 32 {
		return math.MaxFloat32
	}
	return math.MaxFloat64
}
