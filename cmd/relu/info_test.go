package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/cpuid/v2"
	"github.com/seed88f7e06c/relu"
)

func TestInfo(t *testing.T) {
	for _, kernel := range relu.Kernels() {
		cmd := exec.Command(reluPath, "info", "--json")
		cmd.Env = append(os.Environ(), "RELU_KERNEL="+kernel)
		r := finish(t, cmd)
		var info hostInfo
		if err := json.Unmarshal([]byte(r.stdout), &info); r.code != 0 || err != nil {
			t.Fatalf("exit code %d, %v\n%s%s", r.code, err, r.stdout, r.stderr)
		}
		if info.Kernel != kernel || info.ReluKernel != kernel {
			t.Errorf("RELU_KERNEL=%s: %s is chosen for %s", kernel, info.Kernel, info.ReluKernel)
		}
		if info.GOARCH != runtime.GOARCH || info.GoVersion != runtime.Version() || info.ReluVersion == "(unknown)" {
			t.Errorf("it tells of %s, %s, relu %s", info.GOARCH, info.GoVersion, info.ReluVersion)
		}
		var running []string
		for _, k := range info.Kernels {
			if k.Runs {
				running = append(running, k.Name)
			}
			if k.Chosen != (k.Name == kernel) || k.Why == "" {
				t.Errorf("RELU_KERNEL=%s: %+v", kernel, k)
			}
			if k.Runs != (len(k.Lacks) == 0) {
				t.Errorf("%s: runs %v, lacks %v", k.Name, k.Runs, k.Lacks)
			}
		}
		if !slices.Equal(running, relu.Kernels()) {
			t.Errorf("%v run, not %v", relu.Kernels(), running)
		}
	}
}

func TestInfoText(t *testing.T) {
	cmd := exec.Command(reluPath, "info")
	cmd.Env = append(os.Environ(), "RELU_KERNEL=generic")
	r := finish(t, cmd)
	for _, want := range []string{"CPU ", "caches ", "GOMAXPROCS ", "chosen: RELU_KERNEL asks for it", runtime.Version()} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not in:\n%s", want, r.stdout)
		}
	}
}

func TestJudge(t *testing.T) {
	all := needs["amd64"]
	for _, c := range []struct {
		name, chosen, asked string
		running             []string
		features            []string
		why                 []string // in the order of the answer
	}{
		{"Zen 4", "avx2", "", []string{"avx2", "avx512", "sse2", "generic"}, all[0].features,
			[]string{"the best that runs here", "avx2 is better", "avx2 is better", "avx2 is better"}},
		{"Ice Lake", "avx512", "", []string{"avx512", "avx2", "sse2", "generic"}, all[0].features,
			[]string{"the best that runs here", "avx512 is better", "avx512 is better", "avx512 is better"}},
		{"Ice Lake, asked", "avx2", "avx2", []string{"avx512", "avx2", "sse2", "generic"}, all[0].features,
			[]string{"RELU_KERNEL asks for avx2", "RELU_KERNEL asks for it", "avx2 is better", "avx2 is better"}},
		{"Skylake-X", "avx2", "", []string{"avx2", "sse2", "generic"}, []string{"AVX", "AVX2", "AVX512F", "AVX512BW", "AVX512DQ", "F16C", "POPCNT"},
			[]string{"the CPU or the operating system lacks AVX512VBMI2, the mark of CPUs that AVX-512 does not slow down",
				"the best that runs here", "avx2 is better", "avx2 is better"}},
		{"Sandy Bridge", "sse2", "", []string{"sse2", "generic"}, []string{"AVX", "SSE", "SSE2"},
			[]string{"the CPU or the operating system lacks AVX2, AVX512F, AVX512BW, AVX512DQ, F16C, POPCNT, AVX512VBMI2",
				"the CPU or the operating system lacks AVX2, F16C", "the best that runs here", "sse2 is better"}},
		{"purego", "generic", "", []string{"generic"}, append([]string{"SSE", "SSE2"}, all[0].features...),
			[]string{"this build leaves it out (purego, -msan or -asan)", "this build leaves it out (purego, -msan or -asan)",
				"this build leaves it out (purego, -msan or -asan)", "the best that runs here"}},
	} {
		kernels := judge(all, c.running, c.chosen, c.asked, func(name string) bool { return slices.Contains(c.features, name) })
		var why []string
		for _, k := range kernels {
			why = append(why, k.Why)
			if k.Runs != slices.Contains(c.running, k.Name) || k.Chosen != (k.Name == c.chosen) {
				t.Errorf("%s: %+v", c.name, k)
			}
		}
		if !slices.Equal(why, c.why) {
			t.Errorf("%s:\n%q, want\n%q", c.name, why, c.why)
		}
	}
}

// TestFeaturesAreKnown holds that cpuid has each feature of the CPUs that it
// knows: it says of any other that it is not there.
func TestFeaturesAreKnown(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		for _, k := range needs[arch] {
			for _, name := range k.features {
				if cpuid.ParseFeature(name) == cpuid.UNKNOWN {
					t.Errorf("%s needs %s, which is no feature", k.kernel, name)
				}
			}
		}
	}
}

// TestNeeds holds the features named here against those the package asks for.
func TestNeeds(t *testing.T) {
	source := func(path string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	table := source("../../needs_amd64.go")
	id := regexp.MustCompile(`cpuid\.(\w+)`)
	for _, k := range needs["amd64"] {
		row := regexp.MustCompile(`\b` + k.kernel + `:\s*\{([^}]*)\}`).FindStringSubmatch(table)
		if row == nil {
			t.Fatalf("the package has no features for %s", k.kernel)
		}
		want := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(row[1], -1) {
			want[m[1]] = true
		}
		if k.kernel == "avx512" {
			guard := regexp.MustCompile(`k == avx512 && !cpuid\.CPU\.Has\(cpuid\.(\w+)\)`).FindStringSubmatch(source("../../dispatch_amd64.go"))
			if guard == nil {
				t.Fatal("the package has no guard for avx512")
			}
			want[guard[1]] = true
		}
		if len(want) != len(k.features) {
			t.Errorf("%s: %v are named here, %v there", k.kernel, k.features, want)
		}
		for _, f := range k.features {
			if !want[f] {
				t.Errorf("%s: the package does not ask for %s", k.kernel, f)
			}
			if cpuid.ParseFeature(f) == cpuid.UNKNOWN {
				t.Errorf("cpuid does not know %s", f)
			}
		}
	}
	for _, goarch := range []string{"loong64", "ppc64le", "riscv64", "s390x"} {
		var named, asked []string
		for _, k := range needs[goarch] {
			named = append(named, k.features...)
		}
		for _, m := range regexp.MustCompile(`cpu\.\w+\.Has(\w+)`).FindAllStringSubmatch(source("../../dispatch_"+goarch+".go"), -1) {
			asked = append(asked, m[1])
		}
		if !slices.Equal(named, asked) {
			t.Errorf("%s: %v are named here, %v there", goarch, named, asked)
		}
	}
}
