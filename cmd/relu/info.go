package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/klauspost/cpuid/v2"
	"github.com/seed88f7e06c/relu"
	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"
)

// needs are the features that the package asks of a CPU for each kernel, the
// kernel that is best on most CPUs first, by GOARCH. AVX512VBMI2 is asked for as a mark.
var needs = map[string][]kernelNeeds{
	"amd64": {
		{"avx512", []string{"AVX", "AVX2", "AVX512F", "AVX512BW", "AVX512DQ", "F16C", "POPCNT", "AVX512VBMI2"}},
		{"avx2", []string{"AVX", "AVX2", "F16C"}},
		{"sse2", []string{"SSE", "SSE2"}},
	},
	"arm64":   {{"neon", []string{"ASIMD"}}},
	"loong64": {{"lasx", []string{"LASX"}}, {"lsx", []string{"LSX"}}},
	"ppc64le": {{"vsx", nil}},
	"riscv64": {{"rvv", []string{"V"}}},
	"s390x":   {{"vx", []string{"VX", "VXE"}}},
}

type kernelNeeds struct {
	kernel   string
	features []string
}

// has tells whether the CPU and the operating system support a feature.
func has(feature string) bool {
	switch feature {
	case "LASX":
		return cpu.Loong64.HasLASX
	case "LSX":
		return cpu.Loong64.HasLSX
	case "V":
		return cpu.RISCV64.HasV
	case "VX":
		return cpu.S390X.HasVX
	case "VXE":
		return cpu.S390X.HasVXE
	}
	return cpuid.CPU.Has(cpuid.ParseFeature(feature))
}

// hostInfo is what relu info tells.
type hostInfo struct {
	CPU         cpuInfo      `json:"cpu"`
	Caches      cacheInfo    `json:"caches_bytes"`
	Features    []feature    `json:"features"`
	Kernels     []kernelInfo `json:"kernels"`
	Kernel      string       `json:"kernel"`
	ReluKernel  string       `json:"RELU_KERNEL"`
	GOMAXPROCS  int          `json:"GOMAXPROCS"`
	ReluVersion string       `json:"relu_version"`
	ToolVersion string       `json:"command_version"`
	GoVersion   string       `json:"go_version"`
	GOOS        string       `json:"GOOS"`
	GOARCH      string       `json:"GOARCH"`
}

type cpuInfo struct {
	Name          string `json:"name"`
	Vendor        string `json:"vendor"`
	Family        int    `json:"family"`
	Model         int    `json:"model"`
	Stepping      int    `json:"stepping"`
	PhysicalCores int    `json:"physical_cores"` // 0 if unknown, as below
	LogicalCores  int    `json:"logical_cores"`
}

// cacheInfo is in bytes, 0 where unknown.
type cacheInfo struct {
	L1Data int `json:"l1_data"`
	L2     int `json:"l2"`
	L3     int `json:"l3"`
	Line   int `json:"line"`
}

type feature struct {
	Name string `json:"name"`
	Here bool   `json:"here"` // by the operating system's word too
}

type kernelInfo struct {
	Name   string   `json:"name"`
	Runs   bool     `json:"runs"`
	Chosen bool     `json:"chosen"`
	Lacks  []string `json:"lacks"`
	Why    string   `json:"why"`
}

func newInfoCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Tell what this CPU can run, and what is chosen",
		Long: `Tell the CPU, those of its features that matter, its caches, the kernels that it
can run, which of them is chosen and why no better one.

The environment variable RELU_KERNEL chooses another of the kernels that run.`,
		Example: `  relu info
  relu info --json
  RELU_KERNEL=generic relu info`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "tell it in JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		info := inspect()
		if !asJSON {
			return info.print(cmd.OutOrStdout())
		}
		e := json.NewEncoder(cmd.OutOrStdout())
		e.SetIndent("", "  ")
		return e.Encode(info)
	}
	return cmd
}

func inspect() hostInfo {
	c := &cpuid.CPU
	asked := os.Getenv("RELU_KERNEL")
	info := hostInfo{
		CPU: cpuInfo{
			Name: strings.TrimSpace(c.BrandName), Vendor: c.VendorString,
			Family: c.Family, Model: c.Model, Stepping: c.Stepping,
			PhysicalCores: c.PhysicalCores, LogicalCores: c.LogicalCores,
		},
		Caches:      cacheInfo{max(0, c.Cache.L1D), max(0, c.Cache.L2), max(0, c.Cache.L3), c.CacheLine},
		Features:    []feature{},
		Kernels:     judge(needs[runtime.GOARCH], relu.Kernels(), relu.Kernel(), asked, has),
		Kernel:      relu.Kernel(),
		ReluKernel:  asked,
		GOMAXPROCS:  runtime.GOMAXPROCS(0),
		ReluVersion: moduleVersion("github.com/seed88f7e06c/relu"),
		ToolVersion: version(),
		GoVersion:   runtime.Version(),
		GOOS:        runtime.GOOS,
		GOARCH:      runtime.GOARCH,
	}
	// From the plainest kernel's to the best one's.
	for _, k := range slices.Backward(needs[runtime.GOARCH]) {
		for _, name := range k.features {
			if f := (feature{name, has(name)}); !slices.Contains(info.Features, f) {
				info.Features = append(info.Features, f)
			}
		}
	}
	return info
}

