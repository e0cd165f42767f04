// Command featuremaps rectifies what edge filters make of photographs of
// clothing, as the first layer of a convolutional network does. It draws the
// responses before and after, and times relu.InPlace beside a plain Go loop on
// the same activations.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/seed88f7e06c/relu"
)

// batch is how many images are in memory as activations at once.
const batch = 4096

func main() {
	data := flag.String("data", "", "read the *"+imagesSuffix+" and *"+labelsSuffix+" files in this `folder`, not the built-in images")
	out := flag.String("o", "featuremaps.png", "write the picture to this `file`")
	npy := flag.String("activations", "", "also write the responses, not rectified, to this `file.npy`")
	limit := flag.Int("images", 0, "use only the first `n` images; 0 is all")
	flag.Parse()
	switch {
	case flag.NArg() > 0:
		misused("there are no arguments but the flags: %q", flag.Arg(0))
	case *limit < 0:
		misused("-images is %d, less than 0", *limit)
	}
	report, err := run(*data, *out, *npy, *limit)
	if err == nil {
		_, err = os.Stdout.WriteString(report)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "featuremaps:", err)
		os.Exit(1)
	}
}

// misused ends the program, as package flag does for a flag it does not know.
func misused(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	flag.Usage()
	os.Exit(2)
}

// run draws and measures the images in folder, or the embedded ones if that is
// "", and returns what there is to say.
func run(folder, out, npy string, limit int) (string, error) {
	images, err := open(folder)
	if err != nil {
		return "", err
	}
	if limit > 0 {
		images = images.first(min(limit, images.count()))
	}

	var rows []string
	var shown [][]byte
	for label, class := range classes {
		if i := slices.Index(images.labels, byte(label)); i >= 0 {
			rows = append(rows, class)
			shown = append(shown, images.image(i))
		}
	}
	if err := savePicture(out, drawSheet(shown)); err != nil {
		return "", err
	}
	if npy != "" {
		if err := saveActivations(npy, images); err != nil {
			return "", err
		}
	}

	var seen comparison
	var activations []float32
	for start := 0; start < images.count(); start += batch {
		activations = activations[:0]
		for i := start; i < min(start+batch, images.count()); i++ {
			activations = respond(activations, images.image(i))
		}
		if err := seen.add(activations); err != nil {
			return "", err
		}
	}
	return report(images.count(), &seen, out, rows), nil
}

// open reads the images in folder, or the embedded ones.
func open(folder string) (set, error) {
	if folder != "" {
		return load(os.DirFS(folder), folder)
	}
	files, err := fs.Sub(embedded, "data")
	if err != nil {
		return set{}, err
	}
	return load(files, "data")
}

func report(images int, seen *comparison, out string, rows []string) string {
	var names []string
	for _, f := range filters {
		names = append(names, f.name)
	}
	bytes := 4 * float64(seen.activations)
	percent := func(n int) float64 { return 100 * float64(n) / float64(seen.activations) }

	var b strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "%-14s "+format+"\n", append([]any{label}, args...)...)
	}
	line("images", "%d of %dx%d pixels", images, side, side)
	line("filters", "%s", strings.Join(names, ", "))
	line("activations", "%d float32, %.1f MB, at most %.1f MB at a time", seen.activations, bytes/1e6,
		float64(4*min(images, batch)*activationsPerImage)/1e6)
	line("zeroed", "%.1f%%: they were negative; with those that were 0 before, %.1f%% are 0 now",
		percent(seen.negative), percent(seen.negative+seen.zero))
	line("kernel", "%s", relu.Kernel())
	for which, r := range rectifiers {
		t := seen.median(which)
		line(r.name, "%.3f ms, %.1f GB/s", t.Seconds()*1e3, bytes/t.Seconds()/1e9)
	}
	line("ratio", "%.1f, and the same bits in all %d activations",
		float64(seen.median(1))/float64(seen.median(0)), seen.activations)
	line("", "(medians of %d rounds in turn, each on a fresh copy; GB/s counts every", rounds)
	line("", "byte of the slice once, and both read and write it)")
	line("picture", "%s", out)
	line("its rows", "%s", strings.Join(rows, ", "))
	line("its columns", "the image; for each filter its responses, then the same rectified")
	line("its colours", "blue is negative, white is 0, red is positive")
	return b.String()
}
