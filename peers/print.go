package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/klauspost/cpuid/v2"
	"github.com/seed88f7e06c/relu"
	"golang.org/x/perf/benchfmt"
)

// shownLengths are the short lengths of the table.
var shownLengths = []int{1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128}

// printAbout says what ran where.
func printAbout(w io.Writer, py *python) {
	versions := []string{runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/viterin/vek" || m.Path == "github.com/tphakala/simd" {
				versions = append(versions, m.Path+" "+m.Version)
			}
		}
	}
	fmt.Fprintf(w, "%s, relu's kernel %s; %s\n", cpuid.CPU.BrandName, relu.Kernel(), strings.Join(append(versions, py.versions...), ", "))
	for _, what := range append(py.missing, archsimdMissing...) {
		fmt.Fprintf(w, "Left out: %s.\n", what)
	}
}

func printShort(w io.Writer, all []result, whole bool) {
	printTables(w, all, "ns a call, over rows of n in a matrix of 16 KiB", func(r result) bool {
		return r.short() && (whole || slices.Contains(shownLengths, r.n))
	}, func(_ result, t timing) string { return fmt.Sprintf("%.2f", median(t.ns)) })
}

func printLong(w io.Writer, all []result) {
	printTables(w, all, "GB/s of slice", func(r result) bool { return !r.short() },
		func(r result, t timing) string { return fmt.Sprintf("%.1f", r.gigabytes(t)) })
}

// printTables prints a table for each operation and element type, of the
// results that are shown. The last columns are the fastest rival in Go and how
// many times its time relu takes.
func printTables(w io.Writer, all []result, unit string, shown func(result) bool, cell func(result, timing) string) {
	table, title := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight), ""
	for i, r := range all {
		if !shown(r) {
			continue
		}
		if t := fmt.Sprintf("%s on %s: %s", r.op, r.elem, unit); t != title {
			title = t
			table.Flush()
			fmt.Fprintf(w, "\n%s\n", title)
			fmt.Fprint(table, "n\t")
			for _, t := range r.times {
				fmt.Fprint(table, t.peer, "\t")
			}
			fmt.Fprintln(table, "best rival in Go\trelu takes\t")
		}
		fmt.Fprint(table, all[i].n, "\t")
		for _, t := range r.times {
			fmt.Fprint(table, cell(r, t), "\t")
		}
		best := r.best()
		fmt.Fprintf(table, "%s\t%.2f\t\n", best.peer, r.ratio(best))
	}
	table.Flush()
}

// printVerdict prints every loss, at lengths that are in no table too.
func printVerdict(w io.Writer, all []result) {
	fmt.Fprintln(w)
	lost := 0
	for _, r := range all {
		losses := r.losses()
		if len(losses) > 0 {
			lost++
		}
		if r.lost > 0 {
			fmt.Fprintf(w, "REPEATED %s %s n=%d: relu took %.2f times the time of a rival at first\n", r.op, r.elem, r.n, r.lost)
		}
		for _, t := range losses {
			fmt.Fprintf(w, "LOSS %s %s n=%d: %s takes %.2f times the time of %s\n", r.op, r.elem, r.n, r.ours(t).peer, r.ratio(t), t.peer)
		}
	}
	fmt.Fprintf(w, "relu loses to a rival by more than %.0f %% at %d of %d lengths.\n", 100*(tolerated-1), lost, len(all))
}

// printBenchmarks prints results in the format that benchstat reads. Of all
// rounds it makes up to ten lines, each the median of some.
func printBenchmarks(w io.Writer, all []result) error {
	out := benchfmt.NewWriter(w)
	for _, r := range all {
		for _, t := range r.times {
			for group := range slices.Chunk(t.ns, (len(t.ns)+9)/10) {
				line := &benchfmt.Result{
					Name:  benchfmt.Name(fmt.Sprintf("%s/type=%s/peer=%s/n=%d", r.op, r.elem, t.peer, r.n)),
					Iters: len(group),
				}
				line.SetConfig("goos", runtime.GOOS)
				line.SetConfig("goarch", runtime.GOARCH)
				line.SetConfig("cpu", cpuid.CPU.BrandName)
				line.SetConfig("kernel", relu.Kernel())
				for i := range line.Config {
					line.Config[i].File = true
				}
				ns := median(group)
				line.Values = []benchfmt.Value{{Value: ns, Unit: "ns/op"}, {Value: float64(r.bytes) / ns * 1e3, Unit: "MB/s"}}
				if err := out.Write(line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
