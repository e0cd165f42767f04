package measure

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/klauspost/cpuid/v2"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

func files(contents map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for name, text := range contents {
		fs[name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	return fs
}

func TestSpoilers(t *testing.T) {
	quiet := conditions{cpus: 8, load: 0.4, executable: "relu", sys: files(map[string]string{
		"devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance",
		"class/power_supply/AC/online":                     "1",
		"class/power_supply/BAT0/status":                   "Charging",
	})}
	with := func(change func(*conditions)) conditions {
		c := quiet
		change(&c)
		return c
	}
	for _, c := range []struct {
		conditions
		want []string
	}{
		{quiet, nil},
		{with(func(c *conditions) { c.load = 2.5 }), []string{"the machine is busy: load average 2.5 on 8 CPUs"}},
		{with(func(c *conditions) { c.hypervisor, c.vendor = true, cpuid.KVM }), []string{"this is a virtual machine (KVM), whose host may be busy"}},
		{with(func(c *conditions) { c.hypervisor = true }), []string{"this is a virtual machine, whose host may be busy"}},
		{with(func(c *conditions) { c.hypervisor, c.vendor = true, cpuid.QEMU }), []string{"the CPU is emulated by qemu: the figures say nothing about any CPU"}},
		{with(func(c *conditions) { c.executable = "qemu-aarch64-static" }), []string{"the CPU is emulated by qemu: the figures say nothing about any CPU"}},
		{with(func(c *conditions) {
			c.sys = files(map[string]string{
				"devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave",
				"devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave",
				"class/power_supply/BAT0/status":                   "Discharging",
			})
		}), []string{"the frequency governor is powersave, not performance", "the machine runs on its battery"}},
		{with(func(c *conditions) { c.sys = files(nil) }), nil},
	} {
		if got := spoilers(c.conditions); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestSystemCaches(t *testing.T) {
	index := "devices/system/cpu/cpu0/cache/index"
	l1, l2, l3 := systemCaches(files(map[string]string{
		index + "0/level": "1", index + "0/type": "Data", index + "0/size": "64K",
		index + "1/level": "1", index + "1/type": "Instruction", index + "1/size": "32K",
		index + "2/level": "2", index + "2/type": "Unified", index + "2/size": "1024K",
		index + "3/level": "3", index + "3/type": "Unified", index + "3/size": "32768K",
	}))
	if l1 != 64<<10 || l2 != 1<<20 || l3 != 32<<20 {
		t.Errorf("L1 %d, L2 %d, L3 %d", l1, l2, l3)
	}
	if l1, l2, l3 := systemCaches(files(nil)); l1 != 0 || l2 != 0 || l3 != 0 {
		t.Errorf("of a system that tells nothing: L1 %d, L2 %d, L3 %d", l1, l2, l3)
	}
}

func TestFullName(t *testing.T) {
	for _, c := range []struct {
		name          string
		family, model int
		want          string
	}{
		{"AMD EPYC", 25, 17, "AMD EPYC (family 25 model 17)"},
		{"AMD EPYC 9654", 25, 17, "AMD EPYC 9654"},
		{"unknown", 0, 0, "unknown"},
	} {
		if got := fullName(c.name, c.family, c.model); got != c.want {
			t.Errorf("%q of family %d model %d is %q, want %q", c.name, c.family, c.model, got, c.want)
		}
	}
}

func TestDescribeCPU(t *testing.T) {
	var h benchfile.Host
	DescribeCPU(&h)
	if h.CPU == "" || h.L1Data < 0 || h.L2 < 0 || h.L3 < 0 {
		t.Errorf("%+v", h)
	}
	if FreeMemory() < 1<<20 {
		t.Errorf("%d bytes are free", FreeMemory())
	}
}
