package main

import (
	"regexp"
	"slices"
	"strings"
)

// arch is what the mutants have to know of an architecture's assembly.
type arch struct {
	opposite  map[string][]string // instructions to put in an instruction's place
	bounds    map[string]bool     // those that compare or count
	jump      *regexp.Regexp      // those that jump
	symmetric *regexp.Regexp      // those whose sources may be exchanged
	bits      *regexp.Regexp      // those whose constant is a bit, or its number
	indexed   *regexp.Regexp      // those whose addresses have no number, but may have a second register
	second    string              // one that kernels have in use, or none
	// wordMutants changes an instruction that is written as a number.
	wordMutants func(word uint64, mnemonic string, add func(kind string, word uint64))
}

var arches = map[string]*arch{}

// pairs makes both directions of each pair of words.
func pairs(s string) map[string][]string {
	all := map[string][]string{}
	for pair := range strings.FieldsSeq(s) {
		a, b, _ := strings.Cut(pair, "/")
		all[a] = append(all[a], b)
		all[b] = append(all[b], a)
	}
	return all
}

func set(s string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		all[w] = true
	}
	return all
}

func (a *arch) jumps(op string) bool { return a.jump.MatchString(op) }

// dropped is the kind of mutant that does without an instruction.
func (a *arch) dropped(op string, operands []string) string {
	last := ""
	if len(operands) > 0 {
		last = operands[len(operands)-1]
	}
	switch {
	case a.jumps(op):
		return "dropped jump"
	case strings.HasSuffix(last, ")") && !strings.HasSuffix(last, "(SB)") && !a.bounds[op] || strings.HasPrefix(last, "("):
		return "dropped store"
	case a.bounds[op] && strings.Contains(strings.Join(operands, ""), "$"):
		return "dropped step"
	}
	return "dropped instruction"
}

func (a *arch) commutes(op string, operands []string) bool {
	name, _, _ := strings.Cut(op, ".")
	return a.symmetric.MatchString(name) || a.jumps(op)
}

// constants are what to put in a constant's place: one more and one less, or
// the bit beside it.
func (a *arch) constants(op string, v int64, size int) []int64 {
	if a.bits.MatchString(op) && v > 1 && v&(v-1) == 0 {
		return []int64{v / 2, v * 2}
	}
	all := []int64{v + 1, v - 1}
	if a.bounds[op] && size > 1 && v%int64(size) == 0 && v > int64(size) {
		all = append(all, v+int64(size), v-int64(size))
	}
	return slices.DeleteFunc(all, func(to int64) bool { return v >= 0 && to < 0 })
}
