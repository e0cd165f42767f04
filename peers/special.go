package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// mostSpecial is the greatest length that special values are tried at.
const mostSpecial = 64

// A special is what a peer makes of one kind of value, length by length.
type special struct {
	peer, elem, value string
	outcomes          [mostSpecial + 1]string // from length 1
}

// specialValues are the bits of the values by element type. Both NaNs are
// negative and have a payload.
var specialValues = []struct {
	name    string
	float32 uint64
	float64 uint64
}{
	{"quiet NaN", 0xFFC01234, 0xFFF8000012345678},
	{"signalling NaN", 0xFF801234, 0xFFF0000012345678},
	{"-0", 1 << 31, 1 << 63},
}

// specials fills slices of each length with each of the values.
func (l typedLane[T]) specials() ([]special, error) {
	type way struct {
		name string
		run  func(bits []uint64) ([]uint64, error)
	}
	var ways []way
	for _, p := range l.peers {
		ways = append(ways, way{p.name, func(bits []uint64) ([]uint64, error) {
			x := make([]T, len(bits))
			for i, b := range bits {
				x[i] = fromBits[T](b)
			}
			p.inPlace(x)
			for i, v := range x {
				bits[i] = toBits(v)
			}
			return bits, nil
		}})
	}
	for _, name := range l.py.peers {
		ways = append(ways, way{name, func(bits []uint64) ([]uint64, error) { return l.py.apply(name, l.elem, bits) }})
	}
	var all []special
	for _, way := range ways {
		for _, v := range specialValues {
			bits, quiet, sign := v.float32, uint64(1)<<22, uint64(1)<<31
			if l.elem == "float64" {
				bits, quiet, sign = v.float64, 1<<51, 1<<63
			}
			s := special{peer: way.name, elem: l.elem, value: v.name}
			for n := 1; n <= mostSpecial; n++ {
				after, err := way.run(slices.Repeat([]uint64{bits}, n))
				if err != nil {
					return nil, err
				}
				s.outcomes[n] = outcome(bits, quiet, sign, after)
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// outcome names what became of a value, wherever it stood; quiet is the bit
// that tells a quiet NaN from a signalling one, sign the sign bit.
func outcome(before, quiet, sign uint64, after []uint64) string {
	var names []string
	for _, b := range after {
		name := fmt.Sprintf("%#x", b)
		switch b {
		case before:
			name = "kept"
		case 0:
			name = "+0"
		case before | quiet:
			name = "made quiet"
		case before &^ sign:
			name = "sign lost"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " or ")
}

// same reports whether length and place make no difference.
func (s special) same() bool {
	return !strings.Contains(s.String(), " at ") && !strings.Contains(s.String(), " or ")
}

// String names the outcome, or those of ranges of lengths, if they are few.
func (s special) String() string {
	var ranges, names []string
	for from, n := 1, 1; n <= mostSpecial; n++ {
		if n == mostSpecial || s.outcomes[n+1] != s.outcomes[from] {
			ranges = append(ranges, fmt.Sprintf("%s at %d-%d", s.outcomes[from], from, n))
			names = append(names, strings.Split(s.outcomes[from], " or ")...)
			from = n + 1
		}
	}
	switch {
	case len(ranges) == 1:
		return s.outcomes[1]
	case len(ranges) <= 3:
		return strings.Join(ranges, ", ")
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " or ")
}

// printSpecials prints what each makes of the special values.
func printSpecials(w io.Writer, lanes []lane) error {
	fmt.Fprintf(w, "\nSpecial values in place, at the lengths 1 to %d\n", mostSpecial)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "peer\ttype")
	for _, v := range specialValues {
		fmt.Fprint(table, "\t", v.name)
	}
	fmt.Fprintln(table, "\tthe same wherever it stands")
	for _, l := range lanes {
		all, err := l.specials()
		if err != nil {
			return err
		}
		for row := range slices.Chunk(all, len(specialValues)) {
			fmt.Fprintf(table, "%s\t%s", row[0].peer, row[0].elem)
			same := "yes"
			for _, s := range row {
				fmt.Fprintf(table, "\t%v", s)
				if !s.same() {
					same = "no"
				}
			}
			fmt.Fprintln(table, "\t"+same)
		}
	}
	return table.Flush()
}

func toBits[T float32 | float64](v T) uint64 {
	switch v := any(v).(type) {
	case float32:
		return uint64(math.Float32bits(v))
	case float64:
		return math.Float64bits(v)
	}
	panic("unreachable")
}

func fromBits[T float32 | float64](b uint64) T {
	var v T
	switch p := any(&v).(type) {
	case *float32:
		*p = math.Float32frombits(uint32(b))
	case *float64:
		*p = math.Float64frombits(b)
	}
	return v
}
