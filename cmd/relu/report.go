package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
	"github.com/seed88f7e06c/relu/cmd/relu/internal/report"
)

const reportHelp = `Draw what relu bench wrote, one FILE for each CPU.

The page compares the CPUs: throughput against length for each operation and
type, a table of speed-ups, and the figures as CSV. It is one HTML file that
needs nothing else.

The picture is an SVG file of one operation on one type, its throughput or, with
--ns, the time of a call, against length. With one CPU it shows every kernel, with
several the kernel that relu chooses on each.`

func newReportCommand() *cobra.Command {
	var page, picture, op, typ string
	var ns bool
	cmd := &cobra.Command{
		Use:   "report FILE... -o report.html",
		Short: "Draw what bench has measured",
		Long:  reportHelp,
		Example: `  relu report zen5.txt graviton4.txt -o report.html
  relu report zen5.txt --svg throughput.svg --op Leaky --type float64`,
		Args: cobra.MinimumNArgs(1),
	}
	flags := cmd.Flags()
	flags.StringVarP(&page, "output", "o", "", "write the page to `PAGE.html`")
	flags.StringVar(&picture, "svg", "", "write the picture to `PICTURE.svg`")
	flags.StringVar(&op, "op", "InPlace", "the `OPERATION` of the picture")
	flags.StringVar(&typ, "type", "float32", "the `TYPE` of the picture")
	flags.BoolVar(&ns, "ns", false, "draw nanoseconds a call in the picture, not GB/s")
	cmd.RegisterFlagCompletionFunc("op", cobra.FixedCompletions(benchfile.Ops(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(benchfile.Types(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(_ *cobra.Command, paths []string) error {
		switch {
		case page == "" && picture == "":
			return usageError{errors.New("nothing to write: use -o PAGE.html, --svg PICTURE.svg or both")}
		case picture == "" && (flags.Changed("op") || flags.Changed("type") || ns):
			return usageError{errors.New("--op, --type and --ns are for --svg")}
		case benchfile.Arrays(op) == 0:
			return usageError{fmt.Errorf("--op %s is none of %s", op, strings.Join(benchfile.Ops(), ", "))}
		case benchfile.Size(typ) == 0:
			return usageError{fmt.Errorf("--type %s is none of %s", typ, strings.Join(benchfile.Types(), ", "))}
		}
		cleanUpOnSignal()
		files, err := report.Read(paths)
		if err != nil {
			return err
		}
		if page != "" {
			if err := writeFile(page, func(w io.Writer) error { return report.WritePage(w, files) }); err != nil {
				return err
			}
		}
		if picture != "" {
			y := report.Throughput
			if ns {
				y = report.Time
			}
			return writeFile(picture, func(w io.Writer) error { return report.WritePicture(w, files, op, typ, y) })
		}
		return nil
	}
	return cmd
}
