//go:build unix

package measure

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// disturbances counts how often the system has taken the CPU away from this
// process, and for how long, in its ticks, the host has from this machine, as
// far as they tell.
func disturbances() (count uint64) {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil {
		count = uint64(usage.Nivcsw)
	}
	stat, _ := os.ReadFile("/proc/stat")
	return count + stolen(stat)
}

// stolen is the time that Linux's /proc/stat gives as stolen from all CPUs.
func stolen(stat []byte) uint64 {
	line, _, _ := bytes.Cut(stat, []byte("\n"))
	// cpu user nice system idle iowait irq softirq steal
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return 0
	}
	ticks, _ := strconv.ParseUint(string(fields[8]), 10, 64)
	return ticks
}
