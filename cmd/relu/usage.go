package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// explainFlag says which flag may be meant by one that there is not, or how to
// name a file that looks like a flag.
func explainFlag(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	for _, file := range []string{"-" + unknown.GetSpecifiedShortnames(), "--" + unknown.GetSpecifiedName()} {
		if _, missing := os.Lstat(file); missing == nil || strings.HasSuffix(file, ".npy") {
			return fmt.Errorf("%w: a file of that name goes behind --, as in %s -- %s", err, cmd.CommandPath(), quote(file))
		}
	}
	if unknown.GetSpecifiedShortnames() != "" {
		return err
	}
	// Commands know which of them is meant, so let the flags be some.
	flags := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	if meant := flags.SuggestionsFor(unknown.GetSpecifiedName()); len(meant) > 0 {
		return fmt.Errorf("%w: did you mean --%s?", err, strings.Join(meant, " or --"))
	}
	return err
}

// oneLine has cobra's suggestions in the line that they belong to.
func oneLine(text string) string {
	text, meant, some := strings.Cut(text, "\n\nDid you mean this?\n")
	if some {
		text += ": did you mean " + strings.Join(strings.Fields(meant), " or ") + "?"
	}
	return text
}

// refuseUnknown has cobra's own commands fail on a topic or a shell that they do
// not know; by themselves they show a help and call that a success.
func refuseUnknown(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(_ *cobra.Command, topic []string) error {
				_, rest, err := root.Find(topic)
				if err == nil && len(rest) > 0 {
					err = fmt.Errorf("%s has no part %q", strings.Join(topic[:len(topic)-len(rest)], " "), rest[0])
				}
				return err
			}
		case "completion":
			cmd.Args = cobra.NoArgs
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}
