// Command mca holds the kernels against models of CPUs that are not here. It
// takes the main loop of each kernel from a built binary, by its label, and has
// llvm-mca tell how many cycles it takes, beside the same loop without its
// arithmetic: the copy in internal/roofline that loads as much. The models know
// nothing of caches, alignment and prediction. LLVM has none of a CPU with LSX. With -strict it fails if a
// rectifier is over its limit; some models leave none a chance to keep it.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// arch is an architecture and the CPUs to hold its kernels against.
type arch struct {
	name     string
	triple   string
	features string // that the disassembler is to know
	isas     []string
	limit    float64 // a kernel may take so many times its copy's cycles
	cpus     []cpu
	why      string // kernels are over it, by the models' ports
}

// cpu is one that LLVM has a model of, by LLVM's name.
type cpu struct {
	name    string
	limited bool // rather than for information
	avx512  bool // the dispatcher lets it run AVX-512
	vector  int  // bytes of a vector register, where instructions do not say
}

var arches = []arch{{
	name: "arm64", triple: "aarch64-linux-gnu", features: "+all", isas: []string{"NEON"}, limit: 1.25,
	cpus: []cpu{
		{name: "neoverse-n1", limited: true}, {name: "neoverse-n2"}, {name: "neoverse-v1"}, {name: "neoverse-v2", limited: true},
		{name: "cortex-a55"}, {name: "cortex-a76", limited: true}, {name: "apple-m1", limited: true},
	},
}, {
	name: "amd64", triple: "x86_64-linux-gnu", features: "+avx512f,+avx512bw", isas: []string{"SSE2", "AVX2", "AVX512"}, limit: 1.15,
	cpus: []cpu{
		{name: "haswell", limited: true}, {name: "skylake", limited: true}, {name: "icelake-server", limited: true, avx512: true},
		{name: "znver2", limited: true}, {name: "znver3", limited: true}, {name: "znver4", limited: true, avx512: true},
		{name: "alderlake", limited: true},
	},
}, {
	name: "riscv64", triple: "riscv64-linux-gnu", features: "+v,+c,+d", isas: []string{"RVV"}, limit: 1.25,
	cpus: []cpu{{name: "sifive-p670", limited: true, vector: 16}, {name: "sifive-x280", vector: 64}},
	why: "the P670 has two pipes for vectors' arithmetic beside the one for loads: three operations on a vector take half as long again as its copy, as GateGrad does with a source more than that. " +
		"The X280 has one, of half a register's width as those of loads and stores are: each operation takes as long as a copy's load.",
}, {
	name: "ppc64le", triple: "powerpc64le-linux-gnu", isas: []string{"VSX"}, limit: 1.25,
	cpus: []cpu{{name: "pwr8"}, {name: "pwr9", limited: true}, {name: "pwr10", limited: true}},
	why: "POWER issues to four slices, of which an operation on vectors takes two and a store one: an operation adds 0.5 cycles a vector on pwr9 and 0.4 on pwr10, " +
		"where the copy's load and store take 0.9 and 0.7.",
}, {
	name: "s390x", triple: "s390x-linux-gnu", features: "+vector,+vector-enhancements-1", isas: []string{"VX"}, limit: 1.25,
	cpus: []cpu{{name: "z14", limited: true}, {name: "z15", limited: true}, {name: "z16", limited: true}},
}}

// rectifier begins the names of the kernels that InPlace and To run.
const rectifier = "relu"

// row is a kernel with its figures.
type row struct {
	loop
	limit  string             // the copy it is held against, or the kernel itself
	cycles map[string]float64 // by CPU, for 64 bytes of dst
	ratios map[string]float64 // to the copy's, rounded as printed
}

// worst is the CPU with the greatest ratio of those that the limit binds.
func (r row) worst(a arch) (name string, ratio float64) {
	for _, c := range a.cpus {
		if c.limited && r.ratios[c.name] > ratio {
			name, ratio = c.name, r.ratios[c.name]
		}
	}
	return name, ratio
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("mca: ")
	goarch := flag.String("arch", "", "hold the kernels of this `GOARCH` alone: amd64, arm64, ppc64le, riscv64 or s390x")
	isa := flag.String("isa", "", "hold the kernels of this instruction `set` alone: neon, sse2, avx2, avx512, rvv, vsx or vx")
	strict := flag.Bool("strict", false, "exit with status 1 if a rectifier is over its limit")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unexpected argument %q", flag.Arg(0))
	}
	if err := haveLLVM(); err != nil {
		log.Fatal(err)
	}
	kernels, broken := 0, 0
	for _, a := range arches {
		asked := slices.ContainsFunc(a.isas, func(s string) bool { return *isa == "" || strings.EqualFold(s, *isa) })
		if !asked || *goarch != "" && a.name != *goarch {
			continue
		}
		rows, err := hold(a, *isa)
		if err != nil {
			log.Fatal(err)
		}
		kernels += len(rows)
		table(os.Stdout, a, rows)
		broken += verdict(os.Stdout, a, rows)
	}
	if kernels == 0 {
		log.Fatalf("no kernels for -arch %q -isa %q", *goarch, *isa)
	}
	if *strict && broken > 0 {
		os.Exit(1)
	}
}

