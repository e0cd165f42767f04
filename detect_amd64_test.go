//go:build !amd64.v3 && !purego && !msan && !asan

package relu

import (
	"slices"
	"testing"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/klauspost/cpuid/v2"
)

// What package cpuid asks the CPU by.
//
//go:linkname asksLeaf github.com/klauspost/cpuid/v2.cpuid
var asksLeaf func(leaf uint32) (a, b, c, d uint32)

//go:linkname asksSubleaf github.com/klauspost/cpuid/v2.cpuidex
var asksSubleaf func(leaf, sub uint32) (a, b, c, d uint32)

//go:linkname asksState github.com/klauspost/cpuid/v2.xgetbv
var asksState func(index uint32) (a, d uint32)

type leaf struct{ number, sub uint32 }

// answers are what a CPU, or the hypervisor before it, says. Leaves that are not
// there are 0.
type answers struct {
	leaves map[leaf][4]uint32
	xcr0   uint32 // the registers whose state the operating system keeps
}

// found makes cpuid detect a CPU that gives the answers, and returns what detect
// makes of that.
func (a answers) found() []kernel {
	realLeaf, realSubleaf, realState := asksLeaf, asksSubleaf, asksState
	defer func() {
		asksLeaf, asksSubleaf, asksState = realLeaf, realSubleaf, realState
		cpuid.Detect()
	}()
	deadline := time.Now().Add(20 * time.Second)
	asksSubleaf = func(number, sub uint32) (uint32, uint32, uint32, uint32) {
		if time.Now().After(deadline) {
			panic("cpuid asks without end")
		}
		r, ok := a.leaves[leaf{number, sub}]
		if !ok && sub != 0 {
			r = a.leaves[leaf{number, everySub}]
		}
		return r[0], r[1], r[2], r[3]
	}
	asksLeaf = func(number uint32) (uint32, uint32, uint32, uint32) { return asksSubleaf(number, 0) }
	asksState = func(uint32) (uint32, uint32) { return a.xcr0, 0 }
	cpuid.Detect()
	return detect()
}

// everySub is what subleaves say that are not there by number.
const everySub = ^uint32(0)

// Features by leaf and register, and states of XCR0.
const (
	sse          = 3 << 25 // leaf 1, d
	popcnt       = 1 << 23 // leaf 1, c
	xsave        = 3 << 26 // of the CPU, and in use by the operating system
	avx          = 1 << 28
	f16c         = 1 << 29
	avx2Bit      = 1 << 5 // leaf 7, b
	avx512f      = 1 << 16
	avx512dq     = 1 << 17
	avx512bw     = 1 << 30
	avx512vl     = 1 << 31
	vbmi2        = 1 << 6 // leaf 7, c
	topology     = 1 << 22
	xmmState     = 1 << 1
	ymmState     = 1 << 2
	zmmState     = 7 << 5
	everyState   = xmmState | ymmState | zmmState
	hyperthreads = 1 << 28
)

func cpu(vendor string, family uint32) answers {
	four := func(s string) uint32 {
		return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
	}
	return answers{xcr0: everyState, leaves: map[leaf][4]uint32{
		{0, 0}:          {0x1F, four(vendor[0:]), four(vendor[8:]), four(vendor[4:])},
		{1, 0}:          {min(family, 15)<<8 | (family-min(family, 15))<<20, 0, popcnt | xsave | avx | f16c, sse},
		{7, 0}:          {0, avx2Bit | avx512f | avx512dq | avx512bw | avx512vl, vbmi2, 0},
		{0x80000000, 0}: {0x80000020, 0, 0, 0},
	}}
}

// without takes features from a register of a leaf.
func (a answers) without(number uint32, register int, features uint32) answers {
	a.leaves[leaf{number, 0}] = func(r [4]uint32) [4]uint32 { r[register] &^= features; return r }(a.leaves[leaf{number, 0}])
	return a
}

func (a answers) with(number, sub uint32, r ...uint32) answers {
	a.leaves[leaf{number, sub}] = [4]uint32(r)
	return a
}

