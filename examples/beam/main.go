// Command beam rectifies shards of activations, thousands of .npy files, with
// Apache Beam, and takes a census over all of them: of how many images each
// channel is active, and which channels are dead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
)

var (
	input   = flag.String("input", "", "rectify the shards that match this `pattern`; without it, shards that are made from MNIST")
	output  = flag.String("output", "", "write to this `folder`; only with -input")
	checked = flag.Bool("check", false, "hold the output against a single pass by a plain loop; local files only")
	shards  = flag.Int("shards", 1000, "without -input: how many shards to make")
	images  = flag.Int("images", 0, "without -input: use only the first `n` images; 0 is all")
	keep    = flag.String("make", "", "only make shards, in this `folder`")
)

func main() {
	flag.Parse()
	beam.Init() // a worker goes no further
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "beam:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("there are no arguments but the flags: %q", flag.Arg(0))
	case *shards < 1:
		return fmt.Errorf("-shards %d: less than 1", *shards)
	case *images < 0:
		return fmt.Errorf("-images %d: less than 0", *images)
	case (*input == "") != (*output == ""):
		return errors.New("-input and -output go together")
	case *keep != "" && *input != "":
		return errors.New("-make and -input do not go together")
	case *keep != "":
		return makeShards(*keep, *shards, *images)
	case *input != "":
		return rectify(ctx, w, *input, *output, *checked)
	}
	folder, err := os.MkdirTemp("", "relu-beam-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	fmt.Fprintln(w, "training the network and making shards of its activations")
	if err := makeShards(filepath.Join(folder, "shards"), *shards, *images); err != nil {
		return err
	}
	folder = filepath.ToSlash(folder)
	return rectify(ctx, w, folder+"/shards/*.npy", folder+"/rectified", true)
}

// rectify runs the pipeline and tells what came of it.
func rectify(ctx context.Context, w io.Writer, pattern, output string, checked bool) error {
	output = strings.TrimSuffix(output, "/")
	if strings.TrimSuffix(fixed(pattern), "/") == output {
		return fmt.Errorf("-output %s is where the shards are", output)
	}
	p := beam.NewPipeline()
	build(p, pattern, output)
	start := time.Now()
	if err := beamx.Run(ctx, p); err != nil {
		return err
	}
	elapsed := time.Since(start)
	counts, err := readLines[Census](ctx, output+"/"+censusFile)
	if err != nil {
		return err
	}
	for _, c := range counts {
		fmt.Fprintln(w, c)
	}
	letters, err := readLines[DeadLetter](ctx, output+"/"+deadLettersFile)
	if err != nil {
		return err
	}
	for _, d := range letters {
		fmt.Fprintf(w, "not rectified: %s %s\n", d.Shard, d.Reason)
	}
	fmt.Fprintf(w, "pipeline: %.1f s\n", elapsed.Seconds())
	if checked {
		if err := check(ctx, pattern, output); err != nil {
			return err
		}
		fmt.Fprintln(w, "a single pass by a plain loop gives the same shards and the same census")
	}
	return nil
}
