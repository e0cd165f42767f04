package main

import (
	"fmt"
	"io"
	"log"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// equivalent is a kind of mutant whose results cannot differ.
type equivalent struct {
	pattern *regexp.Regexp
	reason  string
}

// equivalents reads equivalent.txt: a reason behind "#", and below it the patterns
// of the mutants that it is the reason for. A pattern may end with "; then" and the
// instruction behind.
func equivalents(text string) ([]equivalent, error) {
	var all []equivalent
	reason := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			reason = ""
		case strings.HasPrefix(line, "#"):
			reason = strings.TrimSpace(reason + " " + strings.TrimSpace(line[1:]))
		case reason == "":
			return nil, fmt.Errorf("equivalent.txt: no reason for %s", line)
		default:
			if !strings.Contains(line, "; then ") {
				line += "; then .*"
			}
			pattern, err := regexp.Compile("^(?:" + line + ")$")
			if err != nil {
				return nil, fmt.Errorf("equivalent.txt: %w", err)
			}
			all = append(all, equivalent{pattern, reason})
		}
	}
	return all, nil
}

// Verdicts, beside those that say what caught a mutant.
const (
	survived = "survived"
	equal    = "cannot differ" // equivalent.txt says why

	cannotRun = "cannot run" // the CPU lacks the instruction set
)

// listed reports whether equivalent.txt has a reason for a mutant.
func listed(mutant string) bool {
	list, err := list()
	if err != nil {
		log.Fatal(err)
	}
	return slices.ContainsFunc(list, func(e equivalent) bool { return e.pattern.MatchString(mutant) })
}

// stale are the patterns of equivalent.txt that no result has use for.
func (r *results) stale() []string {
	list, err := list()
	if err != nil {
		log.Fatal(err)
	}
	var all []string
	for _, e := range list {
		used := false
		for _, v := range r.list {
			used = used || v.verdict == equal && e.pattern.MatchString(v.mutant)
		}
		if !used {
			all = append(all, e.pattern.String())
		}
	}
	return all
}

var list = sync.OnceValues(func() ([]equivalent, error) { return equivalents(equivalentText) })

// tally is how many mutants met which end.
type tally struct{ caught, audited, equivalent, survived int }

func (t tally) all() int { return t.caught + t.audited + t.equivalent + t.survived }

// report writes the tables and the survivors.
func (r *results) report(w io.Writer) (survivors int) {
	byKind, byKernel := map[string]*tally{}, map[string]*tally{}
	var total tally
	var survived []string
	for _, key := range slices.Sorted(maps.Keys(r.list)) {
		v := r.list[key]
		kind, kernel := at(byKind, v.kind), at(byKernel, v.goarch+" "+v.kernel)
		count := func(field func(*tally) *int) {
			for _, t := range []*tally{kind, kernel, &total} {
				*field(t)++
			}
		}
		switch {
		case strings.HasPrefix(v.verdict, "caught"):
			count(func(t *tally) *int { return &t.caught })
		case strings.HasPrefix(v.verdict, "audit"):
			count(func(t *tally) *int { return &t.audited })
		case v.verdict == equal:
			count(func(t *tally) *int { return &t.equivalent })
		default:
			count(func(t *tally) *int { return &t.survived })
			survived = append(survived, v.goarch+" "+v.mutant)
		}
	}
	for _, title := range []string{"kernel", "kind"} {
		group := map[string]map[string]*tally{"kind": byKind, "kernel": byKernel}[title]
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(table, "%s\tmutants\ttests\taudit\tequivalent\tsurvived\t\n", title)
		for _, name := range slices.Sorted(maps.Keys(group)) {
			t := group[name]
			fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t\n", name, t.all(), t.caught, t.audited, t.equivalent, t.survived)
		}
		table.Flush()
		fmt.Fprintln(w)
	}
	for _, s := range survived {
		fmt.Fprintln(w, "survived:", s)
	}
	if n := total.all(); n > 0 {
		fmt.Fprintf(w, "%d mutants: %d caught by the quick tests, %d by the audit, %d cannot differ, %d survived: %.1f %%\n",
			n, total.caught, total.audited, total.equivalent, total.survived, 100*float64(n-total.survived)/float64(n))
	}
	return len(survived)
}

func at(m map[string]*tally, name string) *tally {
	if m[name] == nil {
		m[name] = new(tally)
	}
	return m[name]
}
