package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"golang.org/x/sync/errgroup"
)

// workerEnv makes the test binary a worker in a process of its own, which dies
// in the shard of that name.
const workerEnv = "BEAM_TEST_WORKER_DIES_IN"

func TestMain(m *testing.M) {
	ctx := context.Background()
	beam.Init()
	if os.Getenv(workerEnv) != "" {
		server, err := extworker.StartLoopback(ctx, 0)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(server.EnvironmentConfig(ctx))
		select {}
	}
	os.Exit(m.Run())
}

// watched is the local file system, under a scheme of its own, in which a worker
// can die and which counts how many files are read at once.
type watched struct{ filesystem.Interface }

const scheme = "watched://"

func init() {
	filesystem.Register("watched", func(ctx context.Context) filesystem.Interface {
		return watched{local.New(ctx)}
	})
}

func (w watched) List(ctx context.Context, pattern string) ([]string, error) {
	files, err := w.Interface.List(ctx, strings.TrimPrefix(pattern, scheme))
	for i := range files {
		files[i] = scheme + files[i]
	}
	return files, err
}

func (w watched) Size(ctx context.Context, name string) (int64, error) {
	return w.Interface.Size(ctx, strings.TrimPrefix(name, scheme))
}

func (w watched) LastModified(context.Context, string) (time.Time, error) { return time.Time{}, nil }

var reading, most atomic.Int32

func (w watched) OpenRead(ctx context.Context, name string) (io.ReadCloser, error) {
	f, err := w.Interface.OpenRead(ctx, strings.TrimPrefix(name, scheme))
	if err != nil {
		return nil, err
	}
	for now := reading.Add(1); ; {
		before := most.Load()
		if now <= before || most.CompareAndSwap(before, now) {
			break
		}
	}
	return &watchedFile{f, filepath.Base(name) == os.Getenv(workerEnv), 0}, nil
}

type watchedFile struct {
	io.ReadCloser
	deadly bool
	read   int
}

func (f *watchedFile) Read(b []byte) (int, error) {
	time.Sleep(time.Millisecond)
	if f.deadly && f.read > batchBytes {
		os.Exit(3)
	}
	n, err := f.ReadCloser.Read(b)
	f.read += n
	return n, err
}

func (f *watchedFile) Close() error {
	reading.Add(-1)
	return f.ReadCloser.Close()
}

// write writes files into a folder.
func write(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// read reads all files in a folder.
func read(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, name))
		files[name] = string(content)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// same fails if there are not the same files.
func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s should not be there", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if content, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if content != want[name] {
			t.Errorf("%s is %.200q, want %.200q", name, content, want[name])
		}
	}
}

