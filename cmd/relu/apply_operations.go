package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed88f7e06c/relu"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/npy"
)

// kind is an operation of the family that takes one array.
type kind struct {
	name    string
	formula string
	numbers []string // the flags of its numbers
	weights string   // the flag of its second array
	axis    bool     // it has channels
	again   bool     // done twice it gives what it gives once
	zeroes  bool     // what is <= 0 becomes +0
	forms   forms
}

// forms are the functions of an operation, by the type of the elements.
type forms map[string]form

// form is a function with its parameters, for the arrays with a header.
type form func(o *operation, h *npy.Header) (rectify, error)

// rectify does the operation to part of an array: the elements in part, of
// which the first is the array's element at.
type rectify func(part []byte, at int64)

// kinds are all there is: an operation is a row, a type of elements an entry in
// its forms.
var kinds = []kind{
	{name: "relu", formula: "max(0, x)", again: true, zeroes: true, forms: forms{
		"float16":  plain(relu.InPlaceFloat16[uint16]),
		"bfloat16": plain(relu.InPlaceBFloat16[uint16]),
		"float32":  plain(relu.InPlace[float32]),
		"float64":  plain(relu.InPlace[float64]),
		"int8":     plain(relu.InPlace[int8]),
		"int16":    plain(relu.InPlace[int16]),
		"int32":    plain(relu.InPlace[int32]),
		"int64":    plain(relu.InPlace[int64]),
	}},
	{name: "clip", formula: "min(max(0, x), LIMIT)", numbers: []string{"limit"}, again: true, zeroes: true, forms: forms{
		"float16":  withHalf("limit", float16, relu.ClipFloat16[uint16]),
		"bfloat16": withHalf("limit", bfloat16, relu.ClipBFloat16[uint16]),
		"float32":  withNumber("limit", relu.Clip[float32]),
		"float64":  withNumber("limit", relu.Clip[float64]),
		"int8":     withNumber("limit", relu.Clip[int8]),
		"int16":    withNumber("limit", relu.Clip[int16]),
		"int32":    withNumber("limit", relu.Clip[int32]),
		"int64":    withNumber("limit", relu.Clip[int64]),
	}},
	{name: "clamp", formula: "min(max(LO, x), HI)", numbers: []string{"lo", "hi"}, again: true, forms: forms{
		"float32": withBounds(relu.Clamp[float32]),
		"float64": withBounds(relu.Clamp[float64]),
		"int8":    withBounds(relu.Clamp[int8]),
		"int16":   withBounds(relu.Clamp[int16]),
		"int32":   withBounds(relu.Clamp[int32]),
		"int64":   withBounds(relu.Clamp[int64]),
		"uint8":   withBounds(relu.Clamp[uint8]),
		"uint16":  withBounds(relu.Clamp[uint16]),
	}},
	{name: "square", formula: "max(0, x)*max(0, x)", zeroes: true, forms: forms{
		"float16":  between(relu.SquareFloat16[uint16]),
		"bfloat16": between(relu.SquareBFloat16[uint16]),
		"float32":  between(relu.Square[float32]),
		"float64":  between(relu.Square[float64]),
	}},
	{name: "leaky", formula: "x, or SLOPE*x where x <= 0", numbers: []string{"slope"}, forms: forms{
		"float16":  withHalf("slope", float16, relu.LeakyFloat16[uint16]),
		"bfloat16": withHalf("slope", bfloat16, relu.LeakyBFloat16[uint16]),
		"float32":  withNumber("slope", relu.Leaky[float32]),
		"float64":  withNumber("slope", relu.Leaky[float64]),
	}},
	{name: "prelu", formula: "x, or slopes[channel of x]*x where x <= 0", weights: "slopes", axis: true, forms: forms{
		"float32": withChannels(relu.PReLU[float32]),
		"float64": withChannels(relu.PReLU[float64]),
	}},
	{name: "bias", formula: "max(0, x+bias), a bias for each place in a row", weights: "bias", zeroes: true, forms: forms{
		"float16": withRow(relu.BiasFloat16[uint16]),
		"float32": withRow(relu.Bias[float32]),
		"float64": withRow(relu.Bias[float64]),
	}},
}

// typeNames are the types that some operation takes.
var typeNames = []string{"float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16"}

// takes names the types that an operation takes.
func (k *kind) takes() string {
	var names []string
	for _, name := range typeNames {
		if k.forms[name] != nil {
			names = append(names, name)
		}
	}
	return strings.Replace(strings.Join(names, ", "), "int8, int16, int32, int64", "int8 to int64", 1)
}

func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// flags are the names of those that go with an operation.
func (k *kind) flags() []string {
	flags := slices.Clone(k.numbers)
	if k.weights != "" {
		flags = append(flags, k.weights)
	}
	if k.axis {
		flags = append(flags, "axis")
	}
	return flags
}

