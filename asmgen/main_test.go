package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
	"golang.org/x/arch/ppc64/ppc64asm"
	"golang.org/x/arch/s390x/s390xasm"
)

var library = flag.String("library", "..", "the `folder` whose files are held against what asmgen makes")

// TestGeneratedFilesAreCurrent holds what is committed, or what is anywhere
// else, to the table.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	generated := files()
	for _, path := range slices.Sorted(maps.Keys(generated)) {
		if *library != ".." && strings.HasPrefix(path, "docs/") {
			continue // no part of the library's module
		}
		got, err := os.ReadFile(filepath.Join(*library, path))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, generated[path]) {
			t.Errorf("%s is not what make generate writes", path)
		} else {
			t.Logf("%x  %s", sha256.Sum256(got), path)
		}
	}
}

// TestWords decodes every instruction that is written as numbers and holds it
// to the mnemonic beside it.
func TestWords(t *testing.T) {
	for arch, decode := range map[string]func(t *testing.T, codes [][]byte) []string{
		"arm64":   decodeARM64,
		"loong64": decodeLoong64,
		"ppc64le": decodePPC64LE,
		"s390x":   decodeS390X,
	} {
		t.Run(arch, func(t *testing.T) {
			var codes [][]byte
			var mnemonics []string
			for path, text := range files() {
				if !strings.HasSuffix(path, "_"+arch+".s") {
					continue
				}
				for line := range strings.Lines(string(text)) {
					numbers, mnemonic, found := strings.Cut(strings.TrimSpace(line), " // ")
					if !strings.HasPrefix(numbers, "WORD") {
						continue
					}
					if !found {
						t.Errorf("%s: %s has no mnemonic", path, numbers)
						continue
					}
					codes, mnemonics = append(codes, encoded(t, arch, numbers)), append(mnemonics, mnemonic)
				}
			}
			if len(codes) == 0 {
				t.Fatal("no WORD")
			}
			for i, got := range decode(t, codes) {
				if got != mnemonics[i] {
					t.Errorf("%#x is %s, not %s", codes[i], got, mnemonics[i])
				}
			}
		})
	}
}

// encoded is the code of one WORD, and the BYTEs that follow it.
func encoded(t *testing.T, arch, numbers string) (code []byte) {
	for number := range strings.SplitSeq(numbers, ";") {
		directive, value, _ := strings.Cut(strings.TrimSpace(number), " ")
		n, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(value), "$"), 0, 32)
		if err != nil {
			t.Fatalf("%s: %v", numbers, err)
		}
		switch {
		case directive == "BYTE":
			code = append(code, byte(n))
		case arch == "s390x":
			code = binary.BigEndian.AppendUint32(code, uint32(n))
		default:
			code = binary.LittleEndian.AppendUint32(code, uint32(n))
		}
	}
	return code
}

func decodeARM64(t *testing.T, codes [][]byte) []string {
	var decoded []string
	for _, c := range codes {
		inst, err := arm64asm.Decode(c)
		if err != nil {
			t.Errorf("%#x: %v", c, err)
		}
		decoded = append(decoded, arm64asm.GNUSyntax(inst))
	}
	return decoded
}

func decodePPC64LE(t *testing.T, codes [][]byte) []string {
	var decoded []string
	for _, c := range codes {
		inst, err := ppc64asm.Decode(c, binary.LittleEndian)
		if err != nil {
			t.Errorf("%#x: %v", c, err)
		}
		decoded = append(decoded, ppc64asm.GNUSyntax(inst, 0))
	}
	return decoded
}

func decodeS390X(t *testing.T, codes [][]byte) []string {
	var decoded []string
	for _, c := range codes {
		inst, err := s390xasm.Decode(c)
		if err != nil {
			t.Errorf("%#x: %v", c, err)
		}
		decoded = append(decoded, s390xasm.GNUSyntax(inst, 0))
	}
	return decoded
}

