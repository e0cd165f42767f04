package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
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

// TestReservedRegisters holds that no kernel names a register that is not a
// kernel's: the goroutine's, the stack's, the assembler's own, the platform's.
// R0 of loong64 is 0, whatever is done to it.
func TestReservedRegisters(t *testing.T) {
	reserved := map[string]*regexp.Regexp{
		"arm64":   regexp.MustCompile(`\b(R1[678]|R2[6-9]|R3[01]|g|ZR)\b`),
		"loong64": regexp.MustCompile(`\b(R[123]|R2[129]|R3[01]|g)\b`),
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
