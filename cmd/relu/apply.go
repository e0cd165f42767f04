package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const applyHelp = `Rectify the arrays in NumPy's .npy files.

An array has elements of float16, bfloat16, float32, float64, int8, int16, int32
or int64 in any byte order, in C or Fortran order, and any shape. They are written
in the order in which they came, and the header stays as it is, byte for byte. A
file may be larger than the memory.

The result is written aside, to a file beside the target whose name starts with
.relu-, and then takes the target's place, with its owner, mode and extended
attributes. An interrupted run leaves the old file or the new one, never a
mixture. One that was killed outright, or lost its power, leaves the file aside
too: while no relu runs in DIR,
  find DIR -name '.relu-*' -delete
removes it. With --in-place the result is written over the elements, chunk by
chunk, and takes no room on the disk: only for operations that give the same when
done twice, so that a run that was cut short is finished by running it again.

FILE may be - for standard input, whose result goes to standard output unless -o
says otherwise. Nothing is written to standard output before all of a pipe is
read: until then the result is held in memory, or in a temporary file if it is
longer than %d MiB.

Operations, for an element x of the array:
%s
LIMIT, LO, HI and SLOPE are numbers of the array's type, to which floats are rounded. The
slopes and the bias must have that type. There is a slope for each channel, along
the axis that --axis names, or one for all. The bias has the shape of the array's
last axes, one or more.

On a terminal, standard error shows the progress of long work and then, for each
array, its number of elements, the share of them that is zeroed (that is +0 in
the result, for operations that make +0 of what is <= 0) and the speed of it
all, the disk's part included. Elsewhere it shows errors only.`

const applyExample = `  relu apply activations.npy
  relu apply -o rectified.npy activations.npy
  relu apply -o rectified/ layer1.npy layer2.npy
  relu apply --op leaky --slope 0.1 layer1.npy layer2.npy
  relu apply --op prelu --slopes slopes.npy --axis -1 channels-last.npy
  relu apply --in-place --op clip --limit 6 huge.npy
  zcat activations.npy.gz | relu apply - | gzip > rectified.npy.gz`

// applier does to files what the flags of apply say.
type applier struct {
	op      *operation
	out     string // a path, "-", or "" for the file itself
	dtype   string // of elements that NumPy has no type for
	inPlace bool
}

func newApplyCommand() *cobra.Command {
	a := applier{op: &operation{numbers: map[string]*string{}, paths: map[string]*string{}}}
	cmd := &cobra.Command{
		Use:     "apply FILE.npy...",
		Short:   "Rectify NumPy files",
		Long:    fmt.Sprintf(applyHelp, spoolMemory>>20, kindsHelp()),
		Example: applyExample,
		Args:    cobra.MinimumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"npy"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&a.out, "output", "o", "", "write the result to `OUT`: a file, a directory for it, or - for standard output")
	flags.BoolVar(&a.inPlace, "in-place", false, "write over the elements themselves, with no second copy on the disk")
	flags.StringVar(&a.dtype, "dtype", "", dtypeUsage)
	op := flags.String("op", "relu", "the `OPERATION`")
	a.op.numbers["limit"] = flags.String("limit", "6", "the `LIMIT` of clip")
	a.op.numbers["lo"] = flags.String("lo", "", "the lower bound `LO` of clamp")
	a.op.numbers["hi"] = flags.String("hi", "", "the upper bound `HI` of clamp")
	a.op.numbers["slope"] = flags.String("slope", "0.01", "the `SLOPE` of leaky")
	a.op.paths["slopes"] = flags.String("slopes", "", "read the slopes of prelu from `FILE.npy`")
	a.op.paths["bias"] = flags.String("bias", "", "read the bias of bias from `FILE.npy`")
	flags.IntVar(&a.op.axis, "axis", 1, "the channels of prelu lie along axis `N`, counted from 0, or from the last one at -1")
	cmd.RegisterFlagCompletionFunc("op", cobra.FixedCompletions(kindNames(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("dtype", cobra.FixedCompletions(dtypes, cobra.ShellCompDirectiveNoFileComp))

	cmd.RunE = func(_ *cobra.Command, paths []string) error {
		err := a.op.check(*op, flags.Changed)
		if err == nil {
			err = a.check(paths, flags.Changed)
		}
		var jobs []job
		if err == nil {
			jobs, err = a.plan(paths, a.op.weightsPath())
		}
		if err != nil {
			return usageError{err}
		}
		if err := a.op.readWeights(); err != nil {
			return err
		}
		cleanUpOnSignal()
		return a.applyAll(jobs)
	}
	return cmd
}

// check finds flags that do not go together.
func (a *applier) check(paths []string, given func(flag string) bool) error {
	switch {
	case a.out == "" && given("output"):
		return errors.New("-o without a name")
	case a.inPlace && (a.out != "" || slices.Contains(paths, "-")):
		return errors.New("--in-place works on the file itself: it goes neither with -o nor with standard input")
	case a.inPlace && !a.op.again:
		return fmt.Errorf("--in-place is not for %s: done twice it gives something else, so a run that was cut short could not be finished", a.op.name)
	}
	return checkDtype(a.dtype, given("dtype"))
}

// applyAll does every file. It tells of those that fail, which are left as they
// were, as it goes.
func (a *applier) applyAll(jobs []job) error {
	if len(jobs) == 1 {
		return a.apply(jobs[0])
	}
	failed := 0
	for _, j := range jobs {
		if err := a.apply(j); err != nil {
			failed++
			complain(err)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files were not rectified", failed, len(jobs))
	}
	return nil
}

// kindsHelp lists the operations.
func kindsHelp() string {
	var help strings.Builder
	for _, k := range kinds {
		fmt.Fprintf(&help, "  %-6s %-48s %s\n", k.name, k.formula, k.takes())
	}
	return help.String()
}
