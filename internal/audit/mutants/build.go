package main

import (
	"debug/elf"
	_ "embed"
	"encoding/json"
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

// program is a test binary that has mutants beside the kernels. To try one, its
// address is written over its kernel's in the table of kernels.
type program struct {
	path      string
	folder    string // of the assembly
	mutants   []mutant
	addresses map[string]uint64
	audit     func() (*audit.Object, error) // reads the program once
}

//go:embed server.go
var server string

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
	p := &program{path: filepath.Join(folder, "relu.test"), folder: folder, mutants: mutants, addresses: map[string]uint64{}}
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
		name, abi0 := strings.CutSuffix(strings.TrimPrefix(s.Name, library+"."), ".abi0")
		if _, found := p.addresses[name]; abi0 || !found {
			p.addresses[name] = s.Value
		}
	}
	p.audit = sync.OnceValues(func() (*audit.Object, error) {
		return audit.Open(p.path, goarch, map[string][]string{library: {folder, root}})
	})
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
	for _, f := range []struct{ name, instead, content string }{
		{"mutated_" + goarch + ".s", "relu_" + goarch + ".s", assembly.String()},
		{"mutants.go", "mutants_test.go", declarations.String()},
		{"server.go", "mutants_server_test.go", strings.TrimPrefix(server, "//go:build ignore\n")},
	} {
		path := filepath.Join(folder, f.name)
		if err := os.WriteFile(path, []byte(f.content), 0o666); err != nil {
			return nil, err
		}
		replace[filepath.Join(absolute, f.instead)] = path
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
	switch {
	case len(refused) > 0:
		return refused, nil
	case strings.Contains(err.Error(), "panic: "):
		return panicking(root, goarch, folder, mutants, err)
	}
	return nil, err
}

// panicking finds, by halves, mutants that Go's assembler does not refuse but
// panics of, with no line. If none does without the others, cause is the error.
func panicking(root, goarch, folder string, mutants []mutant, cause error) (map[int]bool, error) {
	if len(mutants) == 1 {
		return map[int]bool{0: true}, nil
	}
	refused := map[int]bool{}
	half := len(mutants) / 2
	for start, part := range map[int][]mutant{0: mutants[:half], half: mutants[half:]} {
		found, err := link(root, goarch, folder, part)
		if err != nil {
			return nil, err
		}
		for i := range found {
			refused[start+i] = true
		}
	}
	if len(refused) == 0 {
		return nil, cause
	}
	return refused, nil
}

// address is where a function of assembly is.
func (p *program) address(name string) (uint64, error) {
	address, found := p.addresses[name]
	if !found {
		return 0, fmt.Errorf("%s is not in the program", name)
	}
	return address, nil
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
