package main

import (
	"encoding/binary"
	"os/exec"
	"strings"
	"testing"
)

const twoKernels = `
// func preluGradFloat32NEON(dst *float32, sums *float64, grad *float32, x *float32, slopes *float32, rows int, stride int)
TEXT ·preluGradFloat32NEON(SB), NOSPLIT, $0-56

loop:
	SUB  $1, R6, R6
	CBNZ R6, loop
	RET

// func addFloat32NEON(dst *float32, a *float32, b *float32, n int)
TEXT ·addFloat32NEON(SB), NOSPLIT, $0-32
	SUB     $1, R6, R6
	BLT     rest

loop:
	FLDPQ (R1), (F1, F2)
	ADD   $128, R0, R0
	SUBS  $128, R6, R6
	BGE   loop

rest:
	SUB $64, R6, R6
	RET
`

func TestLoopIsFoundByItsLabel(t *testing.T) {
	loops, err := labelled("f.s", twoKernels, arches[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(loops) != 1 {
		t.Fatalf("%d loops: %+v", len(loops), loops)
	}
	l := loops[0]
	if l.kernel != "addFloat32NEON" || l.isa != "NEON" || l.sources != 2 || l.bytes != 128 || l.span != (span{"f.s", 16, 19}) {
		t.Errorf("%+v", l)
	}
}

func TestKernelWithoutALoopIsAnError(t *testing.T) {
	unending := strings.Replace(twoKernels, "BGE ", "BHI ", 1)
	for _, c := range []struct{ source, message string }{
		{unending, "addFloat32NEON has no main loop"},
		{unending + twoKernels, "addFloat32NEON has no main loop"},
		{strings.Replace(twoKernels, "ADD   $128", "SUB   $128", 1), "addFloat32NEON does not move its pointers"},
		{strings.Replace(twoKernels, "addFloat32NEON", "addFloat32SVE", 1), "addFloat32SVE is of no known instruction set"},
	} {
		if _, err := labelled("f.s", c.source, arches[0]); err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("want %q, got %v", c.message, err)
		}
	}
}

// TestCodeIsTheLoop decodes the jump that ends each loop: it must lead to the
// loop's first byte.
func TestCodeIsTheLoop(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test binary for each architecture")
	}
	for _, a := range arches {
		loops, err := mainLoops(a)
		if err != nil {
			t.Fatal(err)
		}
		copies := 0
		for _, l := range loops {
			if isCopy(l) {
				copies++
			}
			jump := l.code[len(l.code)-4:]
			back := int(int32(binary.LittleEndian.Uint32(jump))) // JGE rel32
			switch {
			case a.name == "arm64": // B.GE imm19
				word := binary.LittleEndian.Uint32(jump)
				if word&0xff00001f != 0x5400000a {
					t.Errorf("%s ends in %#08x", l.kernel, word)
				}
				back = int(int32(word<<8)>>13)*4 - 4
			case a.name == "riscv64": // BNE, whose offset is scattered
				word := int(int32(binary.LittleEndian.Uint32(jump)))
				if word&0x707f != 0x1063 {
					t.Errorf("%s ends in %#08x", l.kernel, uint32(word))
				}
				back = word>>31<<12 | word>>7&1<<11 | word>>25&0x3f<<5 | word>>8&0xf<<1 - 4
			case a.name == "ppc64le": // bge bd
				word := binary.LittleEndian.Uint32(jump)
				if word>>16 != 0x4080 {
					t.Errorf("%s ends in %#08x", l.kernel, word)
				}
				back = int(int16(word)) - 4
			case a.name == "s390x": // jhe ri2
				word := binary.BigEndian.Uint32(jump)
				if word>>16 != 0xa7a4 {
					t.Errorf("%s ends in %#08x", l.kernel, word)
				}
				back = 2*int(int16(word)) - 4
			case jump[2] == 0x7d: // JGE rel8
				back = int(int8(jump[3]))
			}
			if back != -len(l.code) {
				t.Errorf("%s has %d bytes and jumps by %d", l.kernel, len(l.code), back)
			}
		}
		if copies != 2*len(a.isas) || len(loops) < 10*copies {
			t.Errorf("%s: %d loops, %d of them copies", a.name, len(loops), copies)
		}
	}
}