// decodeLoong64 asks LLVM, because golang.org/x/arch does not know LSX.
func decodeLoong64(t *testing.T, codes [][]byte) []string {
	const disassembler = "llvm-mc-19"
	if _, err := exec.LookPath(disassembler); err != nil && os.Getenv("RELU_REQUIRE_LLVM") == "" {
		t.Skip(err)
	}
	var code strings.Builder
	for _, c := range codes {
		for _, b := range c {
			fmt.Fprintf(&code, "%#02x ", b)
		}
	}
	cmd := exec.Command(disassembler, "--disassemble", "-triple=loongarch64", "-mattr=+lsx,+lasx")
	cmd.Stdin = strings.NewReader(code.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", disassembler, err, out)
	}
	var decoded []string
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) > 1 {
			// golang.org/x/arch, to which internal/audit holds the same words, has
			// numbers without a sign in hexadecimal.
			text := strings.Join(fields, " ")
			if rest, found := strings.CutSuffix(text, ", 0"); found && strings.HasPrefix(text, "vssrani") {
				text = rest + ", 0x0"
			}
			decoded = append(decoded, text)
		}
	}
	if len(decoded) != len(codes) {
		t.Fatalf("%d instructions of %d: %s", len(decoded), len(codes), out)
	}
	return decoded
}

// TestReservedRegisters holds that no kernel names a register that is not a
// kernel's: the goroutine's, the stack's, the assembler's own, the platform's.
func TestReservedRegisters(t *testing.T) {
	reserved := map[string]*regexp.Regexp{
		"arm64":   regexp.MustCompile(`\b(R1[678]|R2[6-9]|R3[01]|g|ZR)\b`),
		"loong64": regexp.MustCompile(`\b(R[0123]|R2[129]|R3[01]|g)\b`),
		"ppc64le": regexp.MustCompile(`\b(R[0-2]|R13|R3[01]|g)\b`),
		"s390x":   regexp.MustCompile(`\b(R1[01345]|g)\b|\(R0|R0\*`), // R0 is none in an address
		"riscv64": regexp.MustCompile(`\b(X[1234]|X2[67]|X31|g)\b`),
	}
	audited := map[string]bool{}
	for path, text := range files() {
		if filepath.Ext(path) != ".s" {
			continue
		}
		_, arch, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".s"), "_")
		if arch == "amd64" {
			continue // avo allocates its registers
		}
		if reserved[arch] == nil {
			t.Errorf("%s: no registers of %s are known to be reserved", path, arch)
			continue
		}
		audited[arch] = true
		for line := range strings.Lines(string(text)) {
			code, _, _ := strings.Cut(line, "//")
			if name := reserved[arch].FindString(code); name != "" {
				t.Errorf("%s: %s is reserved: %s", path, name, strings.TrimSpace(code))
			}
		}
	}
	if len(audited) != len(reserved) {
		t.Errorf("assembly for %v alone", audited)
	}
}

// TestEachKernelSaysWhatItNeeds holds avo's record of instruction sets to the
// name of the kernel: nothing beyond it can have slipped in.
func TestEachKernelSaysWhatItNeeds(t *testing.T) {
	allowed := map[string]string{
		"SSE2":   "SSE SSE2",
		"AVX2":   "AVX AVX2 F16C",
		"AVX512": "AVX AVX2 AVX512F AVX512BW AVX512DQ AVX512VL POPCNT",
	}
	for _, fn := range assembleAMD64(concat(ops, rowed, []op{preluGrad}, masks, streams, limits, []op{readLimit})).Functions() {
		for suffix, features := range allowed {
			if !strings.HasSuffix(fn.Name, suffix) {
				continue
			}
			for _, isa := range fn.ISA {
				if isa == "MMX+" { // SFENCE, which SSE is enough for
					continue
				}
				if !strings.Contains(" "+features+" ", " "+isa+" ") {
					t.Errorf("%s needs %s", fn.Name, isa)
				}
			}
		}
	}
}
