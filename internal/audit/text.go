package audit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// For the architectures whose instructions are few and regular, the audit reads
// what the disassembler prints.

// operation is an instruction's name and operands, in lower case.
type operation struct {
	name     string
	operands []string
}

func parse(text string) operation {
	name, rest, _ := strings.Cut(strings.ToLower(text), " ")
	o := operation{name: name}
	depth, start := 0, 0
	for i, c := range rest + "," {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			if operand := strings.TrimSpace(rest[start:i]); operand != "" {
				o.operands = append(o.operands, operand)
			}
			start = i + 1
		}
	}
	return o
}

// number is an operand's number, with its sign.
func number(operand string) (int64, error) {
	return strconv.ParseInt(strings.TrimPrefix(operand, "+"), 0, 64)
}

// based is an operand like 8(x2) or 8(%r3,%r2).
var based = regexp.MustCompile(`^(-?\w*)\(([%\w]+)(?:,([%\w]+))?\)$`)

// memory is such an operand as an access.
func memory(operand string, register func(string) (reg, bool)) (access, error) {
	m := based.FindStringSubmatch(operand)
	if m == nil {
		return access{}, fmt.Errorf("no address: %s", operand)
	}
	var a access
	if m[1] != "" {
		disp, err := number(m[1])
		if err != nil {
			return a, err
		}
		a.disp = disp
	}
	for _, name := range m[2:] {
		if r, ok := register(name); ok {
			a.terms = append(a.terms, term{r, 1})
		}
	}
	return a, nil
}

// move is an access and, of a load, the register that it sets.
func (in *inst) move(a access, store bool, to reg, general bool) {
	a.store = store
	in.access = append(in.access, a)
	if !store && general {
		in.set = append(in.set, assign{to: to, load: &a})
	}
}

// compute sets a register to a sum, or to something made of others.
func (in *inst) sum(to reg, terms ...term) { in.set = append(in.set, assign{to: to, terms: terms}) }
func (in *inst) made(to reg, of ...reg) {
	in.set = append(in.set, assign{to: to, of: append([]reg{none}, of...)})
}
func (in *inst) static(to reg) { in.set = append(in.set, assign{to: to, static: true}) }

func unknown(name string) error { return fmt.Errorf("%s is not known to be harmless", name) }
