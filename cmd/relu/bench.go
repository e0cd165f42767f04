package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/seed88f7e06c/relu"
	"github.com/spf13/cobra"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/measure"
)

const benchHelp = `Measure this CPU: the operations on slices of many lengths, by the kernel that relu
chooses, by the plain Go loop and by the limit, which is a copy with the kernel's
loads and stores and without its arithmetic (in place: of the slice onto itself).
InPlace on float32 is measured by every kernel that the CPU runs, and at every
power of two. With less time there are fewer lengths, of all operations.

What disturbs a measurement makes it slower, never faster. So the points take
turns in rounds, as many as the time is enough for, at least six. Each round has
new processes, because where a process has its memory is luck; on Linux it is in
large pages if there are any. A sample during which the system took the CPU away
is left out if there are enough others. Of the fastest third of a point's samples
six are kept, evenly, and the figure is the third of them: about the fastest sixth
part of all, a low quantile, because noise is in the slow ones, and not the
fastest, because that may be a lucky one.

The table has one length for short slices, and one for each place that slices can
be in: the longest whose slices fill half of a cache, and the longest of all.
GB/s counts the bytes of one slice. The spread is by how much the slowest of the
six samples is slower than the fastest; if that is more than 5%, they do not agree.
More than 100% of the limit is within the spread, or an operation with non-temporal
stores, which the copy has not, or a short slice, which has another way than the
copy's loop.

FILE gets the six samples of each point, in the Go benchmark format; if it is a
directory, a file in it that is named after the CPU does. relu report draws it,
and benchstat compares kernels or files:

  benchstat -table cpu -filter /n:1024 -col /kernel FILE
  benchstat -table cpu OLD NEW

--against tells how many of the points take the time that OLD has for them, and
which do not.

An interrupted run (SIGINT or SIGTERM) shows and writes what it has measured.`

// The time that measuring takes unless the command line says otherwise.
const (
	fullTime  = 4 * time.Minute
	quickTime = 17 * time.Second
)

// clockLeeway is how much the clock speed may change before figures are worth
// less than they look.
const clockLeeway = 0.05

type bench struct {
	quick   bool
	time    time.Duration
	out     string // a path, "-", or "" for none
	label   string
	against string // a path, "-", or "" for none
}

func newBenchCommand() *cobra.Command {
	b := bench{}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this CPU",
		Long:  benchHelp,
		Example: `  relu bench --quick
  relu bench -o zen5.txt
  relu bench -o benchmarks/
  relu bench --against zen5.txt
  relu bench --quick -o - | benchstat -table cpu -filter /n:1024 -col /kernel -`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.BoolVar(&b.quick, "quick", false, fmt.Sprintf("the same as --time %v", quickTime))
	flags.DurationVar(&b.time, "time", 0, fmt.Sprintf("measure for `TIME` at most (default %v)", fullTime))
	flags.StringVar(&b.label, "label", "", "write `TEXT` into the file, to tell it from others of the same CPU")
	flags.StringVar(&b.against, "against", "", "compare with the figures in `OLD`, - for standard input")
	flags.StringVarP(&b.out, "output", "o", "", "write the figures to `FILE`, - for standard output in place of the table")
	cmd.RunE = func(*cobra.Command, []string) error {
		switch {
		case flags.Changed("time") && b.quick:
			return usageError{errors.New("--quick is a --time: use one of them")}
		case flags.Changed("time") && b.time <= 0:
			return usageError{fmt.Errorf("--time %v is not more than 0", b.time)}
		case flags.Changed("output") && b.out == "":
			return usageError{errors.New("-o without a name")}
		case flags.Changed("against") && b.against == "":
			return usageError{errors.New("--against without a name")}
		case strings.ContainsFunc(b.label, unicode.IsControl):
			return usageError{fmt.Errorf("--label %q has a control character", b.label)}
		case b.quick:
			b.time = quickTime
		case b.time == 0:
			b.time = fullTime
		}
		return b.run()
	}
	return cmd
}

const benchWorkerName = "bench-worker"

