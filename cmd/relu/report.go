package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/report"
)

const reportHelp = `Draw what relu bench wrote: one FILE for each CPU, or for each version of relu on
one CPU, or several in one FILE. - is standard input.

The page compares the runs: throughput against length for each operation and
type, a table of speed-ups, the ratio of each run to one of them, and the figures
as CSV. It is one HTML file that needs nothing else. Runs of one CPU are told
apart by their labels, else by their dates, else by their files.

The picture is an SVG file of one operation on one type, its throughput or, with
--ns, the time of a call, against length. With one run it shows every kernel, with
several the kernel that relu chooses in each.

- in place of PAGE.html or PICTURE.svg is standard output. A file that is no page
or picture of relu report is not written over.`

func newReportCommand() *cobra.Command {
	var r drawing
	cmd := &cobra.Command{
		Use:   "report FILE... -o report.html",
		Short: "Draw what bench has measured",
		Long:  reportHelp,
		Example: `  relu report zen5.txt graviton4.txt -o report.html
  relu report zen5.txt --svg throughput.svg --op Leaky --type float64
  relu bench --quick -o - | relu report - -o report.html`,
		Args: cobra.MinimumNArgs(1),
	}
	flags := cmd.Flags()
	flags.StringVarP(&r.page, "output", "o", "", "write the page to `PAGE.html`")
	flags.StringVar(&r.picture, "svg", "", "write the picture to `PICTURE.svg`")
	flags.StringVar(&r.op, "op", "InPlace", "the `OPERATION` of the picture")
	flags.StringVar(&r.typ, "type", "float32", "the `TYPE` of the picture")
	flags.BoolVar(&r.ns, "ns", false, "draw nanoseconds a call in the picture, not GB/s")
	cmd.RegisterFlagCompletionFunc("op", cobra.FixedCompletions(ops.Names(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(ops.Types(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(_ *cobra.Command, paths []string) error {
		switch {
		case r.page == "" && r.picture == "":
			return usageError{errors.New("nothing to write: use -o PAGE.html, --svg PICTURE.svg or both")}
		case r.picture == "" && (flags.Changed("op") || flags.Changed("type") || r.ns):
			return usageError{errors.New("--op, --type and --ns are for --svg")}
		case !slices.Contains(ops.Names(), r.op):
			return usageError{fmt.Errorf("--op %q is none of %s", r.op, strings.Join(ops.Names(), ", "))}
		case ops.Size(r.typ) == 0:
			return usageError{fmt.Errorf("--type %q is none of %s", r.typ, strings.Join(ops.Types(), ", "))}
		}
		if err := r.checkNames(paths); err != nil {
			return usageError{err}
		}
		return r.draw(paths)
	}
	return cmd
}

// drawing is what report is asked for.
type drawing struct {
	page, picture string // paths, "-", or "" for none
	op, typ       string
	ns            bool
}

// checkNames refuses what would write over an input or over the other output, or
// read standard input twice.
func (r drawing) checkNames(paths []string) error {
	for i, path := range paths {
		if slices.Contains(paths[:i], path) {
			return fmt.Errorf("%s is given twice", quote(path))
		}
		for _, out := range []string{r.page, r.picture} {
			if path != "-" && sameFile(out, path) {
				return fmt.Errorf("%s is an input too, and would be written over", quote(out))
			}
		}
	}
	if r.page != "" && sameFile(r.page, r.picture) {
		return fmt.Errorf("-o and --svg are the same: %s", quote(r.page))
	}
	return nil
}

// sameFile reports whether two names are of one file, which may not exist yet.
func sameFile(a, b string) bool {
	if a == "" || b == "" || a == "-" || b == "-" {
		return a == b
	}
	return newPlace(a, "", nil).same(newPlace(b, "", nil))
}

func (r drawing) draw(paths []string) error {
	for _, path := range []string{r.page, r.picture} {
		if err := checkOurs(path); err != nil {
			return about(path, err)
		}
	}
	cleanUpOnSignal()
	files, err := report.Read(paths)
	if err != nil {
		return err
	}
	// Both are drawn before one is written.
	var page, picture bytes.Buffer
	if r.page != "" {
		if err := report.WritePage(&page, files); err != nil {
			return err
		}
	}
	if r.picture != "" {
		y := report.Throughput
		if r.ns {
			y = report.Time
		}
		if err := report.WritePicture(&picture, files, r.op, r.typ, y); err != nil {
			return err
		}
	}
	if r.page != "" {
		if err := writeOutput(r.page, &page); err != nil {
			return err
		}
	}
	if r.picture != "" {
		return writeOutput(r.picture, &picture)
	}
	return nil
}

// checkOurs refuses to write over a file that report did not write.
func checkOurs(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return err
	} else if err := checkReplaceable(path, info); err != nil {
		return err
	}
	start, err := io.ReadAll(io.LimitReader(f, report.MarkWithin))
	if err != nil {
		return err
	}
	if !report.Ours(start) {
		return errors.New("is no page or picture of relu report, and is left as it is")
	}
	return nil
}

// writeOutput writes a file, or standard output if its name is -.
func writeOutput(path string, text io.WriterTo) error {
	write := func(w io.Writer) error {
		_, err := text.WriteTo(w)
		return err
	}
	if path == "-" {
		return write(os.Stdout)
	}
	return about(path, replace(path, func(f *os.File) error { return write(f) }, func() error { return nil }))
}
