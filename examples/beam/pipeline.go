package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn4x1[context.Context, fileio.FileMetadata, func(int, Census), func(DeadLetter), error](&rectifyFn{})
	register.DoFn5x1[context.Context, []byte, func(*fileio.FileMetadata) bool, func(*DeadLetter) bool, func(*int, *Census) bool, error](&reportFn{})
	register.Function1x1(partition)
	register.Combiner1[Census](&addFn{})
	register.Emitter2[int, Census]()
	register.Emitter1[DeadLetter]()
	register.Iter1[fileio.FileMetadata]()
	register.Iter1[DeadLetter]()
	register.Iter2[int, Census]()
	beam.RegisterType(reflect.TypeFor[Census]())
	beam.RegisterType(reflect.TypeFor[DeadLetter]())
}

// DeadLetter is a shard that could not be rectified.
type DeadLetter struct {
	Shard  string `json:"shard"`
	Reason string `json:"reason"`
}

const (
	censusFile      = "census.json"
	deadLettersFile = "dead-letters.json"
)

// lanes is into how many stages the shards are dealt. Prism takes the elements
// of a stage one after the other and runs up to eight stages at once. Other
// runners spread the elements of a stage themselves.
const lanes = 8

// build adds to a pipeline all that is done: each shard that the pattern
// matches is written, rectified, into the output folder, under the path that it
// has below the folders that the pattern names. Beside them come the census and
// the dead letters.
func build(p *beam.Pipeline, pattern, output string) {
	s := p.Root()
	output = strings.TrimSuffix(output, "/")
	if !strings.Contains(pattern, "://") {
		pattern = path.Clean(pattern) // as the local file system lists what matches
	}
	below := strings.TrimPrefix(pattern, fixed(pattern))
	shards := fileio.MatchFiles(s, pattern, fileio.MatchEmptyDisallow())
	var counted, dead []beam.PCollection
	for _, lane := range beam.Partition(s, lanes, partition, shards) {
		// Reshuffle ends the stage before it.
		c, d := beam.ParDo2(s, &rectifyFn{fixed(pattern), output}, beam.Reshuffle(s, lane))
		counted, dead = append(counted, c), append(dead, d)
	}
	census := beam.CombinePerKey(s, &addFn{}, beam.Flatten(s, counted...))
	beam.ParDo0(s, &reportFn{output, []string{below, censusFile, deadLettersFile}}, beam.Impulse(s),
		beam.SideInput{Input: shards}, beam.SideInput{Input: beam.Flatten(s, dead...)}, beam.SideInput{Input: census})
}

// fixed is the folders that a pattern names before its first wildcard, with the
// slash at their end.
func fixed(pattern string) string {
	if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
		pattern = pattern[:i]
	}
	return pattern[:strings.LastIndexByte(pattern, '/')+1]
}

// partition is the lane of a shard, by its name (FNV-1a).
func partition(shard fileio.FileMetadata) int {
	hash := uint32(2166136261)
	for _, b := range []byte(shard.Path) {
		hash = (hash ^ uint32(b)) * 16777619
	}
	return int(hash % lanes)
}

// rectifyFn writes a rectified shard and gives its census, by the number of
// channels, or a dead letter. An error that is not the shard's ends the attempt:
// the runner may make another.
type rectifyFn struct {
	Fixed, Output string
}

func (f *rectifyFn) ProcessElement(ctx context.Context, shard fileio.FileMetadata, count func(int, Census), bury func(DeadLetter)) error {
	below, ok := strings.CutPrefix(shard.Path, f.Fixed)
	if !ok {
		return fmt.Errorf("shard %s does not lie in %s", shard.Path, f.Fixed)
	}
	name := f.Output + "/" + below
	census, err := f.rectify(ctx, name, shard)
	var d damage
	switch {
	case errors.As(err, &d):
		bury(DeadLetter{shard.Path, d.reason})
		// Nor may a result stay that another run had of this shard.
		fs, err := filesystem.New(ctx, name)
		if err != nil {
			return err
		}
		defer fs.Close()
		r, err := fs.OpenRead(ctx, name)
		if err != nil {
			return nil // there is none
		}
		return errors.Join(r.Close(), remove(ctx, fs, name))
	case err != nil:
		return fmt.Errorf("shard %s: %w", shard.Path, err)
	}
	count(len(census.Active), census)
	return nil
}

func (f *rectifyFn) rectify(ctx context.Context, name string, shard fileio.FileMetadata) (census Census, err error) {
	fs, err := filesystem.New(ctx, shard.Path)
	if err != nil {
		return Census{}, err
	}
	defer fs.Close()
	r, err := fs.OpenRead(ctx, shard.Path)
	if err != nil {
		return Census{}, err
	}
	defer r.Close()
	err = writeFile(ctx, name, func(w io.Writer) error {
		census, err = rectifyShard(w, r, shard.Size)
		return err
	})
	return census, err
}

// reportFn writes the census and the dead letters, even if there are none, so
// that none stay of another run. It comes last, and removes what attempts that
// were cut off have left.
type reportFn struct {
	Output string
	// Written are the patterns of what was written there.
	Written []string
}

func (f *reportFn) ProcessElement(ctx context.Context, _ []byte, shards func(*fileio.FileMetadata) bool, dead func(*DeadLetter) bool, census func(*int, *Census) bool) error {
	var letters []DeadLetter
	for d := (DeadLetter{}); dead(&d); {
		letters = append(letters, d)
	}
	slices.SortFunc(letters, func(a, b DeadLetter) int { return strings.Compare(a.Shard, b.Shard) })
	var counts []Census
	var channels int
	done := int64(len(letters))
	for c := (Census{}); census(&channels, &c); c = (Census{}) {
		counts = append(counts, c)
		done += c.Shards
	}
	// Prism may come here although a stage before has failed.
	var matched int64
	for shard := (fileio.FileMetadata{}); shards(&shard); {
		matched++
	}
	if matched == 0 || done != matched {
		return fmt.Errorf("%d shards came to an end, of %d", done, matched)
	}
	if err := writeLines(ctx, f.Output+"/"+deadLettersFile, letters); err != nil {
		return err
	}
	slices.SortFunc(counts, func(a, b Census) int { return len(a.Active) - len(b.Active) })
	if err := writeLines(ctx, f.Output+"/"+censusFile, counts); err != nil {
		return err
	}

	fs, err := filesystem.New(ctx, f.Output)
	if err != nil {
		return err
	}
	defer fs.Close()
	for _, pattern := range f.Written {
		parts, err := fs.List(ctx, f.Output+"/"+pattern+".*"+partSuffix)
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := remove(ctx, fs, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeLines writes values as JSON, each on a line.
func writeLines[T any](ctx context.Context, name string, values []T) error {
	return writeFile(ctx, name, func(w io.Writer) error {
		for _, v := range values {
			if err := json.NewEncoder(w).Encode(v); err != nil {
				return err
			}
		}
		return nil
	})
}

// readLines reads them.
func readLines[T any](ctx context.Context, name string) ([]T, error) {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	content, err := filesystem.Read(ctx, fs, name)
	if err != nil {
		return nil, err
	}
	var values []T
	for d := json.NewDecoder(bytes.NewReader(content)); ; {
		var v T
		if err := d.Decode(&v); err == io.EOF {
			return values, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		values = append(values, v)
	}
}