// newBenchWorkerCommand is what bench starts, once for each kernel.
func newBenchWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    benchWorkerName,
		Short:  "Measure what standard input asks for",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			// A terminal interrupts it too; but bench is to end it.
			signal.Ignore(os.Interrupt, syscall.SIGTERM)
			return measure.Serve(os.Stdin, os.Stdout)
		},
	}
}

func (b bench) run() error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	host := benchfile.Host{
		GOOS: runtime.GOOS, GOARCH: runtime.GOARCH, CPUs: runtime.NumCPU(), Kernel: relu.Kernel(),
		Version: measuredVersion(), Go: runtime.Version(),
		Date: time.Now().UTC().Format(time.DateOnly), Label: b.label, Warnings: measure.Spoilers(),
	}
	measure.DescribeCPU(&host)
	var old []benchfile.File
	if b.against != "" {
		if old, err = benchfile.ReadFile(b.against); err != nil {
			return err
		}
		if len(old) > 1 {
			return about(b.against, fmt.Errorf("holds %d runs, and --against takes one", len(old)))
		}
	}
	if b.out != "" && b.out != "-" {
		if info, err := os.Stat(b.out); err == nil && info.IsDir() {
			b.out = filepath.Join(b.out, fileName(host.CPU))
		}
		if err := checkTarget(b.out); err != nil {
			return about(b.out, err)
		}
	}
	for _, w := range host.Warnings {
		fmt.Fprintln(os.Stderr, "relu: warning:", w)
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var received os.Signal
	go func() {
		received = <-signals
		signal.Stop(signals) // the next one ends the command at once
		cancel()
	}()

	line := newProgress("measuring", 0)
	outcome, err := measure.Run(ctx, measure.Plan{
		Time: b.time, Kernels: relu.Kernels(), Chosen: relu.Kernel(),
		MaxBytes: measure.MaxBytes(max(host.L1Data, host.L2, host.L3), measure.FreeMemory(), len(relu.Kernels())),
		Progress: func(passed time.Duration) {
			line.then(fmt.Sprintf("%.0f%% of %v", min(100, 100*passed.Seconds()/b.time.Seconds()), b.time))
		},
	}, []string{executable, benchWorkerName})
	line.close()
	if err != nil {
		return err
	}
	signal.Stop(signals)
	cleanUpOnSignal()

	warn := func(format string, args ...any) {
		w := fmt.Sprintf(format, args...)
		host.Warnings = append(host.Warnings, w)
		fmt.Fprintln(os.Stderr, "relu: warning:", w)
	}
	if outcome.ClockChange > clockLeeway {
		warn("the clock speed changed by %.0f%% meanwhile", 100*outcome.ClockChange)
	}
	if outcome.Disturbed > outcome.Samples/4 {
		warn("the CPU was taken away during %.0f%% of the samples", 100*float64(outcome.Disturbed)/float64(outcome.Samples))
	}
	if outcome.Points < outcome.AllPoints {
		why := "the time was enough for"
		if ctx.Err() != nil {
			why = "interrupted with"
		}
		host.Note = fmt.Sprintf("%s %d of %d points", why, outcome.Points, outcome.AllPoints)
		fmt.Fprintln(os.Stderr, "relu:", host.Note)
	}
	agree := 0
	for _, p := range outcome.Results.Points() {
		if outcome.Results.Settled(p) {
			agree++
		}
	}
	fmt.Fprintf(os.Stderr, "relu: %d points in %d rounds, the samples of %d agree within %.0f%%; the CPU was taken away during %d of %d samples\n",
		outcome.Points, outcome.Rounds, agree, 100*benchfile.Agreement, outcome.Disturbed, outcome.Samples)
	if err := b.put(host, outcome.Results); err != nil {
		return err
	}
	if old != nil {
		compare(os.Stderr, old[0], host, outcome.Results)
	}
	if ctx.Err() != nil {
		os.Exit(signalStatus(received))
	}
	return nil
}

// put shows and writes what was measured.
func (b bench) put(host benchfile.Host, results *benchfile.Results) error {
	if len(results.Points()) == 0 {
		return nil
	}
	if b.out != "-" {
		if err := printBench(os.Stdout, host, results); err != nil {
			return err
		}
	}
	if b.out == "" {
		return nil
	}
	var text bytes.Buffer
	if err := benchfile.Write(&text, host, results); err != nil {
		return err
	}
	return writeOutput(b.out, &text)
}

