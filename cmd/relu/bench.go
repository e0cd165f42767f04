package main

import (
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

	"github.com/schollz/progressbar/v3"
	"github.com/seed88f7e06c/relu"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/measure"
)

const benchHelp = `Measure this CPU: the operations on slices of many lengths, by each kernel that
the CPU runs, by the plain Go loop and by the limit, which is a copy with the
kernel's loads and stores and without its arithmetic (in place: of the slice onto
itself). They take turns, in several rounds, on one CPU; the medians are shown.

The table has one length for short slices, and one for each place that slices can
be in: the longest whose slices fill half of a cache, and the longest of all.
GB/s counts the bytes of one slice.

FILE gets everything, in the Go benchmark format; if it is a directory, a file in
it that is named after the CPU does. relu report draws it, and benchstat compares
kernels or files:

  benchstat -filter /n:4096 -col /kernel FILE
  benchstat -ignore relu-version,go-version,warning OLD NEW

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
	quick bool
	time  time.Duration
	out   string // a path, "-", or "" for none
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
  relu bench --quick -o - | benchstat -filter /n:4096 -col /kernel -`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.BoolVar(&b.quick, "quick", false, "measure a part of the operations, and every other length")
	flags.DurationVar(&b.time, "time", 0, fmt.Sprintf("measure for `TIME` at most (default %v, %v with --quick)", fullTime, quickTime))
	flags.StringVarP(&b.out, "output", "o", "", "write the figures to `FILE`, - for standard output in place of the table")
	cmd.RunE = func(*cobra.Command, []string) error {
		switch {
		case flags.Changed("time") && b.time <= 0:
			return usageError{fmt.Errorf("--time %v is not more than 0", b.time)}
		case flags.Changed("output") && b.out == "":
			return usageError{errors.New("-o without a name")}
		case b.time == 0 && b.quick:
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
		GOOS: runtime.GOOS, GOARCH: runtime.GOARCH, Kernel: relu.Kernel(),
		Version: moduleVersion("github.com/seed88f7e06c/relu"), Go: runtime.Version(),
		Warnings: measure.Spoilers(),
	}
	measure.DescribeCPU(&host)
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

	bar := newBenchBar(os.Stderr)
	outcome, err := measure.Run(ctx, measure.Plan{
		Quick: b.quick, Time: b.time, Progress: bar.progress,
		MaxBytes: measure.MaxBytes(max(host.L1Data, host.L2, host.L3), measure.FreeMemory()),
	}, []string{executable, benchWorkerName})
	bar.close()
	if err != nil {
		return err
	}
	signal.Stop(signals)
	cleanUpOnSignal()

	if outcome.ClockChange > clockLeeway {
		w := fmt.Sprintf("the clock speed changed by %.0f%% meanwhile", 100*outcome.ClockChange)
		host.Warnings = append(host.Warnings, w)
		fmt.Fprintln(os.Stderr, "relu: warning:", w)
	}
	if outcome.Points < outcome.AllPoints {
		why := "the time ran out"
		if ctx.Err() != nil {
			why = "interrupted"
		}
		host.Note = fmt.Sprintf("%s with %d of %d points measured", why, outcome.Points, outcome.AllPoints)
		fmt.Fprintln(os.Stderr, "relu:", host.Note)
	}
	if err := b.put(host, outcome.Results); err != nil {
		return err
	}
	if ctx.Err() != nil {
		os.Exit(128 + int(received.(syscall.Signal)))
	}
	return nil
}

// put shows and writes what was measured.
func (b bench) put(host benchfile.Host, results *benchfile.Results) error {
	if len(results.Points()) == 0 {
		return nil
	}
	if b.out == "-" {
		return benchfile.Write(os.Stdout, host, results)
	}
	if err := printBench(os.Stdout, host, results); err != nil {
		return err
	}
	if b.out == "" {
		return nil
	}
	return writeFile(b.out, func(w io.Writer) error { return benchfile.Write(w, host, results) })
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
		if err := checkWritable(old); err != nil {
			return err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".relu-")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// writeFile puts a new file in place of what has that name, or nothing.
func writeFile(path string, write func(io.Writer) error) error {
	return about(path, replace(path, func(f *os.File) error { return write(f) }, func() error { return nil }))
}

func printBench(w io.Writer, host benchfile.Host, results *benchfile.Results) error {
	fmt.Fprintf(w, "%s, L1 data %s, L2 %s, L3 %s, kernel %s\n", host.CPU, size(host.L1Data), size(host.L2), size(host.L3), host.Kernel)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operation\ttype\tslices in\telements\tkernel\t   ns/call\t   GB/s\tof limit\ttimes the loop")
	for _, r := range benchfile.Summarize(host, results) {
		fmt.Fprintf(t, "%s\t%s\t%s\t%8d\t%s\t%10.4g\t%7.2f\t%8s\t%14s\n", r.Op, r.Type, r.Place, r.N, r.Kernel,
			r.Nanoseconds, r.Throughput, known("%.0f%%", 100*r.OfLimit), known("%.1f", r.OfLoop))
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

// benchBar shows on a terminal how far the measuring is.
type benchBar struct{ *progressbar.ProgressBar }

func newBenchBar(f *os.File) benchBar {
	if !term.IsTerminal(int(f.Fd())) {
		return benchBar{}
	}
	return benchBar{progressbar.NewOptions(1,
		progressbar.OptionSetWriter(f),
		progressbar.OptionSetDescription("measuring"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish())}
}

// progress counts milliseconds.
func (b benchBar) progress(passed, of time.Duration) {
	if b.ProgressBar != nil {
		b.ChangeMax64(max(1, of.Milliseconds()))
		b.Set64(passed.Milliseconds())
	}
}

func (b benchBar) close() {
	if b.ProgressBar != nil {
		b.Clear()
	}
}
