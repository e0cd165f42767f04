package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
)

var library = flag.String("library", "..", "the `folder` whose files are held against what asmgen makes")

// TestGeneratedFilesAreCurrent holds what is committed, or what is anywhere
// else, to the table.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	generated := files()
	for _, path := range slices.Sorted(maps.Keys(generated)) {
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

// TestWords decodes every instruction that is written as a number and holds it
// to the mnemonic beside it.
func TestWords(t *testing.T) {
	count := 0
	for path, text := range files() {
		if !strings.HasSuffix(path, "_arm64.s") {
			continue
		}
		for line := range strings.Lines(string(text)) {
			word, mnemonic, found := strings.Cut(strings.TrimSpace(line), " // ")
			if !strings.HasPrefix(word, "WORD") {
				continue
			}
			count++
			if !found {
				t.Errorf("%s: %s has no mnemonic", path, word)
				continue
			}
			code, err := strconv.ParseUint(strings.TrimSpace(strings.TrimPrefix(word, "WORD"))[1:], 0, 32)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			inst, err := arm64asm.Decode([]byte{byte(code), byte(code >> 8), byte(code >> 16), byte(code >> 24)})
			if err != nil {
				t.Errorf("%s: %#08x, written as %s: %v", path, code, mnemonic, err)
				continue
			}
			if got := arm64asm.GNUSyntax(inst); got != mnemonic {
				t.Errorf("%s: %#08x is %s, not %s", path, code, got, mnemonic)
			}
		}
	}
	if count == 0 {
		t.Error("no WORD in the arm64 files")
	}
}

// TestEachKernelSaysWhatItNeeds holds avo's record of instruction sets to the
// name of the kernel: nothing beyond it can have slipped in.
func TestEachKernelSaysWhatItNeeds(t *testing.T) {
	allowed := map[string]string{
		"SSE2":   "SSE SSE2",
		"AVX2":   "AVX AVX2",
		"AVX512": "AVX AVX2 AVX512F AVX512BW AVX512DQ AVX512VL",
	}
	for _, fn := range assembleAMD64(concat(ops, rowed, []op{preluGrad}, streams, limits)).Functions() {
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
