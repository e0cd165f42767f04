package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

const applyHelp = `Rectify the arrays in NumPy's .npy files.

An array has little-endian elements of float16, float32, float64, int8, int16,
int32 or int64, in C or Fortran order, and any shape. The header stays as it is,
byte for byte. A file may be larger than the memory.

The result is written aside, to a file beside the target whose name starts with
.relu-, and then takes the target's place, with its permissions. An interrupted
run leaves the old file or the new one, never a mixture. With --in-place it is
written into the file itself, through a memory map, and takes no room on the
disk: only for operations that give the same when done twice, so that a run that
was cut short is finished by running it again.

FILE may be - for standard input, whose result goes to standard output unless -o
says otherwise.

Operations, for x, the element i of the array in the order of the file:
%s
LIMIT and SLOPE are numbers of the array's type, to which floats are rounded. The
slopes and the bias must have that type.

On a terminal, standard error shows the progress of long work and then, for each
array, its number of elements, the share of them that is zeroed (that is +0 in
the result, for operations that make +0 of what is <= 0) and the speed of it
all, the disk's part included. Elsewhere it shows errors only.`

const applyExample = `  relu apply activations.npy
  relu apply -o rectified.npy activations.npy
  relu apply --op leaky --slope 0.1 layer1.npy layer2.npy
  relu apply --in-place --op clip --limit 6 huge.npy
  zcat activations.npy.gz | relu apply - | gzip > rectified.npy.gz`

// applier does to files what the flags of apply say.
type applier struct {
	op      *operation
	out     string // a path, "-", or "" for the file itself
	inPlace bool
}

func newApplyCommand() *cobra.Command {
	a := applier{op: new(operation)}
	cmd := &cobra.Command{
		Use:     "apply FILE.npy...",
		Short:   "Rectify NumPy files",
		Long:    fmt.Sprintf(applyHelp, kindsHelp()),
		Example: applyExample,
		Args:    cobra.MinimumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"npy"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&a.out, "output", "o", "", "write the result to `OUT`, - for standard output")
	flags.BoolVar(&a.inPlace, "in-place", false, "rectify through a memory map, with no second copy on the disk")
	flags.StringVar(&a.op.name, "op", "relu", "the `OPERATION`")
	flags.StringVar(&a.op.limit, "limit", "6", "the `LIMIT` of clip")
	flags.StringVar(&a.op.slope, "slope", "0.01", "the `SLOPE` of leaky")
	flags.StringVar(&a.op.slopes, "slopes", "", "read the slopes of prelu from `FILE.npy`")
	flags.IntVar(&a.op.inner, "inner", 1, "in prelu, `N` neighbouring elements share a slope")
	flags.StringVar(&a.op.bias, "bias", "", "read the bias of bias from `FILE.npy`")
	cmd.RegisterFlagCompletionFunc("op", cobra.FixedCompletions(kindNames(), cobra.ShellCompDirectiveNoFileComp))

	cmd.RunE = func(_ *cobra.Command, paths []string) error {
		err := a.op.check(flags.Changed)
		if err == nil {
			err = a.check(paths, flags.Changed("output"))
		}
		if err != nil {
			return usageError{err}
		}
		if err := a.op.readWeights(); err != nil {
			return err
		}
		cleanUpOnSignal()
		return a.applyAll(paths)
	}
	return cmd
}

// check finds flags and arguments that do not go together.
func (a *applier) check(paths []string, outGiven bool) error {
	toStdout := a.out == "-" || a.out == "" && slices.Contains(paths, "-")
	switch {
	case a.out == "" && outGiven:
		return errors.New("-o without a name")
	case a.out != "" && len(paths) > 1:
		return fmt.Errorf("-o %s is for one file, not for %d", a.out, len(paths))
	case a.inPlace && (a.out != "" || slices.Contains(paths, "-")):
		return errors.New("--in-place works on the file itself: it goes neither with -o nor with standard input")
	case a.inPlace && !a.op.again:
		return fmt.Errorf("--in-place is not for %s: done twice it gives something else, so a run that was cut short could not be finished", a.op.name)
	case toStdout && term.IsTerminal(int(os.Stdout.Fd())):
		return errors.New("standard output is a terminal: use -o, or a pipe")
	}
	return nil
}

// applyAll does every file. It tells of those that fail, which are left as they
// were, as it goes.
func (a *applier) applyAll(paths []string) error {
	if len(paths) == 1 {
		return a.apply(paths[0])
	}
	failed := 0
	for _, path := range paths {
		if err := a.apply(path); err != nil {
			failed++
			fmt.Fprintln(os.Stderr, "relu:", err)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files were not rectified", failed, len(paths))
	}
	return nil
}

// kindsHelp lists the operations.
func kindsHelp() string {
	var help strings.Builder
	for _, k := range kinds {
		fmt.Fprintf(&help, "  %-6s %-48s %s\n", k.name, k.formula, k.takes)
	}
	return help.String()
}
