//go:build unix

package measure

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

// processTime is how long this process has had a CPU, if the system tells.
func processTime() (total time.Duration, ok bool) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}

// stolenTicks count the time that the host of this virtual machine has taken from
// it, as far as Linux tells.
func stolenTicks() uint64 {
	stat, _ := os.ReadFile("/proc/stat")
	return stolen(stat)
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