// TestRectify runs the pipeline over shards of which some are damaged, then over
// its own output after what an attempt that was cut off may have left, and then
// after one shard was repaired and another damaged.
func TestRectify(t *testing.T) {
	ctx := context.Background()
	folder := filepath.ToSlash(t.TempDir())
	pattern, out := folder+"/in/*/*.npy", folder+"/out"
	// Columns: negative, positive in one row of three, always positive.
	narrow := shardOf(t, 3, 3, []float32{-1, 5, 1, -2, -5, 2, -3, -5, 3})
	write(t, folder+"/in", map[string][]byte{
		"a/0.npy":    narrow,
		"b/0.npy":    narrow, // another of the same name
		"b/1[2].npy": narrow,
		"b/rows.npy": shardOf(t, 0, 3, nil),
		"b/wide.npy": shardOf(t, 2, 4, []float32{1, 1, 1, -1, 1, 1, 1, -1}),
		"b/cut.npy":  narrow[:len(narrow)-2],
		"b/void.npy": nil,
		"b/text.txt": []byte("not asked for"),
	})
	rectified := string(shardOf(t, 3, 3, []float32{0, 5, 1, 0, 0, 2, 0, 0, 3}))
	want := map[string]string{
		"a/0.npy":    rectified,
		"b/0.npy":    rectified,
		"b/1[2].npy": rectified,
		"b/rows.npy": string(shardOf(t, 0, 3, nil)),
		"b/wide.npy": string(shardOf(t, 2, 4, []float32{1, 1, 1, 0, 1, 1, 1, 0})),
		censusFile: `{"shards":4,"rows":9,"active":[0,3,9]}` + "\n" +
			`{"shards":1,"rows":2,"active":[2,2,2,0]}` + "\n",
		deadLettersFile: `{"shard":"` + folder + `/in/b/cut.npy","reason":"has 162 bytes where its shape [3 3] needs 164"}` + "\n" +
			`{"shard":"` + folder + `/in/b/void.npy","reason":"is no .npy file: it has 0 bytes"}` + "\n",
	}
	run := func() string {
		t.Helper()
		var printed strings.Builder
		if err := rectify(ctx, &printed, pattern, out, true); err != nil {
			t.Fatal(err)
		}
		return printed.String()
	}
	printed := run()
	same(t, read(t, out), want)
	for _, line := range []string{
		"4 shards, 9 rows of 3 channels: 44.44% active, 1 channels dead: 0\n",
		"1 shards, 2 rows of 4 channels: 75.00% active, 1 channels dead: 3\n",
		"not rectified: " + folder + "/in/b/cut.npy has 162 bytes where its shape [3 3] needs 164\n",
		"a single pass by a plain loop gives the same shards and the same census\n",
	} {
		if !strings.Contains(printed, line) {
			t.Errorf("printed\n%swithout\n%s", printed, line)
		}
	}

	write(t, out, map[string][]byte{
		"a/0.npy.0123" + partSuffix:          narrow[:50],
		censusFile + ".4567" + partSuffix:    []byte("{"),
		"b/rows.npy":                         []byte("something else"),
		"b/somebody's" + partSuffix + ".txt": []byte("not ours"),
	})
	want["b/somebody's"+partSuffix+".txt"] = "not ours"
	run()
	same(t, read(t, out), want)

	write(t, folder+"/in", map[string][]byte{"b/cut.npy": narrow, "b/wide.npy": narrow[:30]})
	want["b/cut.npy"] = rectified
	delete(want, "b/wide.npy")
	want[censusFile] = `{"shards":5,"rows":12,"active":[0,4,12]}` + "\n"
	want[deadLettersFile] = `{"shard":"` + folder + `/in/b/void.npy","reason":"is no .npy file: it has 0 bytes"}` + "\n" +
		`{"shard":"` + folder + `/in/b/wide.npy","reason":"ends in its header"}` + "\n"
	run()
	same(t, read(t, out), want)
}

// TestCheck changes a rectified shard and a census, which check must see.
func TestCheck(t *testing.T) {
	ctx := context.Background()
	folder := filepath.ToSlash(t.TempDir())
	write(t, folder, map[string][]byte{
		"in/0.npy":               shardOf(t, 1, 2, []float32{-1, 1}),
		"out/0.npy":              shardOf(t, 1, 2, []float32{0, 1}),
		"out/" + censusFile:      []byte(`{"shards":1,"rows":1,"active":[0,1]}`),
		"out/" + deadLettersFile: nil,
	})
	if err := check(ctx, folder+"/in/*.npy", folder+"/out"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"0.npy", shardOf(t, 1, 2, []float32{float32(math.Copysign(0, -1)), 1}), "element 0 became 0x80000000"},
		{"0.npy", shardOf(t, 1, 1, []float32{0}), "2 elements became 1"},
		{censusFile, []byte(`{"shards":1,"rows":1,"active":[1,1]}`), "the census is"},
		{censusFile, nil, "the census is"},
		{censusFile, []byte(`{"shards"`), "census.json: unexpected EOF"},
	} {
		name := filepath.Join(folder, "out", c.name)
		before, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, folder+"/out", map[string][]byte{c.name: c.content})
		if err := check(ctx, folder+"/in/*.npy", folder+"/out"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
		write(t, folder+"/out", map[string][]byte{c.name: before})
	}
}

// big is shards of several batches, so that one can be cut off in the middle.
func big(t *testing.T, folder string) {
	const rows, channels = 2000, 64
	for i := range 20 {
		write(t, folder, map[string][]byte{fmt.Sprintf("%d.npy", i): shardOf(t, rows, channels, wave(rows*channels))})
	}
}

// TestSeveralAtOnce needs shards to be worked on at the same time.
func TestSeveralAtOnce(t *testing.T) {
	folder := filepath.ToSlash(t.TempDir())
	big(t, folder+"/in")
	most.Store(0)
	if err := rectify(context.Background(), io.Discard, scheme+folder+"/in/*.npy", folder+"/out", false); err != nil {
		t.Fatal(err)
	}
	if err := check(context.Background(), folder+"/in/*.npy", folder+"/out"); err != nil {
		t.Error(err)
	}
	if got := most.Load(); got < 3 {
		t.Errorf("at most %d shards were read at once", got)
	}
}

