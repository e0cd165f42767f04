// Command relu rectifies NumPy files, tells what the package github.com/seed88f7e06c/relu
// makes of this CPU, and measures it. Run relu --help.
package main

import (
	"errors"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

const exitCodes = `
Exit codes:
  0      all was done
  1      something failed; each failure is one line on standard error
  2      the command line is wrong, and nothing was touched
  128+n  ended by signal n: 130 by SIGINT, 143 by SIGTERM
`

func main() {
	err := newRootCommand().Execute()
	if err != nil {
		complain(err)
	}
	os.Exit(exitCode(err))
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:     "relu",
		Short:   "max(0, x) over arrays, at the speed of memory",
		Long:    "relu computes max(0, x) and its family over arrays, at the speed of memory.",
		Version: version(),
		// The errors are printed once, by main, without the usage.
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("relu {{.Version}}\n")
	root.SetUsageTemplate(root.UsageTemplate() + exitCodes)
	root.AddCommand(newInfoCommand(), newApplyCommand(), newStatsCommand(), newBenchCommand(), newBenchWorkerCommand(), newReportCommand())
	for _, verb := range root.Commands() {
		verb.RunE = failing(verb.RunE)
	}
	root.SetFlagErrorFunc(explainFlag)
	refuseUnknown(root)
	return root
}

// failure is an error of the work that a verb does. Every other error is one of
// usage: cobra's own, and those that a verb returns as a usageError.
type failure struct{ error }

// usageError is a mistake in the command line that cobra does not see, such as
// flags that do not go together.
type usageError struct{ error }

func failing(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		if _, usage := errors.AsType[usageError](err); err == nil || usage {
			return err
		}
		return failure{err}
	}
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if _, failed := errors.AsType[failure](err); failed {
		return 1
	}
	return 2
}

// version is the version of this command as Go's module system knows it:
// (devel) for one that was built from a checkout.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}
