package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/activity"
)

const statsHelp = `Count how often each unit of a layer fires, to find those that died.

FILE is an array of activations in NumPy's .npy format, before or after the
rectifier: of floats, signed integers or unsigned ones of up to 32 bits. The
channels lie along --axis, and each of their elements is counted as above zero,
zero, negative or NaN. Several files are batches of one set: they have the same
type and as many channels. They may be larger than the memory. - is standard
input.

A channel is
  dead    if no element of it is above 0 in any of the files
  nearly  dead if fewer than --nearly per cent of them are
  always  on if all of them are

A dead unit gets no gradient from a rectifier and stays dead.

The table has the --worst channels, which fire least, and a line for all. With
--json it is one object: the number of channels, of elements of each, of dead,
nearly and always channels, and by_channel a list with the counts active, zero,
negative, nan and inf (of both signs, which are among active and negative too) and
the least and greatest element that is no NaN, min and max: numbers, "inf", "-inf",
or null if there is none. The pictures show the share of elements above 0 by
channel, sorted, with the dead ones marked.`

// stats is what the flags of stats say.
type stats struct {
	axis     int
	dtype    string
	nearly   string
	worst    int
	json     bool
	svg, png string

	share float64 // that nearly says
}

func newStatsCommand() *cobra.Command {
	var s stats
	cmd := &cobra.Command{
		Use:   "stats FILE.npy...",
		Short: "Find the units that died",
		Long:  statsHelp,
		Example: `  relu stats activations.npy
  relu stats --axis -1 batch1.npy batch2.npy
  relu stats --png units.png activations.npy
  relu stats --json activations.npy | jq .dead`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"npy"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&s.axis, "axis", 1, "the channels lie along axis `N`, counted from 0, or from the last one at -1; of one axis it is that")
	flags.StringVar(&s.dtype, "dtype", "", dtypeUsage)
	flags.StringVar(&s.nearly, "nearly", "0.1", "a channel is nearly dead if fewer than `PERCENT` of its elements are above 0")
	flags.IntVar(&s.worst, "worst", 10, "show `N` channels")
	flags.BoolVar(&s.json, "json", false, "tell it in JSON, of all channels")
	flags.StringVar(&s.svg, "svg", "", "draw the share by channel to `FILE.svg`")
	flags.StringVar(&s.png, "png", "", "draw the share by channel to `FILE.png`")
	cmd.RegisterFlagCompletionFunc("dtype", cobra.FixedCompletions(dtypes, cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(_ *cobra.Command, paths []string) error {
		for i, path := range paths {
			paths[i] = standardStream(path, 0, "stdin")
		}
		if err := s.check(paths, flags.Changed); err != nil {
			return usageError{err}
		}
		cleanUpOnSignal()
		return s.run(paths, flags.Changed("axis"), os.Stdout)
	}
	return cmd
}

// check finds flags and files that do not go together.
func (s *stats) check(paths []string, given func(flag string) bool) error {
	percent, err := number[float64](strings.TrimSuffix(s.nearly, "%"))
	switch {
	case err != nil:
		return fmt.Errorf("--nearly %s %w", s.nearly, err)
	case !(percent >= 0 && percent <= 100):
		return fmt.Errorf("--nearly %s is not from 0 to 100", s.nearly)
	case s.worst < 0:
		return fmt.Errorf("--worst %d is less than 0", s.worst)
	}
	s.share = percent / 100
	if err := checkDtype(s.dtype, given("dtype")); err != nil {
		return err
	}
	jobs := make([]job, len(paths))
	for i, path := range paths {
		jobs[i].in = path
	}
	read, err := inputs(jobs)
	if err != nil {
		return err
	}
	for flag, path := range map[string]string{"svg": s.svg, "png": s.png} {
		switch {
		case !given(flag):
		case !strings.EqualFold(filepath.Ext(path), "."+flag):
			return fmt.Errorf("--%s %s: the name of the picture has to end in .%s", flag, quote(path), flag)
		case read.find(newPlace(path, "", nil)) != nil:
			return fmt.Errorf("--%s %s is a file that is read", flag, quote(path))
		}
	}
	return nil
}

func (s *stats) run(paths []string, axisGiven bool, stdout io.Writer) error {
	var counts *activity.Counts
	first, typ := "", ""
	for _, path := range paths {
		in, name, h, err := open(path, s.dtype, false)
		if err != nil {
			return about(name, err)
		}
		axis := s.axis
		if !axisGiven && len(h.Shape) == 1 {
			axis = 0
		}
		channels, inner, err := h.Axis(axis)
		switch {
		case err != nil:
		case counts == nil:
			first, typ = name, h.Type.Name
			counts, err = activity.New(typ, channels)
		case h.Type.Name != typ:
			err = fmt.Errorf("is %s, but %s is %s", h.Type.Name, quote(first), typ)
		case channels != int64(len(counts.Channels)):
			err = fmt.Errorf("has %d channels, but %s has %d", channels, quote(first), len(counts.Channels))
		}
		if err == nil {
			p := newProgress(name, h.DataSize())
			err = chunks(in, h, func(part []byte, at int64) error {
				counts.Add(part, h.Type.Size, at, inner)
				p.add(len(part))
				return nil
			})
			p.close()
		}
		in.Close()
		if err != nil {
			return about(name, err)
		}
	}
	if total := counts.Total(); total.Elements() == 0 {
		return about(first, errors.New("has no elements to count"))
	}
	return s.tell(counts, stdout)
}

func (s *stats) tell(counts *activity.Counts, stdout io.Writer) error {
	for extension, path := range map[string]string{"svg": s.svg, "png": s.png} {
		if path == "" {
			continue
		}
		picture, err := drawStats(extension, counts, s.share)
		if err == nil {
			err = writeOutput(path, picture)
		}
		if err != nil {
			return err
		}
	}
	w := output{stdout, "standard output"}
	if s.json {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(s.object(counts))
	}
	return s.table(w, counts)
}

// worstFirst are the numbers of the channels, those that fire least first.
func worstFirst(counts *activity.Counts) []int {
	order := make([]int, len(counts.Channels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(counts.Channels[a].Active, counts.Channels[b].Active)
	})
	return order
}

// states is how many channels are in each.
func states(counts *activity.Counts, share float64) map[activity.State]int {
	n := map[activity.State]int{}
	for i := range counts.Channels {
		n[counts.Channels[i].State(share)]++
	}
	return n
}

func (s *stats) table(w io.Writer, counts *activity.Counts) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "channel\t> 0\tzero\tnegative\tNaN\tinf\tmin\tmax\t")
	row := func(name string, c *activity.Channel, state activity.State) {
		percent := func(n int64) string { return fmt.Sprintf("%.3f%%", 100*float64(n)/float64(c.Elements())) }
		least, most := counts.Range(c)
		if state != activity.Normal {
			state = "  " + state
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", name, percent(c.Active), percent(c.Zero), percent(c.Negative),
			c.NaN, c.Inf, cmp.Or(least, "-"), cmp.Or(most, "-"), state)
	}
	order := worstFirst(counts)
	for _, i := range order[:min(s.worst, len(order))] {
		c := &counts.Channels[i]
		row(fmt.Sprint(i), c, c.State(s.share))
	}
	total := counts.Total()
	row("all", &total, activity.Normal)
	if err := t.Flush(); err != nil {
		return err
	}
	n := states(counts, s.share)
	_, err := fmt.Fprintf(w, "%d channels of %d elements: %d dead, %d nearly dead (less than %s%%), %d always on\n",
		len(order), counts.Channels[0].Elements(), n[activity.Dead], n[activity.Nearly], strings.TrimSuffix(s.nearly, "%"), n[activity.Always])
	return err
}