func (a answers) keeping(xcr0 uint32) answers {
	a.xcr0 = xcr0
	return a
}

const intel, amd = "GenuineIntel", "AuthenticAMD"

// TestMadeUpCPUs has CPUs that lack one feature each, features whose registers the
// operating system does not keep, and two hypervisors that make trouble: Xen gives
// all subleaves of an AMD's caches the same answer, which cpuid before v2.0.14 went
// through four billion times (klauspost/cpuid#103), and one with fewer CPUs than its
// processor has cores gives cpuid before v2.2.11 a division by zero
// (klauspost/cpuid#3 and #161).
func TestMadeUpCPUs(t *testing.T) {
	all, upTo256, upTo128 := []kernel{avx512, avx2, sse2, generic}, []kernel{avx2, sse2, generic}, []kernel{sse2, generic}
	for name, test := range map[string]struct {
		answers
		want []kernel
	}{
		"all":              {cpu(intel, 6), all},
		"Zen 4":            {cpu(amd, 0x19), []kernel{avx2, avx512, sse2, generic}},
		"Zen 5":            {cpu(amd, 0x1A), all},
		"another vendor":   {cpu("  Shanghai  ", 7), all},
		"no VBMI2":         {cpu(intel, 6).without(7, 2, vbmi2), upTo256},
		"no AVX512F":       {cpu(intel, 6).without(7, 1, avx512f), upTo256},
		"no AVX512DQ":      {cpu(intel, 6).without(7, 1, avx512dq), upTo256},
		"no AVX512BW":      {cpu(intel, 6).without(7, 1, avx512bw), upTo256},
		"no POPCNT":        {cpu(intel, 6).without(1, 2, popcnt), upTo256},
		"no AVX2":          {cpu(intel, 6).without(7, 1, avx2Bit), upTo128},
		"no AVX":           {cpu(intel, 6).without(1, 2, avx), upTo128},
		"no F16C":          {cpu(intel, 6).without(1, 2, f16c), upTo128},
		"no XSAVE":         {cpu(intel, 6).without(1, 2, xsave), upTo128},
		"XSAVE not in use": {cpu(intel, 6).without(1, 2, 1<<27), upTo128},
		"no state":         {cpu(intel, 6).keeping(0), upTo128},
		"no state of YMM":  {cpu(intel, 6).keeping(everyState &^ ymmState), upTo128},
		"no state of XMM":  {cpu(intel, 6).keeping(everyState &^ xmmState), upTo128},
		"no state of ZMM":  {cpu(intel, 6).keeping(xmmState | ymmState), upTo256},
		"no masks' state":  {cpu(intel, 6).keeping(everyState &^ (1 << 5)), upTo256},
		"no upper halves":  {cpu(intel, 6).keeping(everyState &^ (1 << 6)), upTo256},
		"no upper ZMM":     {cpu(intel, 6).keeping(everyState &^ (1 << 7)), upTo256},
		"no features":      {answers{}, []kernel{generic}},
		"no leaf 7":        {cpu(intel, 6).with(0, 0, 1, 0x756E6547, 0x6C65746E, 0x49656E69), upTo128},
		"Xen on AMD":       {cpu(amd, 0x19).with(0x80000001, 0, 0, 0, topology, 0).with(0x8000001D, 0, 0x121, 0x1C0003F, 63, 0).with(0x8000001D, everySub, 0x121, 0x1C0003F, 63, 0), []kernel{avx2, avx512, sse2, generic}},
		"fewer than cores": {cpu(intel, 6).with(0, 0, 0xA, 0x756E6547, 0x6C65746E, 0x49656E69).with(1, 0, 0x10676, 2<<16, 0, sse|hyperthreads).with(4, 0, 3<<26, 0, 0, 0), upTo128},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.found(); !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
	if got := detect(); !slices.Equal(got, available) {
		t.Errorf("afterwards %v is found, want %v", got, available)
	}
}
