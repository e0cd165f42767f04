//go:build linux && amd64

// Command init is process 1 of the guest that bochs.sh boots. It runs the one
// program in the initial file system, sends its output to the second serial
// port and its exit status to the first, the kernel's console, and resets the
// machine, which ends the emulator.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"unsafe"
)

const (
	out    = "/dev/ttyS1"
	cbaud  = 0x100f // c_cflag bits of the speed; package syscall lacks both
	tcsbrk = 0x5409 // with a non-zero argument: tcdrain
)

func main() {
	// The collector uses an instruction that Bochs gets wrong, see bochs.sh.
	debug.SetGCPercent(-1)
	status, err := run()
	if err != nil {
		fmt.Println("bochs-error:", err)
	}
	fmt.Println("bochs-status:", status)
	drain(os.Stdout.Fd())
	err = syscall.Reboot(syscall.LINUX_REBOOT_CMD_RESTART)
	fmt.Println("bochs-error: reboot:", err) // and end in a panic, as init exits
}

func run() (int, error) {
	for _, m := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}} {
		if err := syscall.Mount(m[0], m[1], m[0], 0, ""); err != nil {
			return 125, fmt.Errorf("mount %s: %w", m[1], err)
		}
	}
	argv, err := list("/argv")
	if err != nil {
		return 125, err
	}
	env, err := list("/env")
	if err != nil {
		return 125, err
	}
	tty, err := os.OpenFile(out, os.O_WRONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return 125, err
	}
	if err := raw(tty.Fd()); err != nil {
		return 125, fmt.Errorf("%s: %w", out, err)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = tty, tty
	fmt.Println("bochs-start:", argv[0])
	err = cmd.Run()
	drain(tty.Fd())
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &exit):
		return 127, fmt.Errorf("%w (is it a static linux/amd64 binary?)", err)
	}
	if ws := exit.Sys().(syscall.WaitStatus); ws.Signaled() {
		return 128 + int(ws.Signal()), err
	}
	return exit.ExitCode(), nil
}

// list returns the NUL-terminated strings of a file.
func list(name string) ([]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s := strings.Split(string(b), "\x00")
	return s[:len(s)-1], nil
}

// raw stops the terminal from turning \n into \r\n, and from sending at its
// default of 9600 baud, which is slow even in emulated time.
func raw(fd uintptr) error {
	var t syscall.Termios
	if err := ioctl(fd, syscall.TCGETS, uintptr(unsafe.Pointer(&t))); err != nil {
		return err
	}
	t.Oflag &^= syscall.OPOST
	t.Cflag = t.Cflag&^cbaud | syscall.B115200
	return ioctl(fd, syscall.TCSETS, uintptr(unsafe.Pointer(&t)))
}

// drain waits until all that was written has left the port.
func drain(fd uintptr) { _ = ioctl(fd, tcsbrk, 1) }

func ioctl(fd, req, arg uintptr) error {
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, fd, req, arg); e != 0 {
		return e
	}
	return nil
}
