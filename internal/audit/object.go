package audit

import (
	"debug/elf"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// An Object is a linked program and the functions of assembly in it.
type Object struct {
	arch      *arch
	functions []*function
	byAddress map[uint64]*function // these, and Go's that they may jump to
}

// function is one function of assembly.
type function struct {
	name     string
	ending   string // which the guards know, "" without
	params   string // as declared
	pointers []parameter
	results  int64 // where the results start
	size     int64 // of arguments and results
	addr     uint64
	code     []byte
}

type parameter struct {
	name   string
	offset int64 // from the first argument
}

// Architectures names those with an audit.
func Architectures() []string {
	var names []string
	for name := range arches {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Link makes a program for linux on an architecture: the test binary of the
// package in a folder, or the command there.
func Link(goarch, folder string, test bool, output string, flags ...string) error {
	args := []string{"build"}
	if test {
		args = []string{"test", "-c", "-vet=off"}
	}
	cmd := exec.Command("go", append(append(args, "-o", output), append(flags, ".")...)...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	return nil
}

var (
	textLine      = regexp.MustCompile(`^TEXT\s+·(\w+)(<>)?\(SB\)`)
	prototypeLine = regexp.MustCompile(`^// (func \w+\(.*)$`)
)

// Open reads the functions that a package's assembly files define, by its import
// path and the folders that it lies in, out of a program that has all of them.
func Open(program, goarch string, packages map[string][]string) (*Object, error) {
	a := arches[goarch]
	if a == nil {
		return nil, fmt.Errorf("no audit of %s", goarch)
	}
	file, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		return nil, err
	}
	byName := map[string]elf.Symbol{}
	for _, s := range symbols {
		byName[s.Name] = s
	}
	o := &Object{arch: a, byAddress: map[uint64]*function{}}
	for path, folders := range packages {
		defined, declared, err := goFunctions(folders)
		if err != nil {
			return nil, err
		}
		prototypes, err := prototypes(folders, goarch, declared)
		if err != nil {
			return nil, err
		}
		for name, prototype := range prototypes {
			s, found := byName[path+"."+name+".abi0"]
			if !found {
				s, found = byName[path+"."+name]
			}
			if !found && !isKernel(a, name) {
				continue // an entry that nobody calls, where its operation is left to pure Go
			}
			if !found {
				return nil, fmt.Errorf("%s: %s.%s is not there", program, path, name)
			}
			f := &function{name: name, addr: s.Value}
			if err := f.declare(prototype); err != nil {
				return nil, err
			}
			for ending := range a.guards {
				if strings.HasSuffix(name, ending) && len(ending) > len(f.ending) {
					f.ending = ending
				}
			}
			if f.code, err = bytesAt(file, s.Value, s.Size); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			for a.words && len(f.code) >= 4 && allZero(f.code[len(f.code)-4:]) {
				f.code = f.code[:len(f.code)-4] // what fills the space to the next function
			}
			o.functions = append(o.functions, f)
			o.byAddress[f.addr] = f
		}
		for name, params := range defined {
			if s, found := byName[path+"."+name+".abi0"]; found { // as assembly calls it
				o.byAddress[s.Value] = &function{name: name, params: params}
			}
		}
	}
	if len(o.functions) == 0 {
		return nil, fmt.Errorf("%s: no assembly for %s in %v", program, goarch, packages)
	}
	slices.SortFunc(o.functions, func(f, g *function) int { return strings.Compare(f.name, g.name) })
	return o, nil
}

// glob is the files of that pattern in all folders.
func glob(folders []string, pattern string) ([]string, error) {
	var all []string
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return nil, err
		}
		all = append(all, paths...)
	}
	return all, nil
}

// prototypes are the functions that the assembly files define, with the
// declarations in the comments above them, or in Go where there is none.
func prototypes(folders []string, goarch string, declared map[string]string) (map[string]string, error) {
	paths, err := glob(folders, "*_"+goarch+".s")
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		prototype := ""
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if m := prototypeLine.FindStringSubmatch(line); m != nil {
				prototype = m[1]
			} else if m := textLine.FindStringSubmatch(line); m != nil {
				if params, found := declared[m[1]]; prototype == "" && found {
					prototype = "func " + m[1] + params
				}
				if prototype == "" {
					return nil, fmt.Errorf("%s: %s is declared neither above it nor in Go", path, m[1])
				}
				found[m[1]], prototype = prototype, ""
			}
		}
	}
	return found, nil
}