// operation is a kind with its parameters, as the flags give them.
type operation struct {
	kind
	numbers   map[string]*string // by their flags, as below
	paths     map[string]*string
	axis      int
	axisGiven bool
	weights   *weights // what is in the file that a path names
}

// check finds the kind by its name, and what is wrong with its parameters.
func (o *operation) check(name string, given func(flag string) bool) error {
	i := slices.Index(kindNames(), name)
	if i < 0 {
		return fmt.Errorf("--op %s: the operations are %s", name, strings.Join(kindNames(), ", "))
	}
	o.kind = kinds[i]
	for _, k := range kinds {
		for _, flag := range k.flags() {
			if given(flag) && !slices.Contains(o.kind.flags(), flag) {
				return fmt.Errorf("--%s goes with --op %s, not with %s", flag, k.name, name)
			}
		}
	}
	for _, flag := range o.kind.numbers {
		if *o.numbers[flag] == "" {
			return fmt.Errorf("--op %s needs --%s", name, strings.Join(o.kind.numbers, " and --"))
		}
		if err := checkNumber(flag, *o.numbers[flag]); err != nil {
			return err
		}
	}
	if flag := o.kind.weights; flag != "" && *o.paths[flag] == "" {
		return fmt.Errorf("--op %s needs --%s FILE.npy", name, flag)
	}
	o.axisGiven = given("axis")
	return nil
}

// weightsPath is the path of the second array, or "".
func (o *operation) weightsPath() string {
	if o.kind.weights == "" {
		return ""
	}
	return *o.paths[o.kind.weights]
}

// on is the operation for arrays with that header.
func (o *operation) on(h *npy.Header) (rectify, error) {
	f := o.forms[h.Type.Name]
	switch {
	case f != nil:
		return f(o, h)
	case h.Type.Name == "void16":
		return nil, errors.New("has elements of 2 untyped bytes: --dtype bfloat16 says that they are bfloat16")
	case strings.HasPrefix(h.Type.Name, "uint"):
		return nil, fmt.Errorf("is %s, which is unsigned: nothing in it is below 0, and max(0, x) is x", h.Type.Name)
	}
	return nil, fmt.Errorf("is %s: %s takes %s", h.Type.Name, o.name, o.takes())
}

func plain[T any](f func(x []T)) form {
	return func(*operation, *npy.Header) (rectify, error) {
		return func(part []byte, _ int64) { f(npy.Elements[T](part)) }, nil
	}
}

func between[T any](f func(dst, src []T)) form {
	return plain(func(x []T) { f(x, x) })
}

func withNumber[T relu.Number](flag string, f func(dst, src []T, number T)) form {
	return func(o *operation, h *npy.Header) (rectify, error) {
		n, err := numberOf[T](o, flag, h)
		if err != nil {
			return nil, err
		}
		return func(part []byte, _ int64) {
			x := npy.Elements[T](part)
			f(x, x, n)
		}, nil
	}
}

func withBounds[T numeric](f func(dst, src []T, lo, hi T)) form {
	return func(o *operation, h *npy.Header) (rectify, error) {
		lo, err := numberOf[T](o, "lo", h)
		if err != nil {
			return nil, err
		}
		hi, err := numberOf[T](o, "hi", h)
		if err != nil {
			return nil, err
		}
		if !(lo <= hi) {
			return nil, fmt.Errorf("is left alone: --lo %v is not at most --hi %v", lo, hi)
		}
		return func(part []byte, _ int64) {
			x := npy.Elements[T](part)
			f(x, x, lo, hi)
		}, nil
	}
}

// numberOf is the number of a flag as a value of the array's type.
func numberOf[T numeric](o *operation, flag string, h *npy.Header) (T, error) {
	n, err := number[T](*o.numbers[flag])
	if err != nil {
		err = fmt.Errorf("is %s: --%s %s %w", h.Type.Name, flag, *o.numbers[flag], err)
	}
	return n, err
}

func withChannels[T relu.Float](f func(dst, src, slopes []T, inner int)) form {
	return func(o *operation, h *npy.Header) (rectify, error) {
		slopes, err := values[T](o.weights, h)
		if err != nil {
			return nil, err
		}
		inner, err := o.inner(h)
		if err != nil {
			return nil, err
		}
		return func(part []byte, at int64) {
			byChannels(npy.Elements[T](part), slopes, inner, at, f)
		}, nil
	}
}

func withRow[T any](f func(dst, src, bias []T)) form {
	return func(o *operation, h *npy.Header) (rectify, error) {
		bias, err := values[T](o.weights, h)
		if err != nil {
			return nil, err
		}
		if err := o.weights.fitsRows(h); err != nil {
			return nil, err
		}
		return func(part []byte, at int64) { byRows(npy.Elements[T](part), bias, at, f) }, nil
	}
}