// judge says of each kernel of an architecture whether it runs, whether it is
// chosen, and why or why not. asked is RELU_KERNEL.
func judge(all []kernelNeeds, running []string, chosen, asked string, has func(feature string) bool) []kernelInfo {
	var kernels []kernelInfo
	passed := false // the chosen one is a better one
	all = append(slices.Clone(all), kernelNeeds{kernel: "generic"})
	// Those that do not run come first, then the others from the best.
	slices.SortStableFunc(all, func(a, b kernelNeeds) int {
		return slices.Index(running, a.kernel) - slices.Index(running, b.kernel)
	})
	for _, k := range all {
		info := kernelInfo{Name: k.kernel, Runs: slices.Contains(running, k.kernel), Chosen: k.kernel == chosen, Lacks: []string{}}
		if !info.Runs {
			for _, name := range k.features {
				if !has(name) {
					info.Lacks = append(info.Lacks, name)
				}
			}
		}
		switch {
		case info.Chosen && asked == chosen:
			info.Why = "RELU_KERNEL asks for it"
		case info.Chosen:
			info.Why = "the best that runs here"
		case info.Runs && passed:
			info.Why = chosen + " is better"
		case info.Runs:
			info.Why = "RELU_KERNEL asks for " + chosen
		case len(info.Lacks) > 0:
			info.Why = "the CPU or the operating system lacks " + strings.Join(info.Lacks, ", ")
			if slices.Equal(info.Lacks, []string{"AVX512VBMI2"}) {
				info.Why += ", the mark of CPUs that AVX-512 does not slow down"
			}
		default:
			info.Why = "this build leaves it out (purego, -msan or -asan)"
		}
		passed = passed || info.Chosen
		kernels = append(kernels, info)
	}
	return kernels
}

func (info hostInfo) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, name+"\t"+format+"\n", args...) }

	row("CPU", "%s", cmp.Or(info.CPU.Name, info.CPU.Vendor, "unknown"))
	row("cores", "%s physical, %s logical, GOMAXPROCS %d", count(info.CPU.PhysicalCores), count(info.CPU.LogicalCores), info.GOMAXPROCS)
	row("caches", "L1 data %s, L2 %s, L3 %s, line %s", size(info.Caches.L1Data), size(info.Caches.L2), size(info.Caches.L3), size(info.Caches.Line))
	var here, absent []string
	for _, f := range info.Features {
		if f.Here {
			here = append(here, f.Name)
		} else {
			absent = append(absent, f.Name)
		}
	}
	row("features", "%s", cmp.Or(strings.Join(here, " "), "none that matters"))
	if absent != nil {
		row("not here", "%s", strings.Join(absent, " "))
	}
	for _, k := range info.Kernels {
		state := "does not run"
		switch {
		case k.Chosen:
			state = "chosen"
		case k.Runs:
			state = "runs"
		}
		row("kernel", "%s\t%s: %s", k.Name, state, k.Why)
	}
	row("versions", "relu %s, command %s, %s %s/%s", info.ReluVersion, info.ToolVersion, info.GoVersion, info.GOOS, info.GOARCH)
	return t.Flush()
}

// count is a number that is 0 if unknown.
func count(n int) string {
	if n == 0 {
		return "?"
	}
	return fmt.Sprint(n)
}

// size is a number of bytes that is 0 if unknown.
func size(n int) string {
	switch {
	case n == 0:
		return "?"
	case n%(1<<20) == 0:
		return fmt.Sprint(n>>20, " MiB")
	case n%(1<<10) == 0:
		return fmt.Sprint(n>>10, " KiB")
	}
	return fmt.Sprint(n, " B")
}

// moduleVersion is the version of a module in this command, (devel) if it was
// built from a checkout of it.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	for _, dep := range info.Deps {
		if dep.Path == path {
			if dep.Replace != nil {
				dep = dep.Replace
			}
			return cmp.Or(dep.Version, "(devel)")
		}
	}
	return "(unknown)"
}
