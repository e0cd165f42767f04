package audit

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// library are the folders with kernels, by import path.
var library = map[string][]string{
	"github.com/seed88f7e06c/relu":                   {"../.."},
	"github.com/seed88f7e06c/relu/internal/roofline": {"../roofline"},
}

// TestKernels audits every function of assembly, as the linker left it.
func TestKernels(t *testing.T) {
	paths, err := filepath.Glob("../../relu_*.s")
	if err != nil || len(paths) == 0 {
		t.Fatal("no kernels: ", err)
	}
	for _, path := range paths {
		_, goarch, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".s"), "_")
		t.Run(goarch, func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(t.TempDir(), "relu.test")
			if err := Link(goarch, "../..", true, program); err != nil {
				t.Fatal(err)
			}
			o, err := Open(program, goarch, library)
			if err != nil {
				t.Fatal(err)
			}
			instructions := 0
			for _, f := range o.functions {
				list, err := o.instructions(f)
				if err != nil {
					t.Errorf("%s: %v", f.name, err)
				}
				instructions += len(list)
			}
			t.Logf("%s: %d functions, %d instructions", goarch, len(o.functions), instructions)
			for _, fault := range o.Audit() {
				t.Error(fault)
			}
		})
	}
}

// TestFaults plants each fault once: the functions in testdata say in a comment
// which they have, and have no other.
func TestFaults(t *testing.T) {
	for _, goarch := range Architectures() {
		t.Run(goarch, func(t *testing.T) {
			t.Parallel()
			o, wants := faulty(t, goarch)
			found := map[string][]string{}
			for _, fault := range o.Audit() {
				found[fault.Func] = append(found[fault.Func], fault.What)
			}
			for _, f := range o.functions {
				for _, want := range wants[f.name] {
					i := slices.IndexFunc(found[f.name], func(what string) bool { return strings.Contains(what, want) })
					if i < 0 {
						t.Errorf("%s: not found: %s", f.name, want)
						continue
					}
					found[f.name] = slices.Delete(found[f.name], i, i+1)
				}
				for _, what := range found[f.name] {
					t.Errorf("%s: found beside its faults: %s", f.name, what)
				}
			}
		})
	}
}

// faulty builds a program of the functions in testdata, and returns it and the
// faults that they should have.
func faulty(t *testing.T, goarch string) (*Object, map[string][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "faults_"+goarch+".s"))
	if err != nil {
		t.Fatal(err)
	}
	wants := map[string][]string{}
	var pending []string
	declarations, uses := "", ""
	for line := range strings.Lines(string(text)) {
		if want, found := strings.CutPrefix(line, "// want: "); found {
			pending = append(pending, strings.TrimSpace(want))
		} else if m := prototypeLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			declarations += m[1] + "\n"
		} else if m := textLine.FindStringSubmatch(line); m != nil {
			uses += m[1] + ", "
			wants[m[1]], pending = pending, nil
		}
	}
	folder := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":                  "module faults\n\ngo 1.26.0\n",
		"faults_" + goarch + ".s": string(text),
		"main.go":                 "package main\n\n" + declarations + "\nvar all = []any{" + uses + "}\n\nfunc main() { println(len(all), all[0]) }\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(folder, "faults")
	if err := Link(goarch, folder, false, program); err != nil {
		t.Fatal(err)
	}
	o, err := Open(program, goarch, map[string][]string{"main": {folder}})
	if err != nil {
		t.Fatal(err)
	}
	return o, wants
}

// TestGuards holds what the audit allows on amd64 to what the dispatcher asks
// the CPU for.
func TestGuards(t *testing.T) {
	text, err := os.ReadFile("../../needs_amd64.go")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, m := range regexp.MustCompile(`(?m)^\s(\w+):\s+\{(.*)\},$`).FindAllStringSubmatch(string(text), -1) {
		count++
		asked := regexp.MustCompile(`cpuid\.|,`).ReplaceAllString(m[2], "")
		sets := slices.DeleteFunc(strings.Fields(asked), func(set string) bool { return set == "SSE" || set == "SSE2" })
		if allowed := arches["amd64"].guards[strings.ToUpper(m[1])]; !subset(allowed, sets) || !subset(sets, allowed) {
			t.Errorf("needs_amd64.go asks for %v for %s, and the audit allows %v", sets, m[1], allowed)
		}
	}
	if count != 3 {
		t.Errorf("needs_amd64.go has %d kernels, not 3:\n%s", count, text)
	}
}

// wordLine is an instruction that is written as a number, and its mnemonic.
var wordLine = regexp.MustCompile(`^\s*WORD\s+\$0x([0-9a-f]+)((?:;\s*BYTE\s+\$0x[0-9a-f]+)*)\s*(?://\s*(.*))?$`)

