package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// kernel is a function of assembly as it stands in the source.
type kernel struct {
	name  string
	row   string // of the table: name without its instruction set
	isa   string // as the tests name it, in lower case
	size  int    // of an element
	head  string // the declaration, as a comment
	lines []string
}

var (
	headLine = regexp.MustCompile(`^// func (\w+)\(`)
	textLine = regexp.MustCompile(`^TEXT\s+·(\w+)\(SB\)`)
	nameForm = regexp.MustCompile(`^([a-z]\w*?(Float32|Float64|Int8|Int16|Int32|Int64|Uint8|Uint16|BFloat16|Float16))([A-Z][A-Z0-9]*)$`)
)

// sizes are of the elements in kernels' names.
var sizes = map[string]int{"Float32": 4, "Float64": 8, "Int8": 1, "Int16": 2, "Int32": 4, "Int64": 8, "Uint8": 1, "Uint16": 2, "Float16": 2, "BFloat16": 2}

// kernels reads the functions of a file that are one instruction set's form of
// a row of the table.
func kernels(path string) ([]kernel, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []kernel
	var k *kernel
	head := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if headLine.MatchString(line) {
			head, k = line, nil
		} else if m := textLine.FindStringSubmatch(line); m != nil {
			k = nil
			if form := nameForm.FindStringSubmatch(m[1]); form != nil {
				all = append(all, kernel{name: m[1], row: form[1], isa: strings.ToLower(form[3]), size: sizes[form[2]], head: head})
				k = &all[len(all)-1]
			}
		} else if strings.HasPrefix(line, "DATA") || strings.HasPrefix(line, "GLOBL") {
			k = nil
		}
		if k != nil {
			k.lines = append(k.lines, line)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no kernels", path)
	}
	return all, nil
}

// renamed is the kernel's text under another name, with one line changed.
func (k kernel) renamed(name string, m mutant) string {
	lines := append([]string{strings.Replace(k.head, k.name, name, 1), strings.Replace(k.lines[0], k.name, name, 1)}, k.lines[1:]...)
	lines[m.line+1] = m.to
	return strings.Join(lines, "\n") + "\n\n"
}

// A mutant is a kernel with one fault.
type mutant struct {
	kernel *kernel
	line   int // in the kernel
	kind   string
	label  string // of the code it is in
	nth    int    // among the mutants of its kernel that look the same
	from   string
	to     string
	then   string // the instruction behind it
}

func (m mutant) String() string {
	to := words(m.to)
	if to == nothing {
		to = "nothing"
	}
	s := fmt.Sprintf("%s, %s: %s -> %s", m.kernel.name, m.label, words(m.from), to)
	if m.nth > 0 {
		s += fmt.Sprintf(" (%d)", m.nth+1)
	}
	return s + "; then " + words(m.then)
}

// nothing is the assembler's word for no instruction, to which a label can
// belong.
const nothing = "NOP"

// words is an instruction without its columns.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// next is the instruction behind a line.
func (k *kernel) next(line int) string {
	for _, line := range k.lines[line+1:] {
		if s := strings.TrimSpace(line); s != "" && !strings.HasSuffix(s, ":") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, "PCALIGN") {
			return s
		}
	}
	return "the end"
}

// mutants are all that k has.
func (k *kernel) mutants(goarch string) []mutant {
	var all []mutant
	seen := map[string]int{}
	label := "entry"
	first, block := true, true
	for i, line := range k.lines[1:] {
		instruction := strings.TrimSpace(line)
		if name, found := strings.CutSuffix(instruction, ":"); found {
			label, block = name, true
			continue
		}
		op, _, _ := strings.Cut(instruction, " ")
		if op == "" || op == "PCALIGN" || strings.HasPrefix(op, "//") {
			continue
		}
		add := func(kind, to string) {
			m := mutant{kernel: k, line: i + 1, kind: kind, label: label, from: line, to: to, then: k.next(i + 1)}
			key := m.String()
			m.nth = seen[key]
			seen[key]++
			all = append(all, m)
		}
		if first {
			add("returns at once", "\tRET")
			first = false
		}
		if block {
			add("fault in a block", "\tUNDEF") // lives where no test runs the block
		}
		block = arches[goarch].jumps(op) || op == "RET"
		mutate(goarch, instruction, k.size, func(kind, to string) { add(kind, "\t"+to) })
	}
	return all
}

