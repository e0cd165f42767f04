#!/usr/bin/env bash
# Runs a static linux/amd64 program on a CPU that Bochs emulates, for the
# instruction sets that neither this machine nor qemu-user has (AVX-512).
#
#	bochs.sh CPUMODEL [NAME=value...] BINARY [ARGS...]
#
# CPUMODEL is one of `bochs -help cpu`: corei7_skylake_x has AVX512F, CD, BW,
# DQ and VL; corei7_icelake_u and tigerlake also have VBMI, VBMI2 and more.
#
# The program runs as root, alone in a fresh file system (so without the
# caller's files), with the given environment and one CPU. Its standard output
# and error both come out on standard output; the script exits with its status
# (128+N for a death by signal N), or with
#
#	2    wrong usage
#	124  no end within BOCHS_TIMEOUT seconds (1200)
#	125  the guest did not start, or died under the program
#	127  the guest could not execute the program
#
# With CROSS_CACHE set to a directory, the guest's kernel is kept there.
#
# Bochs 2.7 inverts the result of GF2P8AFFINEQB. The garbage collector of Go
# 1.26 uses it where there are AVX-512 and GFNI, that is not on skylake_x, and
# then frees what is in use. So a Go program must be built with
# GOEXPERIMENT=nogreenteagc, or be given GODEBUG=cpu.avx512bw=off, which Go's
# runtime and golang.org/x/sys/cpu obey, and code that asks CPUID does not.
set -euo pipefail

die() {
	local status=$1
	shift
	echo "bochs.sh: $*" >&2
	exit "$status"
}