// wrongWords are the faults of the instructions written as numbers: each must be what
// the comment beside it says.
func wrongWords(goarch, text string) (count int, faults []string) {
	for line := range strings.Lines(text) {
		m := wordLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		count++
		code, err := strconv.ParseUint(m[1], 16, 32)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %v", line, err))
			continue
		}
		bytes := binary.LittleEndian.AppendUint32(nil, uint32(code))
		if arches[goarch].bigEndian {
			bytes = binary.BigEndian.AppendUint32(nil, uint32(code))
		}
		for _, more := range regexp.MustCompile(`0x[0-9a-f]+`).FindAllString(m[2], -1) {
			b, err := strconv.ParseUint(more, 0, 8)
			if err != nil {
				faults = append(faults, fmt.Sprintf("%s: %v", line, err))
			}
			bytes = append(bytes, byte(b))
		}
		in, err := arches[goarch].decode(bytes, 0)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %v", m[0], err))
		} else if in.text != m[3] {
			faults = append(faults, fmt.Sprintf("%#x is %q, not %q", code, in.text, m[3]))
		}
	}
	return count, faults
}

// TestWords decodes every instruction that is written as a number.
func TestWords(t *testing.T) {
	all := 0
	for _, goarch := range Architectures() {
		total := 0
		for _, folders := range library {
			paths, err := glob(folders, "*_"+goarch+".s")
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				count, faults := wrongWords(goarch, string(text))
				total += count
				for _, fault := range faults {
					t.Errorf("%s: %s", path, fault)
				}
			}
		}
		t.Logf("%s: %d instructions written as numbers", goarch, total)
		all += total
	}
	if all == 0 {
		t.Error("no instruction is written as a number")
	}
	for text, want := range map[string]string{
		"\tWORD $0x4ea23401 // cmgt v1.4s, v0.4s, v2.4s\n": "",
		"\tWORD $0x4ea23401 // cmge v1.4s, v0.4s, v2.4s\n": "cmgt v1.4s",
		"\tWORD $0x4ea23401\n":                             `not ""`,
		"\tWORD $0x00000000 // udf\n":                      "unknown",
	} {
		count, faults := wrongWords("arm64", text)
		if got := strings.Join(faults, "\n"); count != 1 || !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%q has the faults %q, want %q", text, got, want)
		}
	}
}

// TestDisassemblersAgree holds the decoding of amd64, whose instructions are of
// any length, to that of another disassembler.
func TestDisassemblersAgree(t *testing.T) {
	objdump, err := exec.LookPath("objdump")
	if err != nil {
		t.Skip("no objdump, which comes with gcc's binutils")
	}
	program := filepath.Join(t.TempDir(), "relu.test")
	if err := Link("amd64", "../..", true, program); err != nil {
		t.Fatal(err)
	}
	o, err := Open(program, "amd64", library)
	if err != nil {
		t.Fatal(err)
	}
	first, last := o.functions[0].addr, o.functions[0].addr
	for _, f := range o.functions {
		first, last = min(first, f.addr), max(last, f.addr+uint64(len(f.code)))
	}
	out, err := exec.Command(objdump, "-d", "--no-show-raw-insn", "-M", "intel",
		fmt.Sprintf("--start-address=%#x", first), fmt.Sprintf("--stop-address=%#x", last), program).Output()
	if err != nil {
		t.Skipf("objdump does not read this program: %v", err) // on another architecture
	}
	theirs := map[uint64]string{}
	for _, m := range regexp.MustCompile(`(?m)^\s*([0-9a-f]+):\s+(.*)$`).FindAllStringSubmatch(string(out), -1) {
		pc, err := strconv.ParseUint(m[1], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		theirs[pc] = m[2]
	}
	count := 0
	for _, f := range o.functions {
		list, err := o.instructions(f)
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		for _, in := range list {
			text, found := theirs[in.pc]
			if !found {
				t.Errorf("%s: objdump has no instruction at %#x, %s", f.name, in.pc, in.text)
				break
			}
			count++
			// Stores, and vectors wider than 128 bits, by the other's word.
			name, operands, _ := strings.Cut(text, " ")
			first, rest, _ := strings.Cut(strings.TrimSpace(operands), ",")
			store := strings.Contains(first, "[") && rest != "" && name != "cmp" && name != "test"
			if ours := slices.ContainsFunc(in.access, func(a access) bool { return a.store }); ours != store {
				t.Errorf("%s: %#x: %s: the audit has a store: %v; objdump has %s", f.name, in.pc, in.text, ours, text)
			}
			if wide := strings.HasPrefix(first, "ymm") || strings.HasPrefix(first, "zmm"); wide && !in.dirties && !strings.Contains("16171819202122232425262728293031", first[3:]) {
				t.Errorf("%s: %#x: %s: the audit sees no upper half; objdump has %s", f.name, in.pc, in.text, text)
			}
		}
	}
	t.Logf("%d instructions", count)
}