var (
	memory    = regexp.MustCompile(`(-?\d*)(\(\w+\)(\(\w+\*\d\))?)`)
	immediate = regexp.MustCompile(`\$([-+]?)(0x[0-9a-f]+|\d+)`)
	registers = regexp.MustCompile(`^[A-Z]+[0-9]*(\.\w+)?$`)
)

// mutate gives the faults of one instruction.
func mutate(goarch, instruction string, size int, add func(kind, to string)) {
	code, comment, _ := strings.Cut(instruction, " // ")
	op, rest, _ := strings.Cut(code, " ")
	rest = strings.TrimSpace(rest)
	operands := split(rest)
	a := arches[goarch]

	add(a.dropped(op, operands), nothing)
	for _, to := range a.opposite[op] {
		kind := "other predicate"
		if a.jumps(op) {
			kind = "other jump condition"
		}
		add(kind, to+" "+rest)
	}
	if op == "WORD" {
		if word, err := parseWord(code); err == nil && a.wordMutants != nil {
			a.wordMutants(word, comment, func(kind string, to uint64) { add(kind, printWord(code, to)) })
		}
		return
	}
	// An element further or nearer, at each address.
	for _, at := range memory.FindAllStringSubmatchIndex(rest, -1) {
		if base := rest[at[4]:at[5]]; base == "(FP)" || base == "(SB)" {
			continue // an argument, a function
		}
		if a.indexed != nil && a.indexed.MatchString(op) {
			switch behind := rest[at[1]:]; {
			case a.second == "":
			case at[0] > 0 && rest[at[0]-1] == ')': // the second register, done with the first
			case strings.HasPrefix(behind, "("):
				add("other offset", fmt.Sprintf("%s %s%s", op, rest[:at[1]], behind[strings.Index(behind, ")")+1:]))
			default:
				add("other offset", fmt.Sprintf("%s %s%s%s", op, rest[:at[1]], a.second, behind))
			}
			continue
		}
		disp, _ := strconv.Atoi(rest[at[2]:at[3]])
		for _, by := range []int{size, -size} {
			add("other offset", fmt.Sprintf("%s %s%d%s", op, rest[:at[0]], disp+by, rest[at[3]:]))
		}
	}
	for _, at := range immediate.FindAllStringSubmatchIndex(rest, -1) {
		v, err := strconv.ParseInt(rest[at[2]:at[3]]+rest[at[4]:at[5]], 0, 64)
		if err != nil {
			continue
		}
		kind := "other constant"
		if a.bounds[op] {
			kind = "other bound"
		}
		for _, to := range a.constants(op, v, size) {
			add(kind, fmt.Sprintf("%s %s$%d%s", op, rest[:at[0]], to, rest[at[1]:]))
		}
	}
	if len(operands) >= 2 && !a.commutes(op, operands) {
		x, y := operands[0], operands[1]
		if len(operands) > 2 && strings.HasPrefix(x, "$") {
			return
		}
		if x != y && registers.MatchString(x) && registers.MatchString(y) {
			swapped := append([]string{y, x}, operands[2:]...)
			add("operands exchanged", op+" "+strings.Join(swapped, ", "))
		}
	}
}

// parseWord is the instruction that is written as a number, which on s390x has six
// bytes: WORD $0xe7320000; BYTE $0x20; BYTE $0xea.
func parseWord(code string) (word uint64, err error) {
	for number := range strings.SplitSeq(code, ";") {
		directive, value, _ := strings.Cut(strings.TrimSpace(number), " ")
		n, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(value), "$"), 0, 32)
		if err != nil {
			return 0, err
		}
		word = word<<map[string]int{"WORD": 32, "BYTE": 8}[directive] | n
	}
	return word, nil
}

// printWord writes a number in as many bytes as the code has.
func printWord(code string, word uint64) string {
	tail := ""
	for range strings.Count(code, ";") {
		tail = fmt.Sprintf("; BYTE $%#02x", word&0xFF) + tail
		word >>= 8
	}
	return fmt.Sprintf("WORD $0x%08x", word) + tail
}

// split cuts operands at commas outside parentheses.
func split(s string) []string {
	var all []string
	depth, start := 0, 0
	for i, c := range s {
		switch c {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth == 0 {
				all = append(all, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	if rest := strings.TrimSpace(s[start:]); rest != "" {
		all = append(all, rest)
	}
	return all
}
