package main

import (
	"context"
	"flag"
	"path/filepath"
	"strings"
	"testing"
)

// with sets flags for the time of a test.
func with(t *testing.T, args string) {
	t.Helper()
	for _, arg := range strings.Fields(args) {
		name, value, _ := strings.Cut(arg, "=")
		f := flag.Lookup(name)
		before := f.Value.String()
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Value.Set(before) })
	}
}

// TestRun makes shards from the network, the last of which has fewer images.
func TestRun(t *testing.T) {
	with(t, "shards=30 images=1000")
	var printed strings.Builder
	if err := run(context.Background(), &printed); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"30 shards, 1000 rows of 512 channels: ",
		"a single pass by a plain loop gives the same shards and the same census\n",
	} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("printed\n%swithout\n%s", printed.String(), want)
		}
	}
}

func TestMake(t *testing.T) {
	folder := t.TempDir()
	with(t, "shards=3 images=100 make="+folder)
	if err := run(context.Background(), new(strings.Builder)); err != nil {
		t.Fatal(err)
	}
	shards, err := filepath.Glob(folder + "/*.npy")
	if err != nil || len(shards) != 3 {
		t.Fatalf("%v, %v", shards, err)
	}
	rows := 0
	for _, name := range shards {
		x, channels, err := readShard(name)
		if err != nil || channels != 512 {
			t.Fatalf("%s: %d channels, %v", name, channels, err)
		}
		rows += len(x) / channels
	}
	if rows != 100 {
		t.Errorf("%d rows of 100 images", rows)
	}
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"shards=0":                    "-shards 0",
		"images=-1":                   "-images -1",
		"input=x/*.npy":               "-input and -output go together",
		"output=x":                    "-input and -output go together",
		"make=x input=x output=y":     "-make and -input",
		"input=x/*.npy output=x/":     "-output x is where the shards are",
		"input=nowhere/* output=here": `no files matching pattern "nowhere/*"`,
	} {
		t.Run(args, func(t *testing.T) {
			with(t, args)
			if err := run(context.Background(), new(strings.Builder)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		})
	}
}
