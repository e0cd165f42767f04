package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"codeberg.org/sbinet/npyio/npy"
)

// check goes over the local shards that the pattern matches in a single pass,
// with a plain loop, and fails if the pipeline's output or census says anything
// else.
func check(ctx context.Context, pattern, output string) error {
	letters, err := readLines[DeadLetter](ctx, filepath.Join(output, deadLettersFile))
	if err != nil {
		return err
	}
	buried := map[string]bool{}
	for _, d := range letters {
		buried[d.Shard] = true
	}
	shards, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	want := map[int]Census{}
	for _, name := range shards {
		if buried[name] {
			continue
		}
		x, channels, err := readShard(name)
		if err != nil {
			return err
		}
		c, ok := want[channels]
		if !ok {
			c.Active = make([]int64, channels)
		}
		c.Shards++
		c.Rows += int64(len(x) / channels)
		for i, v := range x {
			x[i] = max(0, v)
			if v > 0 {
				c.Active[i%channels]++
			}
		}
		want[channels] = c
		y, _, err := readShard(filepath.Join(output, strings.TrimPrefix(name, fixed(pattern))))
		if err != nil {
			return err
		}
		if len(x) != len(y) {
			return fmt.Errorf("%s: %d elements became %d", name, len(x), len(y))
		}
		for i, v := range x {
			if a, b := math.Float32bits(v), math.Float32bits(y[i]); a != b && v == v {
				return fmt.Errorf("%s: element %d became %#08x, not %#08x", name, i, b, a)
			}
		}
	}
	counts, err := readLines[Census](ctx, filepath.Join(output, censusFile))
	if err != nil {
		return err
	}
	got := map[int]Census{}
	for _, c := range counts {
		got[len(c.Active)] = c
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("the census is %v, a single pass counts %v", got, want)
	}
	return nil
}

// readShard reads all of a shard.
func readShard(name string) (x []float32, channels int, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	r, err := npy.NewReader(bufio.NewReader(f)) // it reads each element by itself
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	if err := r.Read(&x); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	return x, r.Header.Descr.Shape[1], nil
}