// hold measures each kernel of an architecture, and its copy, on each CPU. If
// isa is not empty, it takes the kernels of this instruction set alone.
func hold(a arch, isa string) ([]row, error) {
	loops, err := mainLoops(a)
	if err != nil {
		return nil, err
	}
	loops = slices.DeleteFunc(loops, func(l loop) bool { return isa != "" && !strings.EqualFold(l.isa, isa) })
	assembly := map[string]string{}
	var rows []row
	for _, l := range loops {
		if assembly[l.kernel], err = disassemble(l.code, a); err != nil {
			return nil, fmt.Errorf("%s: %w", l.kernel, err)
		}
		limit, err := copyFor(l, loops)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{loop: l, limit: limit, cycles: map[string]float64{}, ratios: map[string]float64{}})
	}
	for _, c := range a.cpus {
		able := slices.DeleteFunc(slices.Clone(loops), func(l loop) bool { return l.isa == "AVX512" && !c.avx512 })
		if len(able) == 0 {
			continue
		}
		cycles, err := simulate(c.name, a, able, assembly)
		if err != nil {
			return nil, err
		}
		per64 := map[string]float64{}
		for _, l := range able {
			per64[l.kernel] = cycles[l.kernel] * 64 / float64(l.bytes+l.vectors*c.vector)
		}
		for _, r := range rows {
			if own, ok := per64[r.kernel]; ok {
				r.cycles[c.name] = own
				r.ratios[c.name] = math.Round(100*own/per64[r.limit]) / 100
			}
		}
	}
	return rows, nil
}

// isCopy tells the limits from the kernels.
func isCopy(l loop) bool { return strings.HasPrefix(l.kernel, "copy") }

// copyFor is the copy with a kernel's loads, or with the most that there are.
func copyFor(l loop, loops []loop) (string, error) {
	var best loop
	for _, c := range loops {
		if isCopy(c) && c.isa == l.isa && best.sources < c.sources && c.sources <= l.sources {
			best = c
		}
	}
	if best.kernel == "" {
		return "", fmt.Errorf("there is no copy to hold %s against", l.kernel)
	}
	return best.kernel, nil
}

// table writes the cycles for 64 bytes and, in brackets, the ratio.
func table(out io.Writer, a arch, rows []row) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "cycles/64B (ratio)")
	for _, c := range a.cpus {
		fmt.Fprintf(w, "\t%s", c.name)
	}
	fmt.Fprintf(w, "\tworst\n")
	for _, r := range rows {
		fmt.Fprint(w, r.kernel)
		for _, c := range a.cpus {
			if cycles, ok := r.cycles[c.name]; ok {
				fmt.Fprintf(w, "\t%.2f (%.2f)", cycles, r.ratios[c.name])
			} else {
				fmt.Fprint(w, "\t-")
			}
		}
		name, worst := r.worst(a)
		fmt.Fprintf(w, "\t%.2f", worst)
		if worst > a.limit {
			fmt.Fprintf(w, " on %s: over %.2f", name, a.limit)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

// verdict writes how many kernels keep to the limit and gives the number of
// rectifiers that do not.
func verdict(out io.Writer, a arch, rows []row) (broken int) {
	var kept, all [2]int
	for _, r := range rows {
		if isCopy(r.loop) {
			continue
		}
		kind := 0
		if !strings.HasPrefix(r.kernel, rectifier) {
			kind = 1
		}
		all[kind]++
		if _, worst := r.worst(a); worst <= a.limit {
			kept[kind]++
		}
	}
	var bound []string
	for _, c := range a.cpus {
		if c.limited {
			bound = append(bound, c.name)
		}
	}
	fmt.Fprintf(out, "%s: at most %.2f times the copy on %s: %d of %d rectifiers, %d of %d other kernels\n",
		a.name, a.limit, strings.Join(bound, ", "), kept[0], all[0], kept[1], all[1])
	if a.why != "" {
		fmt.Fprintf(out, "%s: those over it: %s\n", a.name, a.why)
	}
	return all[0] - kept[0]
}
