package benchfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// The keys of the file configuration that the format itself does not name.
const (
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
			config = append(config, benchfmt.Config{Key: key, Value: []byte(value), File: true})
		}
	}
	size := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	add("goos", h.GOOS)
	add("goarch", h.GOARCH)
	add("pkg", "github.com/seed88f7e06c/relu")
	add("cpu", h.CPU)
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
	size := func(key string) int {
		n, _ := strconv.Atoi(result.GetConfig(key))
		return max(0, n)
	}
	h := Host{
		CPU:     result.GetConfig("cpu"),
		GOOS:    result.GetConfig("goos"),
		GOARCH:  result.GetConfig("goarch"),
		L1Data:  size(keyL1Data),
		L2:      size(keyL2),
		L3:      size(keyL3),
		Kernel:  result.GetConfig(keyKernel),
		Version: result.GetConfig(keyVersion),
		Go:      result.GetConfig(keyGo),
		Note:    result.GetConfig(keyNote),
	}
	if w := result.GetConfig(keyWarning); w != "" {
		h.Warnings = strings.Split(w, warningSeparator)
	}
	return h
}

// Write writes one line for each sample. MB/s counts the bytes of one slice;
// in place, each is read and written.
func Write(w io.Writer, h Host, r *Results) error {
	bw := benchfmt.NewWriter(w)
	config := h.config()
	for _, p := range r.Points() {
		// One goroutine ran, on one CPU: hence the -1.
		name := fmt.Appendf(nil, "%s/type=%s/kernel=%s/n=%d-1", p.Op, p.Type, p.Kernel, p.N)
		for _, s := range r.Samples(p) {
			result := &benchfmt.Result{Config: config, Name: name, Iters: s.Calls, Values: []benchfmt.Value{
				{Value: Round(s.Nanoseconds), Unit: "ns/op"},
				{Value: Round(float64(p.N*Size(p.Type)) / s.Nanoseconds * 1e3), Unit: "MB/s"},
			}}
			if err := bw.Write(result); err != nil {
				return err
			}
		}
	}
	return nil
}

// Round keeps five digits, which is more than any timing is good for.
func Round(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 5, 64), 64)
	if err != nil {
		panic(err) // a number that strconv has written
	}
	return rounded
}

// Read reads a file that [Write] wrote. Benchmarks of other names are passed
// over, but some must be there. Its errors name the file.
func Read(path string) (Host, *Results, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Host{}, nil, err
	}
	host, results, err := parse(text)
	if err != nil {
		return Host{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	return host, results, nil
}

func parse(text []byte) (host Host, results *Results, err error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return host, nil, errors.New("is empty")
	}
	results = new(Results)
	others := 0
	reader := benchfmt.NewReader(bytes.NewReader(text), "")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return host, nil, fmt.Errorf("line %d: %s", record.Line, record.Msg)
		case *benchfmt.Result:
			p, ok := pointOf(record.Name)
			seconds, timed := record.Value("sec/op")
			if !ok || !timed || seconds <= 0 {
				others++
				continue
			}
			host = hostOf(record)
			results.Add(p, Sample{record.Iters, Round(seconds * 1e9)})
		}
	}
	switch err := reader.Err(); {
	case err != nil:
		return host, nil, err
	case len(results.Points()) > 0:
		return host, results, nil
	case others > 0:
		return host, nil, errors.New("holds no benchmark that relu bench writes")
	}
	return host, nil, errors.New("is not in the Go benchmark format")
}

// pointOf takes a benchmark's name apart. It is not ok if the operation or the
// type is none of ours, or something is missing.
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
	return p, Arrays(p.Op) > 0 && Size(p.Type) > 0 && p.Kernel != "" && p.N > 0
}
