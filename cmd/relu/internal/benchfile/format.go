package benchfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/perf/benchfmt"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/ops"
)

// firstKey is the key that Write writes first.
const firstKey = "goos"

// The keys of the file configuration that the format itself does not name.
const (
	keyDate    = "date"
	keyLabel   = "label"
	keyCPUs    = "cpus"
	keyL1Data  = "cache-l1d"
	keyL2      = "cache-l2"
	keyL3      = "cache-l3"
	keyKernel  = "kernel"
	keyVersion = "relu-version"
	keyGo      = "go-version"
	keyWarning = "warning"
	keyNote    = "note"
)

// warningSeparator stands between warnings, which are one value.
const warningSeparator = "; "

// config is the host as file configuration. What is not known is left out.
func (h *Host) config() []benchfmt.Config {
	var config []benchfmt.Config
	add := func(key, value string) {
		if value != "" {
			config = append(config, benchfmt.Config{Key: key, Value: []byte(Printable(value)), File: true})
		}
	}
	size := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	add(firstKey, h.GOOS)
	add("goarch", h.GOARCH)
	add("pkg", "github.com/seed88f7e06c/relu")
	add("cpu", h.CPU)
	add(keyCPUs, size(h.CPUs))
	add(keyDate, h.Date)
	add(keyLabel, h.Label)
	add(keyL1Data, size(h.L1Data))
	add(keyL2, size(h.L2))
	add(keyL3, size(h.L3))
	add(keyKernel, h.Kernel)
	add(keyVersion, h.Version)
	add(keyGo, h.Go)
	add(keyWarning, strings.Join(h.Warnings, warningSeparator))
	add(keyNote, h.Note)
	return config
}

func hostOf(result *benchfmt.Result) Host {
	text := func(key string) string { return Printable(result.GetConfig(key)) }
	size := func(key string) int {
		n, _ := strconv.Atoi(result.GetConfig(key))
		return max(0, n)
	}
	h := Host{
		CPU:     text("cpu"),
		CPUs:    size(keyCPUs),
		Date:    text(keyDate),
		Label:   text(keyLabel),
		GOOS:    text(firstKey),
		GOARCH:  text("goarch"),
		L1Data:  size(keyL1Data),
		L2:      size(keyL2),
		L3:      size(keyL3),
		Kernel:  text(keyKernel),
		Version: text(keyVersion),
		Go:      text(keyGo),
		Note:    text(keyNote),
	}
	if w := text(keyWarning); w != "" {
		h.Warnings = strings.Split(w, warningSeparator)
	}
	return h
}

// Printable is text without control characters, which could end a line of the
// format, or stand in no XML.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

// Write writes one line for each sample.
func Write(w io.Writer, h Host, r *Results) error {
	bw := benchfmt.NewWriter(w)
	config := h.config()
	for _, p := range r.Points() {
		name := fmt.Appendf(nil, "%s/type=%s/kernel=%s/n=%d", p.Op, p.Type, p.Kernel, p.N)
		for _, s := range r.Samples(p) {
			result := &benchfmt.Result{Config: config, Name: name, Iters: s.Calls,
				Values: []benchfmt.Value{{Value: Round(s.Nanoseconds), Unit: "ns/op"}}}
			if err := bw.Write(result); err != nil {
				return err
			}
		}
	}
	return nil
}

// Round keeps four digits, which is more than any timing is good for.
func Round(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	if err != nil {
		panic(err) // a number that strconv has written
	}
	return rounded
}

// File is what a file tells of one run.
type File struct {
	Name    string
	Host    Host
	Results *Results
}

// Read reads what [Write] wrote: one run, or several that were put one after the
// other. Benchmarks of other names are passed over, but some must be there. Its
// errors begin with the name.
func Read(r io.Reader, name string) ([]File, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	runs, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i := range runs {
		runs[i].Name = name
	}
	return runs, nil
}

// ReadFile reads a file, or standard input if its name is -.
func ReadFile(path string) ([]File, error) {
	if path == "-" {
		return Read(os.Stdin, "standard input")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, path)
}

func parse(text []byte) (runs []File, err error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("is empty")
	}
	others, line := 0, 0
	for part := range parts(text) {
		reader := benchfmt.NewReader(bytes.NewReader(part), "")
		for reader.Scan() {
			switch record := reader.Result().(type) {
			case *benchfmt.SyntaxError:
				return nil, fmt.Errorf("line %d: %s", line+record.Line, record.Msg)
			case *benchfmt.Result:
				p, ok := pointOf(record.Name)
				seconds, timed := record.Value("sec/op")
				if !ok || !timed || !(seconds > 0) || math.IsInf(seconds, 0) {
					others++
					continue
				}
				run := find(&runs, hostOf(record))
				run.Results.Add(p, Sample{record.Iters, Round(seconds * 1e9)})
			}
		}
		if err := reader.Err(); err != nil {
			return nil, err
		}
		line += bytes.Count(part, []byte("\n"))
	}
	switch {
	case len(runs) > 0:
		return runs, nil
	case others > 0:
		return nil, errors.New("holds no benchmark that relu bench writes")
	}
	return nil, errors.New("is not in the Go benchmark format")
}

// parts are the parts of a text that begin with the first key, each with what the
// format takes over from one part to the next left out: the keys that a host
// lacks would be those of the one before.
func parts(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		first := []byte("\n" + firstKey + ":")
		for len(text) > 0 {
			n := len(text)
			if i := bytes.Index(text[1:], first); i >= 0 {
				n = i + 2 // with the line's end
			}
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

// find is the run on a host, a new one if there is none yet.
func find(runs *[]File, h Host) *File {
	for i := range *runs {
		if run := &(*runs)[i]; reflect.DeepEqual(run.Host, h) {
			return run
		}
	}
	*runs = append(*runs, File{Host: h, Results: new(Results)})
	return &(*runs)[len(*runs)-1]
}

// pointOf takes a benchmark's name apart. It is not ok if the type is none of
// ours, or something is missing. The operation may be one of another version.
func pointOf(name benchfmt.Name) (p Point, ok bool) {
	base, parts := name.Parts()
	p.Op = string(base)
	for _, part := range parts {
		key, value, _ := strings.Cut(string(part), "=")
		switch key {
		case "/type":
			p.Type = value
		case "/kernel":
			p.Kernel = value
		case "/n":
			p.N, _ = strconv.Atoi(value)
		}
	}
	return p, p.Op != "" && Printable(name.String()) == name.String() && ops.Size(p.Type) > 0 && p.Kernel != "" && p.N > 0
}
