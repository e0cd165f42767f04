package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMutants lists the mutants of a small kernel.
func TestMutants(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relu_amd64.s")
	if err := os.WriteFile(path, []byte(`
// func reluFloat32AVX2(dst *float32, src *float32, n int)
TEXT ·reluFloat32AVX2(SB), NOSPLIT, $0-24
	MOVQ    dst+0(FP), AX
	CMPQ    DX, $+8
	JLT     short

more:
	VPCMPGTD Y2, Y0, Y1
	VMOVDQU  Y1, -32(AX)
	RET

// func selected() int
TEXT ·selected(SB), NOSPLIT, $0-8
	RET
`), 0o666); err != nil {
		t.Fatal(err)
	}
	list, err := kernels(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].name != "reluFloat32AVX2" || list[0].row != "reluFloat32" || list[0].isa != "avx2" || list[0].size != 4 {
		t.Fatalf("the kernels are %+v", list)
	}
	var got []string
	for _, m := range list[0].mutants("amd64") {
		what, _, _ := strings.Cut(strings.TrimPrefix(m.String(), "reluFloat32AVX2, "), "; then ")
		got = append(got, m.kind+": "+what)
	}
	want := []string{
		"returns at once: entry: MOVQ dst+0(FP), AX -> RET",
		"fault in a block: entry: MOVQ dst+0(FP), AX -> UNDEF",
		"dropped instruction: entry: MOVQ dst+0(FP), AX -> nothing",
		"dropped step: entry: CMPQ DX, $+8 -> nothing",
		"other bound: entry: CMPQ DX, $+8 -> CMPQ DX, $9",
		"other bound: entry: CMPQ DX, $+8 -> CMPQ DX, $7",
		"other bound: entry: CMPQ DX, $+8 -> CMPQ DX, $12",
		"other bound: entry: CMPQ DX, $+8 -> CMPQ DX, $4",
		"dropped jump: entry: JLT short -> nothing",
		"other jump condition: entry: JLT short -> JLE short",
		"other jump condition: entry: JLT short -> JGE short",
		"fault in a block: more: VPCMPGTD Y2, Y0, Y1 -> UNDEF",
		"dropped instruction: more: VPCMPGTD Y2, Y0, Y1 -> nothing",
		"other predicate: more: VPCMPGTD Y2, Y0, Y1 -> VPCMPEQD Y2, Y0, Y1",
		"operands exchanged: more: VPCMPGTD Y2, Y0, Y1 -> VPCMPGTD Y0, Y2, Y1",
		"dropped store: more: VMOVDQU Y1, -32(AX) -> nothing",
		"other offset: more: VMOVDQU Y1, -32(AX) -> VMOVDQU Y1, -28(AX)",
		"other offset: more: VMOVDQU Y1, -32(AX) -> VMOVDQU Y1, -36(AX)",
		"dropped instruction: more: RET -> nothing",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the mutants are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEquivalents(t *testing.T) {
	if _, err := list(); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"\\w+: RET -> nothing\n":      "no reason",
		"# It does the same.\n(\n":    "missing closing",
		"# One.\n\n\\w+, a: b -> c\n": "no reason",
	} {
		if _, err := equivalents(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
}

// TestSurvivorIsFound tries one mutant that the tests must catch, one that the
// audit must, and one that nothing can.
func TestSurvivorIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("links the library's tests")
	}
	by, found := findEmulator("amd64")
	if !found {
		t.Skip("not on linux/amd64")
	}
	const root = "../../.."
	all, err := choose(root, "amd64", "^reluFloat32SSE2$|^streamReluFloat32AVX2$", "")
	if err != nil {
		t.Fatal(err)
	}
	pick := func(kernel, part string) mutant {
		i := slices.IndexFunc(all, func(m mutant) bool { return m.kernel.name == kernel && strings.Contains(m.String(), part) })
		if i < 0 {
			t.Fatalf("%s has no mutant %s", kernel, part)
		}
		return all[i]
	}
	harmless := pick("reluFloat32SSE2", "MOVQ dst+0(FP), AX -> nothing")
	harmless.to, harmless.kind = harmless.from, "unchanged"
	mutants := []mutant{
		pick("reluFloat32SSE2", "PCMPGTL X1, X2 -> nothing"),
		pick("streamReluFloat32AVX2", "SFENCE -> nothing"),
		harmless,
	}
	p, err := build(root, "amd64", t.TempDir(), mutants)
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{p: p, by: by}
	defer w.stop()
	for i, want := range []string{"caught: Test", "audit: leaves with unordered stores", "survived"} {
		if got, err := w.try(t.Context(), i); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, %v; want %s", mutants[i], got, err, want)
		}
	}
}