// compare tells how far the figures agree with those of an earlier run. It is no
// figure itself, and stands on standard error.
func compare(w io.Writer, old benchfile.File, host benchfile.Host, results *benchfile.Results) {
	name := quote(old.Name)
	if old.Host.CPU != host.CPU {
		fmt.Fprintf(w, "relu: %s is of another CPU, %s\n", name, cmp.Or(old.Host.CPU, "unknown"))
	}
	all := benchfile.Differences(old.Results, results)
	if len(all) == 0 {
		fmt.Fprintf(w, "relu: %s has none of the points that were measured\n", name)
		return
	}
	var settled, unsettled struct{ same, of int }
	for _, d := range all {
		count := &unsettled
		if d.Settled {
			count = &settled
		}
		count.of++
		if d.Same() {
			count.same++
		}
	}
	same := settled.same + unsettled.same
	share := func(part, whole int) float64 { return 100 * float64(part) / float64(max(1, whole)) }
	fmt.Fprintf(w, "relu: %.1f%% of the %d points that %s has too are within %.0f%% of it\n",
		share(same, len(all)), len(all), name, 100*benchfile.Agreement)
	fmt.Fprintf(w, "relu: of %d of them the samples do not agree in one of the runs, and %.1f%% of these are; of the other %d, %.1f%%\n",
		unsettled.of, share(unsettled.same, unsettled.of), settled.of, share(settled.same, settled.of))
	const shown = 20
	for _, d := range all[:min(shown, len(all)-same)] {
		why := ""
		if !d.Settled {
			why = ", its samples do not agree"
		}
		fmt.Fprintf(w, "relu:   %s %s by %s, n=%d: %.4g ns, was %.4g, %+.1f%%%s\n", d.Op, d.Type, d.Kernel, d.N, d.New, d.Old, 100*(d.New/d.Old-1), why)
	}
}

// measuredVersion is the version of relu, or the commit that it is built from.
func measuredVersion() string {
	if v := moduleVersion("github.com/seed88f7e06c/relu"); v != "(devel)" {
		return v
	}
	return version()
}

// fileName is a name for the file of a CPU: amd-ryzen-9-9950x.txt.
func fileName(cpu string) string {
	cpu = strings.NewReplacer("(R)", "", "(TM)", "").Replace(cpu)
	words := strings.FieldsFunc(strings.ToLower(cpu), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return cmp.Or(strings.Join(words, "-"), "cpu") + ".txt"
}

// checkTarget finds out, before minutes of work, whether a file can be put
// there.
func checkTarget(path string) error {
	if old, err := os.Stat(path); err == nil {
		if err := checkReplaceable(path, old); err != nil {
			return err
		}
		if _, err := benchfile.ReadFile(path); err != nil && old.Size() > 0 {
			return errors.New("is no file of relu bench, and is left as it is")
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".relu-")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

func printBench(w io.Writer, host benchfile.Host, results *benchfile.Results) error {
	fmt.Fprintf(w, "%s, L1 data %s, L2 %s, L3 %s, kernel %s\n", host.CPU, size(host.L1Data), size(host.L2), size(host.L3), host.Kernel)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operation\ttype\tslices in\t elements\tkernel\t      ns/call\t   GB/s\tspread\tof limit\ttimes the loop")
	for _, r := range benchfile.Summarize(host, results) {
		fmt.Fprintf(t, "%s\t%s\t%s\t%9d\t%s\t%13.6g\t%7.2f\t%5.1f%%\t%8s\t%14s\n", r.Op, r.Type, r.Place, r.N, r.Kernel,
			r.Nanoseconds, r.Throughput, 100*r.Spread, known("%.0f%%", 100*r.OfLimit), known("%.1f", r.OfLoop))
	}
	return t.Flush()
}

// known is a number that is 0 if unknown.
func known(format string, x float64) string {
	if x == 0 {
		return "?"
	}
	return fmt.Sprintf(format, x)
}
