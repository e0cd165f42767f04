package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// The tools are those of Debian's package llvm-19: other versions have other
// models of the same CPUs.
const (
	llvmPackage  = "llvm-19"
	disassembler = "llvm-mc-19"
	simulator    = "llvm-mca-19"
)

// iterations of each loop, so many that filling the pipeline weighs little: in
// 100, the copy on neoverse-v2 takes 1.07 times the cycles of an iteration in
// 1000.
const iterations = 500

// haveLLVM installs the tools when they are missing and this user may.
func haveLLVM() error {
	_, err := exec.LookPath(simulator)
	if err == nil {
		return nil
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("%s is missing: as root, apt-get install %s", simulator, llvmPackage)
	}
	for _, args := range [][]string{{"update"}, {"install", "-y", "--no-install-recommends", llvmPackage}} {
		if _, err := output(exec.Command("apt-get", args...), ""); err != nil {
			return fmt.Errorf("%s is missing and could not be installed: %w", simulator, err)
		}
	}
	return nil
}

// output runs a command and gives what it prints.
func output(cmd *exec.Cmd, input string) (string, error) {
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}

// disassemble writes machine code as the assembly that llvm-mca reads.
func disassemble(code []byte, a arch) (string, error) {
	var hex strings.Builder
	for _, b := range code {
		fmt.Fprintf(&hex, "%#02x ", b)
	}
	text, err := output(exec.Command(disassembler, "--disassemble", "-triple="+a.triple, "-mattr="+a.features), hex.String())
	return strings.Replace(text, "\t.text\n", "", 1), err
}

// simulate gives the cycles that an iteration of each loop takes on a CPU.
func simulate(cpu string, a arch, loops []loop, assembly map[string]string) (map[string]float64, error) {
	var input strings.Builder
	for _, l := range loops {
		fmt.Fprintf(&input, "# LLVM-MCA-BEGIN %s\n%s# LLVM-MCA-END\n", l.kernel, assembly[l.kernel])
	}
	report, err := output(exec.Command(simulator, "-mtriple="+a.triple, "-mcpu="+cpu, "-json",
		fmt.Sprintf("-iterations=%d", iterations), "-noalias", "-instruction-info=false", "-resource-pressure=false"), input.String())
	if err != nil {
		return nil, err
	}
	cycles, err := cyclesIn(report)
	if err == nil && len(cycles) != len(loops) {
		err = fmt.Errorf("%s reported %d loops of %d on %s", simulator, len(cycles), len(loops), cpu)
	}
	return cycles, err
}

// cyclesIn reads llvm-mca's report: for each region by its name, the cycles of
// an iteration.
func cyclesIn(report string) (map[string]float64, error) {
	var r struct {
		CodeRegions []struct {
			Name        string
			SummaryView struct{ Iterations, TotalCycles int }
		}
	}
	if err := json.Unmarshal([]byte(report), &r); err != nil {
		return nil, fmt.Errorf("%s's report: %w", simulator, err)
	}
	cycles := map[string]float64{}
	for _, region := range r.CodeRegions {
		s := region.SummaryView
		if s.Iterations == 0 || s.TotalCycles == 0 {
			return nil, fmt.Errorf("%s's report has no cycles for %s", simulator, region.Name)
		}
		cycles[region.Name] = float64(s.TotalCycles) / float64(s.Iterations)
	}
	return cycles, nil
}
