package measure

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/shirou/gopsutil/v4/load"
)

// Spoilers are the conditions on this machine that spoil figures, one sentence
// each.
func Spoilers() []string {
	average := 0.0
	if l, err := load.Avg(); err == nil {
		average = l.Load1
	}
	// An emulator that runs one program passes this on from the system below.
	executable, _ := os.Readlink("/proc/thread-self/exe")
	return spoilers(conditions{
		load:       average,
		cpus:       runtime.NumCPU(),
		sys:        os.DirFS("/sys"),
		hypervisor: cpuid.CPU.Has(cpuid.HYPERVISOR),
		vendor:     cpuid.CPU.HypervisorVendorID,
		executable: filepath.Base(executable),
	})
}

type conditions struct {
	load       float64 // the number of programs that ran in the last minute
	cpus       int
	sys        fs.FS        // Linux's /sys
	hypervisor bool         // by the CPU's word
	vendor     cpuid.Vendor // of the hypervisor
	executable string       // of this process, by the system's word
}

// busyShare of the CPUs at work is enough to take away memory bandwidth.
const busyShare = 0.25

func spoilers(c conditions) []string {
	var found []string
	warn := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }

	if c.load > busyShare*float64(c.cpus) {
		warn("the machine is busy: load average %.1f on %d CPUs", c.load, c.cpus)
	}
	switch {
	case c.vendor == cpuid.QEMU || strings.HasPrefix(c.executable, "qemu-"):
		warn("the CPU is emulated by qemu: the figures say nothing about any CPU")
	case c.hypervisor && c.vendor != cpuid.VendorUnknown:
		warn("this is a virtual machine (%v), whose host may be busy", c.vendor)
	case c.hypervisor:
		warn("this is a virtual machine, whose host may be busy")
	}
	for _, governor := range values(c.sys, "devices/system/cpu/cpu*/cpufreq/scaling_governor") {
		if governor != "performance" {
			warn("the frequency governor is %s, not performance", governor)
		}
	}
	if slices.Contains(values(c.sys, "class/power_supply/*/status"), "Discharging") {
		warn("the machine runs on its battery")
	}
	return found
}

// values are the different contents of the files that a pattern matches.
func values(sys fs.FS, pattern string) []string {
	names, err := fs.Glob(sys, pattern)
	if err != nil {
		panic(err) // the pattern is one of this file
	}
	var all []string
	for _, name := range names {
		if b, err := fs.ReadFile(sys, path.Clean(name)); err == nil {
			all = append(all, strings.TrimSpace(string(b)))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