(($# >= 2)) || die 2 "usage: bochs.sh CPUMODEL [NAME=value...] BINARY [ARGS...]"
model=$1
shift

env=(PATH=/bin HOME=/tmp)
while (($#)) && [[ $1 =~ ^[A-Za-z_][A-Za-z0-9_]*= ]]; do
	env+=("$1")
	shift
done
(($#)) || die 2 "no BINARY given"
binary=$1
shift
[[ -f $binary && -x $binary ]] || die 2 "no such program: $binary"

# bochs-term by name, as bochs alone would bring in a graphical front end.
missing=()
for package in bochs bochs-term bochsbios vgabios isolinux syslinux-common xorriso cpio; do
	[[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
done
((${#missing[@]} == 0)) || die 125 "missing packages: apt-get install --no-install-recommends ${missing[*]}"
command -v go >/dev/null || die 125 "no go command, to build the guest's init"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d)
emulator='' reader=''
cleanup() {
	# Bochs outlives SIGTERM; SIGALRM makes timeout send its own SIGKILL.
	[[ -z $emulator ]] || { kill -ALRM "$emulator" && wait "$emulator"; } 2>/dev/null || :
	[[ -z $reader ]] || kill "$reader" 2>/dev/null || :
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

models=$(cd "$tmp" && bochs -help cpu 2>&1 || :)
grep -qxF -- "$model" <<<"$models" || die 2 "unknown CPU model: $model (see bochs -help cpu)"

# The kernel is unpacked, never installed. The cloud flavour is the smallest
# one and has all that is needed (serial ports, an initramfs) built in.
kernel() {
	local to=$1 package
	package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	[[ -n $package ]] || die 125 "apt knows no linux-image-cloud-amd64: run apt-get update"
	mkdir "$tmp/deb"
	(cd "$tmp/deb" && apt-get -qq -o APT::Sandbox::User=root download "$package") >"$tmp/apt.log" 2>&1 ||
		die 125 "cannot download $package: $(tail -n 1 "$tmp/apt.log")"
	dpkg-deb --fsys-tarfile "$tmp"/deb/*.deb | tar -xO --wildcards './boot/vmlinuz-*' >"$to"
}

mkdir -p "$tmp/iso" "$tmp/root"/{bin,dev,proc,sys,tmp}
vmlinuz=$tmp/iso/vmlinuz
if [[ -z ${CROSS_CACHE:-} ]]; then
	kernel "$vmlinuz"
else
	if [[ ! -s $CROSS_CACHE/vmlinuz-bochs ]]; then
		kernel "$vmlinuz"
		mkdir -p "$CROSS_CACHE"
		# Renamed into place, for scripts that run beside this one.
		cp "$vmlinuz" "$CROSS_CACHE/vmlinuz-bochs.$$"
		mv "$CROSS_CACHE/vmlinuz-bochs.$$" "$CROSS_CACHE/vmlinuz-bochs"
	fi
	cp "$CROSS_CACHE/vmlinuz-bochs" "$vmlinuz"
fi

GOOS=linux GOARCH=amd64 GOAMD64=v1 CGO_ENABLED=0 GOFLAGS='' \
	go build -trimpath -ldflags='-s -w' -o "$tmp/root/init" "$here/init/main.go"
guest=/bin/$(basename "$binary")
cp "$binary" "$tmp/root$guest"
printf '%s\0' "$guest" "$@" >"$tmp/root/argv"
printf '%s\0' "${env[@]}" >"$tmp/root/env"
(cd "$tmp/root" && find . | cpio --quiet -o -H newc --owner 0:0) >"$tmp/iso/initrd"

# Bochs counts instructions as time: at about its true speed, the guest's clock
# keeps pace with the host's.
ips=50000000

# shellcheck disable=SC2054 # the commas are the kernel's
append=(
	console=ttyS0,115200 quiet nokaslr edd=off
	# A panic, like init's end, resets by a triple fault, which ends Bochs.
	panic=-1 reboot=t
	# Bochs counts the TSC at ips, not as its models' CPUID says.
	tsc=reliable tsc_early_khz=$((ips / 1000))
	# Features whose CPUID leaves are incomplete in Bochs 2.7: with PKU's or
	# the compacted formats' wrong sizes the kernel gives up XSAVE and with it
	# AVX-512; with FSRM but no ERMS its memmove corrupts memory.
	clearcpuid=pku,xsavec,xsaves,fsrm nopku
	# The rest spares seconds of emulated work that serves no test.
	acpi=off mitigations=off random.trust_cpu=on init_on_alloc=0 cryptomgr.notests
	initcall_blacklist=load_system_certificate_list,trace_eval_init,tracer_init_tracefs,init_kprobe_trace
)
cat >"$tmp/iso/isolinux.cfg" <<EOF
DEFAULT guest
LABEL guest
  KERNEL vmlinuz
  INITRD initrd
  APPEND ${append[*]}
EOF
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$tmp/iso"
xorriso -as mkisofs -quiet -o "$tmp/cd.iso" -b isolinux.bin -c boot.cat \
	-no-emul-boot -boot-load-size 4 -boot-info-table "$tmp/iso" >"$tmp/xorriso.log" 2>&1 ||
	die 125 "xorriso: $(tail -n 1 "$tmp/xorriso.log")"

cat >"$tmp/bochsrc" <<EOF
config_interface: textconfig
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
cpu: model=$model, count=1, ips=$ips, reset_on_triple_fault=0
clock: sync=none
megs: 1024
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path=cd.iso, status=inserted
ata1: enabled=0
boot: cdrom
com1: enabled=1, mode=file, dev=console
com2: enabled=1, mode=file, dev=output
sound: waveoutdrv=dummy
log: log
panic: action=fatal
error: action=ignore
info: action=ignore
EOF
# Debian's Bochs has the debugger built in, which waits for this.
echo c >"$tmp/commands"

mkfifo "$tmp/output"
cat "$tmp/output" &
reader=$!
cd "$tmp"
# The display goes to a pseudo-terminal that Bochs opens for itself.
TERM=vt100 timeout -s KILL "${BOCHS_TIMEOUT:-1200}" bochs -f bochsrc -rc commands </dev/null >bochs.out 2>&1 &
emulator=$!
status=0
# The message of a killed job goes nowhere.
wait "$emulator" 2>/dev/null || status=$?
emulator=''
# Ends the reader even where Bochs never opened the pipe.
exec 3<>output 3>&-
wait "$reader" || :
reader=''

touch console log
console=$(tr -d '\r' <console)
value() { sed -n "s/.*bochs-$1: //p" <<<"$console" | tail -n 1; }
result=$(value status)
error=$(value error)
if [[ $result =~ ^[0-9]+$ ]]; then
	[[ -z $error ]] || echo "bochs.sh: $error" >&2
	exit "$result"
fi
if ((status == 137)); then
	[[ -n $(value start) ]] || die 124 "no start within ${BOCHS_TIMEOUT:-1200} s; the guest's last line: $(tail -n 1 <<<"$console")"
	die 124 "no end within ${BOCHS_TIMEOUT:-1200} s"
fi
panic=$(grep -m 1 -o 'Kernel panic.*' <<<"$console" || grep -h -m 1 -o '>>PANIC<<.*' log bochs.out || :)
die 125 "the guest died: ${panic:-bochs exited with status $status}"
