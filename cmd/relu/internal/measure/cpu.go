package measure

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/benchfile"
)

// DescribeCPU sets the name of this CPU and the sizes of its caches: what the
// CPU itself says, or else what the operating system does.
func DescribeCPU(h *benchfile.Host) {
	c := &cpuid.CPU
	h.CPU = strings.TrimSpace(c.BrandName)
	if all, err := cpu.Info(); h.CPU == "" && err == nil && len(all) > 0 {
		h.CPU = strings.TrimSpace(all[0].ModelName)
	}
	h.CPU = fullName(cmp.Or(h.CPU, c.VendorString, "unknown"), c.Family, c.Model)
	h.L1Data, h.L2, h.L3 = max(0, c.Cache.L1D), max(0, c.Cache.L2), max(0, c.Cache.L3)
	if h.L1Data == 0 {
		h.L1Data, h.L2, h.L3 = systemCaches(os.DirFS("/sys"))
	}
}

// fullName tells CPUs apart whose host leaves the model out of the name that
// its guests see.
func fullName(name string, family, model int) string {
	if family == 0 || strings.ContainsAny(name, "0123456789") {
		return name
	}
	return fmt.Sprintf("%s (family %d model %d)", name, family, model)
}

// systemCaches are the sizes in bytes of the first CPU's caches for data, by
// Linux's /sys.
func systemCaches(sys fs.FS) (l1, l2, l3 int) {
	indices, err := fs.Glob(sys, "devices/system/cpu/cpu0/cache/index*")
	if err != nil {
		panic(err) // the pattern is one of this file
	}
	for _, index := range indices {
		value := func(name string) string {
			b, _ := fs.ReadFile(sys, path.Join(index, name))
			return strings.TrimSpace(string(b))
		}
		kib, err := strconv.Atoi(strings.TrimSuffix(value("size"), "K"))
		if err != nil || value("type") == "Instruction" {
			continue
		}
		switch value("level") {
		case "1":
			l1 = kib << 10
		case "2":
			l2 = kib << 10
		case "3":
			l3 = kib << 10
		}
	}
	return l1, l2, l3
}

// FreeMemory is how many bytes programs can have without swapping; more than
// any length needs where that is unknown.
func FreeMemory() uint64 {
	m, err := mem.VirtualMemory()
	if err != nil {
		return 1 << 40
	}
	return m.Available
}