// TestWorkerDies has a worker in a process of its own that dies in the middle of
// a shard. Prism makes no second attempt: the run must fail, no shard may be
// there in part under its name, and another run must end as if nothing had been.
func TestWorkerDies(t *testing.T) {
	folder := filepath.ToSlash(t.TempDir())
	pattern, out := scheme+folder+"/in/*.npy", folder+"/out"
	const deadly = "7.npy"
	big(t, folder+"/in")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), workerEnv+"="+deadly)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var endpoint string
	if _, err := fmt.Fscan(stdout, &endpoint); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	environment, config, binary := *jobopts.EnvironmentType, *jobopts.EnvironmentConfig, *jobopts.WorkerBinary
	*jobopts.EnvironmentType, *jobopts.EnvironmentConfig, *jobopts.WorkerBinary = "EXTERNAL", endpoint, os.DevNull
	err = rectify(ctx, io.Discard, pattern, out, false)
	*jobopts.EnvironmentType, *jobopts.EnvironmentConfig, *jobopts.WorkerBinary = environment, config, binary
	if err == nil {
		t.Error("the run did not fail")
	}
	t.Log(err)
	if code := cmd.Wait(); cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("the worker ended with %v: %s", code, stderr.String())
	}

	parts := 0
	for name, content := range read(t, out) {
		if strings.HasSuffix(name, partSuffix) {
			parts++
		} else if in, err := os.ReadFile(folder + "/in/" + name); err != nil || len(in) != len(content) {
			t.Errorf("%s has %d bytes: %v", name, len(content), err)
		}
		if name == deadly || name == censusFile || name == deadLettersFile {
			t.Errorf("%s is there", name)
		}
	}
	if parts == 0 {
		t.Error("nothing was left of the shard in which the worker died")
	}

	if err := rectify(ctx, io.Discard, pattern, out, false); err != nil {
		t.Fatal(err)
	}
	if err := check(ctx, folder+"/in/*.npy", out); err != nil {
		t.Error(err)
	}
	if files := read(t, out); len(files) != 22 {
		t.Errorf("%d files, want 20 shards and two more: %v", len(files), slices.Sorted(maps.Keys(files)))
	}
}

// TestAttemptsAtOnce rectifies a shard several times at once, as a runner does
// that takes a slow worker for a dead one.
func TestAttemptsAtOnce(t *testing.T) {
	ctx := context.Background()
	folder := filepath.ToSlash(t.TempDir())
	in := shardOf(t, 2000, 64, wave(2000*64))
	write(t, folder, map[string][]byte{"in/0.npy": in})
	var attempts errgroup.Group
	for range 8 {
		attempts.Go(func() error {
			f := &rectifyFn{folder + "/in/", folder + "/out"}
			return f.ProcessElement(ctx, fileio.FileMetadata{Path: folder + "/in/0.npy", Size: int64(len(in))},
				func(int, Census) {}, func(d DeadLetter) { t.Errorf("dead letter: %v", d) })
		})
	}
	if err := attempts.Wait(); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if _, err := rectifyShard(&want, bytes.NewReader(in), int64(len(in))); err != nil {
		t.Fatal(err)
	}
	same(t, read(t, folder+"/out"), map[string]string{"0.npy": want.String()})
}

// TestReportOfSome has a report come although not all shards have: what another
// run wrote must stay.
func TestReportOfSome(t *testing.T) {
	out := t.TempDir()
	write(t, out, map[string][]byte{censusFile: []byte("of another run")})
	for matched := range 3 {
		shards := func(*fileio.FileMetadata) bool { matched--; return matched >= 0 }
		none := func(*DeadLetter) bool { return false }
		counted := func(*int, *Census) bool { return false }
		err := (&reportFn{Output: out}).ProcessElement(context.Background(), nil, shards, none, counted)
		if err == nil || !strings.Contains(err.Error(), "0 shards came to an end, of ") {
			t.Errorf("error %v", err)
		}
	}
	same(t, read(t, out), map[string]string{censusFile: "of another run"})
}
