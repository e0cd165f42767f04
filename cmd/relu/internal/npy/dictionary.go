package npy

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"go.starlark.net/syntax"
)

// dictionary is the header's text: a Python literal with these three keys.
type dictionary struct {
	descr   string
	fortran bool
	shape   []int64
}

// parseDictionary reads a Python literal, for which Starlark's parser does once
// the two spellings are gone that Starlark does not have. It judges the values
// as numpy.lib.format does.
func parseDictionary(text []byte, major byte) (d dictionary, err error) {
	source := string(text)
	if major < 3 { // ISO 8859-1; later versions are UTF-8
		runes := make([]rune, len(text))
		for i, b := range text {
			runes[i] = rune(b)
		}
		source = string(runes)
	}
	expr, err := new(syntax.FileOptions).ParseExpr("", respell(source, major), 0)
	if err != nil {
		var at syntax.Error
		if errors.As(err, &at) {
			err = errors.New(at.Msg)
		}
		return d, fmt.Errorf("has a damaged header: %.80q", err.Error())
	}
	dict, ok := unparen(expr).(*syntax.DictExpr)
	if !ok {
		return d, errors.New("has a damaged header: it is not a dictionary")
	}

	values := map[string]syntax.Expr{}
	for _, item := range dict.List {
		entry := item.(*syntax.DictEntry)
		key, _ := stringValue(entry.Key)
		values[key] = unparen(entry.Value)
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if values[key] == nil {
			return d, fmt.Errorf("has a damaged header: it lacks the key %q", key)
		}
	}
	if len(values) > 3 {
		return d, errors.New("has a damaged header: it has keys besides descr, fortran_order and shape")
	}

	if _, list := values["descr"].(*syntax.ListExpr); list {
		return d, refuse("structured", "[...]")
	}
	if d.descr, ok = stringValue(values["descr"]); !ok {
		return d, errors.New("has a damaged header: its descr is no type")
	}
	if d.fortran, ok = boolValue(values["fortran_order"]); !ok {
		return d, errors.New("has a damaged header: its fortran_order is neither True nor False")
	}
	shape, ok := values["shape"].(*syntax.TupleExpr)
	if !ok {
		return d, errors.New("has a damaged header: its shape is not a tuple")
	}
	for _, e := range shape.List {
		n, ok := intValue(e)
		switch {
		case !ok:
			return d, errors.New("has a damaged header: its shape is not of whole numbers")
		case !n.IsInt64():
			return d, errors.New("has a shape of more elements than a file can hold")
		}
		d.shape = append(d.shape, n.Int64())
	}
	return d, nil
}

// pythonString is a string of Python, with its prefix u if it has one.
// Its group is what is to stay.
const pythonString = `(?:\b[uU])?('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")`

// What Python has and Starlark has not: a string's prefix u and, in the versions
// that Python 2 wrote, a number's suffix L.
var (
	unicodeString = regexp.MustCompile(pythonString)
	orLong        = regexp.MustCompile(pythonString + `|\b([0-9]+)[ \t]*L\b`)
)

// respell writes a literal of Python as Starlark does.
func respell(source string, major byte) string {
	source = strings.TrimLeft(source, " \t")
	if major < 3 {
		return orLong.ReplaceAllString(source, "$1$2")
	}
	return unicodeString.ReplaceAllString(source, "$1")
}

func unparen(e syntax.Expr) syntax.Expr {
	for {
		p, ok := e.(*syntax.ParenExpr)
		if !ok {
			return e
		}
		e = p.X
	}
}

func stringValue(e syntax.Expr) (string, bool) {
	l, ok := unparen(e).(*syntax.Literal)
	if !ok || l.Token != syntax.STRING {
		return "", false
	}
	return l.Value.(string), true
}

func boolValue(e syntax.Expr) (value, ok bool) {
	id, _ := unparen(e).(*syntax.Ident)
	if id == nil {
		return false, false
	}
	return id.Name == "True", id.Name == "True" || id.Name == "False"
}

// intValue takes True and False too, which are ints in Python.
func intValue(e syntax.Expr) (*big.Int, bool) {
	switch e := unparen(e).(type) {
	case *syntax.Literal:
		switch n := e.Value.(type) {
		case int64:
			return big.NewInt(n), true
		case *big.Int:
			return n, true
		}
	case *syntax.UnaryExpr:
		n, ok := intValue(e.X)
		switch {
		case ok && e.Op == syntax.MINUS:
			return new(big.Int).Neg(n), true
		case ok && e.Op == syntax.PLUS:
			return n, true
		}
	case *syntax.Ident:
		b, ok := boolValue(e)
		if b {
			return big.NewInt(1), ok
		}
		return new(big.Int), ok
	}
	return nil, false
}