// statsObject is what --json prints.
type statsObject struct {
	Channels  int            `json:"channels"`
	Elements  int64          `json:"elements"` // of each
	Dead      int            `json:"dead"`
	Nearly    int            `json:"nearly"`
	Always    int            `json:"always"`
	ByChannel []statsChannel `json:"by_channel"`
}

type statsChannel struct {
	Active   int64 `json:"active"`
	Zero     int64 `json:"zero"`
	Negative int64 `json:"negative"`
	NaN      int64 `json:"nan"`
	Inf      int64 `json:"inf"`
	Min      any   `json:"min"`
	Max      any   `json:"max"`
}

func (s *stats) object(counts *activity.Counts) statsObject {
	n := states(counts, s.share)
	o := statsObject{
		Channels: len(counts.Channels), Elements: counts.Channels[0].Elements(),
		Dead: n[activity.Dead], Nearly: n[activity.Nearly], Always: n[activity.Always],
	}
	for i := range counts.Channels {
		c := &counts.Channels[i]
		least, most := counts.Range(c)
		o.ByChannel = append(o.ByChannel, statsChannel{c.Active, c.Zero, c.Negative, c.NaN, c.Inf, jsonNumber(least), jsonNumber(most)})
	}
	return o
}

// jsonNumber is a number's text as JSON has it: a number, a string for an
// infinity, null for none.
func jsonNumber(text string) any {
	switch {
	case text == "":
		return nil
	case strings.Contains(text, "inf"):
		return text
	}
	return json.Number(text)
}
