package main

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// loop is the main loop of a kernel.
type loop struct {
	kernel  string
	isa     string // as kernels' names end: NEON
	sources int
	bytes   int // of dst, done in an iteration, or
	vectors int // registers of it, where the CPU says how long they are
	span    span
	code    []byte
}

// span is where a loop stands in its assembly file: the lines from the one
// after its label to the jump back.
type span struct {
	file        string
	first, last int
}

// mainLoops gives the main loops of all kernels and of their limits, as built.
func mainLoops(a arch) ([]loop, error) {
	workspace, err := output(exec.Command("go", "env", "GOWORK"), "")
	if err != nil {
		return nil, err
	}
	command := func(args ...string) (string, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir = filepath.Dir(strings.TrimSpace(workspace))
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+a.name, "CGO_ENABLED=0")
		return output(cmd, "")
	}
	files, err := command("list", "-f", `{{range .SFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}`, ".", "./internal/roofline")
	if err != nil {
		return nil, err
	}
	var loops []loop
	for path := range strings.Lines(files) {
		path = strings.TrimSpace(path)
		if name := filepath.Base(path); !strings.HasPrefix(name, "relu_") && !strings.HasPrefix(name, "copy_") {
			continue // has no kernels
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		found, err := labelled(filepath.Base(path), string(source), a)
		if err != nil {
			return nil, err
		}
		loops = append(loops, found...)
	}
	temp, err := os.MkdirTemp("", "mca")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	// The package's test links the kernels and, for its benchmarks, the limits.
	binary := filepath.Join(temp, "test")
	if _, err := command("test", "-c", "-o", binary, "."); err != nil {
		return nil, err
	}
	return loops, fillIn(loops, binary)
}

var (
	signature = regexp.MustCompile(`^// func (\w+)\((.*)\)$`)
	// others have no loop that does what a copy does: preluGrad's goes down the rows
	// of a matrix, and those with masks go through words of 64 elements.
	others   = regexp.MustCompile(`^preluGrad|[mM]ask|^active|^read`)
	backward = regexp.MustCompile(`^\t(?:BGE|JGE|BNEZ)\s+(?:X\d+, )?loop$`)
	advance  = regexp.MustCompile(`^\tADDQ?\s+\$\+?(\d+),`)          // of a pointer
	scalable = regexp.MustCompile(`^\tVSETVLI\s+X\d+, E\d+, M(\d),`) // vectors as long as the CPU's
)

// labelled finds the main loop of each kernel of an assembly file by its label.
func labelled(file, source string, a arch) ([]loop, error) {
	var loops []loop
	var l *loop // of the kernel that the lines belong to, until it is complete
	n := 0
	for text := range strings.Lines(source) {
		n++
		text = strings.TrimRight(text, "\n")
		if m := signature.FindStringSubmatch(text); m != nil {
			if l != nil {
				return nil, fmt.Errorf("%s:%d: %s has no main loop", file, n, l.kernel)
			}
			if others.MatchString(m[1]) {
				continue
			}
			i := slices.IndexFunc(a.isas, func(isa string) bool { return strings.HasSuffix(m[1], isa) })
			if i < 0 {
				return nil, fmt.Errorf("%s:%d: %s is of no known instruction set", file, n, m[1])
			}
			l = &loop{kernel: m[1], isa: a.isas[i], sources: strings.Count(m[2], "*") - 1, span: span{file: file}}
			continue
		}
		bytes, vectors := advance.FindStringSubmatch(text), scalable.FindStringSubmatch(text)
		switch {
		case l == nil:
		case text == "loop:":
			l.span.first = n + 1
		case l.span.first == 0:
		case bytes != nil:
			l.bytes, _ = strconv.Atoi(bytes[1])
		case vectors != nil:
			l.vectors, _ = strconv.Atoi(vectors[1])
		case backward.MatchString(text):
			if l.bytes == 0 && l.vectors == 0 {
				return nil, fmt.Errorf("%s:%d: the loop of %s does not move its pointers", file, n, l.kernel)
			}
			l.span.last = n
			loops = append(loops, *l)
			l = nil
		}
	}
	if l != nil {
		return nil, fmt.Errorf("%s: %s has no main loop", file, l.kernel)
	}
	return loops, nil
}

// fillIn reads the loops' machine code from an ELF file by its line table.
func fillIn(loops []loop, path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.DWARF()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	lines, err := lineTable(info)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i := range loops {
		s := loops[i].span
		from, to, ok := addresses(lines[s.file], s)
		if !ok {
			return fmt.Errorf("the binary has no code for lines %d to %d of %s", s.first, s.last, s.file)
		}
		code := make([]byte, to-from)
		text := f.Section(".text")
		if _, err := text.ReadAt(code, int64(from-text.Addr)); err != nil {
			return fmt.Errorf("code of %s: %w", loops[i].kernel, err)
		}
		loops[i].code = code
	}
	return nil
}

// lineTable is the line table of each assembly file, by its base name.
func lineTable(info *dwarf.Data) (map[string][]dwarf.LineEntry, error) {
	table := map[string][]dwarf.LineEntry{}
	units := info.Reader()
	for {
		unit, err := units.Next()
		if err != nil {
			return nil, err
		}
		if unit == nil {
			return table, nil
		}
		units.SkipChildren()
		lines, err := info.LineReader(unit)
		if err != nil {
			return nil, err
		}
		if lines == nil {
			continue
		}
		for {
			var e dwarf.LineEntry
			if err := lines.Next(&e); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			if name := filepath.Base(e.File.Name); filepath.Ext(name) == ".s" {
				table[name] = append(table[name], e)
			}
		}
	}
}

// addresses is the part of a line table that a span covers.
func addresses(lines []dwarf.LineEntry, s span) (from, to uint64, ok bool) {
	for _, e := range lines {
		inside := s.first <= e.Line && e.Line <= s.last && !e.EndSequence
		switch {
		case inside && from == 0:
			from = e.Address
		case !inside && from != 0:
			return from, e.Address, true
		}
	}
	return 0, 0, false
}