// list is a list of parameters, each with its type.
func list(fields *ast.FieldList) string {
	if fields == nil {
		return ""
	}
	var all []string
	for _, field := range fields.List {
		for _, name := range field.Names {
			all = append(all, name.Name+" "+types.ExprString(field.Type))
		}
		if len(field.Names) == 0 {
			all = append(all, types.ExprString(field.Type))
		}
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// goFunctions are the parameters of the functions that Go files define, and of those
// that they declare without a body.
func goFunctions(folders []string) (defined, declared map[string]string, err error) {
	paths, err := glob(folders, "*.go")
	if err != nil {
		return nil, nil, err
	}
	defined, declared = map[string]string{}, map[string]string{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				found := declared
				if fn.Body != nil {
					found = defined
				}
				found[fn.Name.Name] = list(fn.Type.Params) + list(fn.Type.Results)
			}
		}
	}
	return defined, declared, nil
}

// declare reads the places of arguments and results from a declaration.
func (f *function) declare(prototype string) error {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p; "+prototype, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", prototype, err)
	}
	fn := file.Decls[0].(*ast.FuncDecl).Type
	f.params = list(fn.Params) + list(fn.Results)
	place := func(list *ast.FieldList) error {
		if list == nil {
			return nil
		}
		for _, field := range list.List {
			size, pointer := int64(0), false
			switch t := field.Type.(type) {
			case *ast.StarExpr:
				size, pointer = 8, true
			case *ast.SelectorExpr: // unsafe.Pointer
				size, pointer = 8, true
			case *ast.Ident:
				size = map[string]int64{
					"byte": 1, "int8": 1, "uint8": 1, "bool": 1, "int16": 2, "uint16": 2,
					"int32": 4, "uint32": 4, "float32": 4,
					"int": 8, "uint": 8, "int64": 8, "uint64": 8, "uintptr": 8, "float64": 8,
				}[t.Name]
			}
			if size == 0 {
				return fmt.Errorf("%s: an argument of an unknown type", prototype)
			}
			for range max(1, len(field.Names)) {
				f.size = (f.size + size - 1) / size * size
				if pointer {
					f.pointers = append(f.pointers, parameter{offset: f.size})
				}
				f.size += size
			}
			if pointer {
				for i, name := range field.Names {
					f.pointers[len(f.pointers)-len(field.Names)+i].name = name.Name
				}
			}
		}
		return nil
	}
	if err := place(fn.Params); err != nil {
		return err
	}
	if len(f.pointers) >= maxPointers {
		return fmt.Errorf("%s: too many pointers", prototype)
	}
	f.size = (f.size + 7) / 8 * 8
	f.results = f.size
	return place(fn.Results)
}

func allZero(b []byte) bool {
	for _, v := range b {
		if v != 0 {
			return false
		}
	}
	return true
}

func bytesAt(file *elf.File, addr, size uint64) ([]byte, error) {
	for _, p := range file.Progs {
		if p.Type == elf.PT_LOAD && addr >= p.Vaddr && addr+size <= p.Vaddr+p.Filesz {
			code := make([]byte, size)
			_, err := p.ReadAt(code, int64(addr-p.Vaddr))
			return code, err
		}
	}
	return nil, errors.New("no such address in the program")
}

// Audit checks every function.
func (o *Object) Audit() []Fault {
	var faults []Fault
	for _, f := range o.functions {
		faults = append(faults, o.check(f)...)
	}
	return faults
}

// AuditFunc checks one function.
func (o *Object) AuditFunc(name string) ([]Fault, error) {
	for _, f := range o.functions {
		if f.name == name {
			return o.check(f), nil
		}
	}
	return nil, fmt.Errorf("no function %s", name)
}

// isKernel reports whether a function's name ends in an instruction set.
func isKernel(a *arch, name string) bool {
	for set := range a.guards {
		if strings.HasSuffix(name, set) {
			return true
		}
	}
	return false
}
