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
	bytes   int // of dst, done in an iteration
	span    span
	code    []byte
}

// span is where a loop stands in its assembly file: the lines from the one
// after its label to the jump back.
type span struct {
	file        string
	first, last int
}

// kernelPackages hold the kernels and their limits, from the module's root. The
// first has a test that links both.
var kernelPackages = []string{".", "./internal/roofline"}

// mainLoops gives the main loops of all kernels and limits, as built.
func mainLoops(a arch) ([]loop, error) {
	command := func(args ...string) (string, error) {
		cmd := exec.Command("go", args...)
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+a.name, "CGO_ENABLED=0")
		return output(cmd, "")
	}
	root, err := command("list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(strings.TrimSpace(root)); err != nil {
		return nil, err
	}
	files, err := command(append([]string{"list", "-f",
		`{{range .SFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}`}, kernelPackages...)...)
	if err != nil {
		return nil, err
	}
	var loops []loop
	for _, path := range strings.Fields(files) {
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
	binary := filepath.Join(temp, "kernels")
	if _, err := command("test", "-c", "-o", binary, kernelPackages[0]); err != nil {
		return nil, err
	}
	return loops, fillIn(loops, binary)
}

var (
	signature = regexp.MustCompile(`^// func (\w+)\((.*)\)$`)
	backward  = regexp.MustCompile(`^\t(?:BGE|JGE)\s+loop$`)
	decrement = regexp.MustCompile(`^\tSUBQ?\s+\$\+?(\d+),`)
)

// labelled finds the main loops of an assembly file by their label. slopeSum's
// loop is none: it goes down the rows of a matrix, and what it writes is not
// called dst.
func labelled(file, source string, a arch) ([]loop, error) {
	var loops []loop
	var l loop
	n := 0
	for text := range strings.Lines(source) {
		n++
		text = strings.TrimRight(text, "\n")
		if m := signature.FindStringSubmatch(text); m != nil {
			l = loop{}
			if strings.HasPrefix(m[2], "dst ") {
				i := slices.IndexFunc(a.isas, func(isa string) bool { return strings.HasSuffix(m[1], isa) })
				if i < 0 {
					return nil, fmt.Errorf("%s:%d: %s is of no known instruction set", file, n, m[1])
				}
				l = loop{kernel: m[1], isa: a.isas[i], sources: strings.Count(m[2], "*") - 1}
			}
			continue
		}
		switch m := decrement.FindStringSubmatch(text); {
		case l.kernel == "":
		case text == "loop:":
			l.span = span{file: file, first: n + 1}
		case l.span.first == 0:
		case m != nil:
			l.bytes, _ = strconv.Atoi(m[1])
		case backward.MatchString(text):
			if l.bytes == 0 {
				return nil, fmt.Errorf("%s:%d: the loop of %s does not subtract what it has done", file, n, l.kernel)
			}
			l.span.last = n
			loops = append(loops, l)
			l = loop{}
		}
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