const report = `{"CodeRegions": [{
	"Name": "copyNEON",
	"Instructions": ["ldp\tq1, q2, [x1]"],
	"SummaryView": {"BlockRThroughput": 2, "Instructions": 200, "Iterations": 100, "TotalCycles": 412}
}]}`

func TestReportIsRead(t *testing.T) {
	cycles, err := cyclesIn(report)
	if err != nil || len(cycles) != 1 || cycles["copyNEON"] != 4.12 {
		t.Errorf("%v, %v", cycles, err)
	}
	for _, broken := range []string{"", strings.Replace(report, "TotalCycles", "Total", 1)} {
		if cycles, err := cyclesIn(broken); err == nil {
			t.Errorf("%q: %v", broken, cycles)
		}
	}
}

// TestSimulation simulates a load and a store. On neoverse-n1 they take three
// places of two pipes, on skylake there is one store a cycle.
func TestSimulation(t *testing.T) {
	if _, err := exec.LookPath(simulator); err != nil {
		t.Skipf("%s is not installed", simulator)
	}
	for _, c := range []struct {
		arch   arch
		cpu    string
		code   []byte
		text   string
		cycles float64
	}{
		// ldr q0, [x1]; str q0, [x0]; b.ge
		{arches[0], "neoverse-n1", []byte{0x20, 0, 0xc0, 0x3d, 0, 0, 0x80, 0x3d, 0xca, 0xff, 0xff, 0x54}, "q0, [x1]", 1.5},
		// vmovdqu ymm0, [rcx]; vmovdqu [rax], ymm0; jge
		{arches[1], "skylake", []byte{0xc5, 0xfe, 0x6f, 0x01, 0xc5, 0xfe, 0x7f, 0x00, 0x7d, 0xf6}, "(%rcx), %ymm0", 1},
	} {
		text, err := disassemble(c.code, c.arch)
		if err != nil || strings.Count(text, "\n") != 3 || !strings.Contains(text, c.text) {
			t.Errorf("%s: %q, %v", c.cpu, text, err)
			continue
		}
		cycles, err := simulate(c.cpu, c.arch, []loop{{kernel: "k"}}, map[string]string{"k": text})
		if err != nil || cycles["k"] < c.cycles || cycles["k"] > 1.05*c.cycles {
			t.Errorf("%s: %v, %v", c.cpu, cycles, err)
		}
	}
}

func TestVerdict(t *testing.T) {
	a := arch{name: "arm64", limit: 1.25, cpus: []cpu{{name: "in", limited: true}, {name: "out"}}}
	at := func(kernel string, in, out float64) row {
		return row{loop: loop{kernel: kernel}, cycles: map[string]float64{"in": 2 * in, "out": 2 * out}, ratios: map[string]float64{"in": in, "out": out}}
	}
	rows := []row{at("copyNEON", 1, 1), at("reluInt8NEON", 1.25, 9), at("reluInt64NEON", 1.26, 1), at("addFloat32NEON", 3, 1)}
	var out strings.Builder
	table(&out, a, rows)
	if broken := verdict(&out, a, rows); broken != 1 {
		t.Errorf("%d broken", broken)
	}
	const want = `cycles/64B (ratio)  in           out           worst
copyNEON            2.00 (1.00)  2.00 (1.00)   1.00
reluInt8NEON        2.50 (1.25)  18.00 (9.00)  1.25
reluInt64NEON       2.52 (1.26)  2.00 (1.00)   1.26 on in: over 1.25
addFloat32NEON      6.00 (3.00)  2.00 (1.00)   3.00 on in: over 1.25
arm64: at most 1.25 times the copy on in: 1 of 2 rectifiers, 0 of 1 other kernels
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
