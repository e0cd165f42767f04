package main

import (
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/seed88f7e06c/relu/internal/audit"
)

const library = "github.com/seed88f7e06c/relu"

// program is a test binary that has mutants beside the kernels. To try one, a
// jump to it is written over the first instruction of its kernel.
type program struct {
	path    string
	goarch  string
	folder  string // of the assembly
	mutants []mutant
	symbols map[string]elf.Symbol
	text    *elf.Prog
	audit   func() (*audit.Object, error) // reads the program once
}

func mutantName(i int, m mutant) string { return fmt.Sprintf("mutant%d_%s", i, m.kernel.name) }

var assemblerError = regexp.MustCompile(`mutated_\w+\.s:(\d+)`)

// build links the test binary with the mutants, without those that the
// assembler refuses.
func build(root, goarch, folder string, mutants []mutant) (*program, error) {
	for {
		refused, err := link(root, goarch, folder, mutants)
		if err != nil {
			return nil, err
		}
		if len(refused) == 0 {
			break
		}
		var rest []mutant
		for i, m := range mutants {
			if !refused[i] {
				rest = append(rest, m)
			}
		}
		mutants = rest
	}
	p := &program{path: filepath.Join(folder, "relu.test"), goarch: goarch, folder: folder, mutants: mutants, symbols: map[string]elf.Symbol{}}
	file, err := elf.Open(p.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		return nil, err
	}
	for _, s := range symbols {
		if name, found := strings.CutPrefix(s.Name, library+"."); found {
			p.symbols[name] = s
		}
	}
	for _, prog := range file.Progs {
		if prog.Type == elf.PT_LOAD && prog.Flags&elf.PF_X != 0 {
			p.text = prog
		}
	}
	p.audit = sync.OnceValues(func() (*audit.Object, error) {
		return audit.Open(p.path, goarch, map[string][]string{library: {folder, root}})
	})
	if p.text == nil {
		return nil, errors.New("a program without code")
	}
	return p, nil
}

// link writes the mutants beside the kernels, in an overlay of the library's
// folder, and links them. It returns those that the assembler refuses.
func link(root, goarch, folder string, mutants []mutant) (refused map[int]bool, err error) {
	source := filepath.Join(root, "relu_"+goarch+".s")
	original, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	var assembly, declarations strings.Builder
	assembly.Write(original)
	assembly.WriteString("\n")
	line := strings.Count(assembly.String(), "\n")
	var starts []int
	declarations.WriteString("package relu\n\nimport \"unsafe\"\n\nvar _ unsafe.Pointer\n\n")
	for i, m := range mutants {
		starts = append(starts, line)
		text := m.kernel.renamed(mutantName(i, m), m)
		line += strings.Count(text, "\n")
		assembly.WriteString(text)
		declaration, _, _ := strings.Cut(text, "\n")
		declarations.WriteString(strings.TrimPrefix(declaration, "// ") + "\n")
	}
	declarations.WriteString("\nvar mutants = []any{\n")
	for i, m := range mutants {
		fmt.Fprintf(&declarations, "\t%s,\n", mutantName(i, m))
	}
	declarations.WriteString("}\n\nfunc init() {\n\tif len(mutants) == 0 {\n\t\tpanic(mutants)\n\t}\n}\n")

	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	replace := map[string]string{}
	for name, content := range map[string]string{"mutated_" + goarch + ".s": assembly.String(), "mutants.go": declarations.String()} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			return nil, err
		}
		if name == "mutants.go" {
			replace[filepath.Join(absolute, "mutants_test.go")] = path
		} else {
			replace[filepath.Join(absolute, "relu_"+goarch+".s")] = path
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	overlayPath := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(overlayPath, overlay, 0o666); err != nil {
		return nil, err
	}
	// All errors, not the first ten.
	err = audit.Link(goarch, root, true, filepath.Join(folder, "relu.test"), "-overlay", overlayPath, "-asmflags=-e", "-gcflags=-e")
	if err == nil {
		return nil, nil
	}
	refused = map[int]bool{}
	for _, m := range assemblerError.FindAllStringSubmatch(err.Error(), -1) {
		at, _ := strconv.Atoi(m[1])
		i := len(starts) - 1
		for i >= 0 && starts[i] >= at {
			i--
		}
		if i >= 0 {
			refused[i] = true
		}
	}
	if len(refused) == 0 {
		return nil, err
	}
	return refused, nil
}

// offset is where the code of a function is in the file, and its address.
func (p *program) offset(name string) (at int64, addr uint64, err error) {
	s, found := p.symbols[name+".abi0"]
	if !found {
		if s, found = p.symbols[name]; !found {
			return 0, 0, fmt.Errorf("%s is not in the program", name)
		}
	}
	return int64(s.Value - p.text.Vaddr + p.text.Off), s.Value, nil
}

// audited reports what the audit finds in a mutant.
func (p *program) audited(i int) (string, error) {
	o, err := p.audit()
	if err != nil {
		return "", err
	}
	faults, err := o.AuditFunc(mutantName(i, p.mutants[i]))
	if err != nil || len(faults) == 0 {
		return "", err
	}
	return faults[0].What, nil
}
