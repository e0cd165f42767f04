#!/usr/bin/env bash
# Runs the tests as CPUs that are not here, and builds for every platform.
#
# An emulator says what is right, never what is fast. Each run asserts which
# kernel was chosen, and so proves the dispatcher on that CPU.
#
# cross.sh exhaustive [PART] runs, on an emulated CPU of each kernel, the test that
# goes through all float32, or a part of them: 2/8 is the second of eight.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

need() {
	command -v "$1" >/dev/null || {
		echo "cross: $1 is missing: apt-get install $2" >&2
		exit 1
	}
}

# lane GOARCH KERNEL NAME COMMAND... ensures that an emulator's best kernel is
# KERNEL, and runs the tests that the variable tests chooses with those in
# kernels.
lane() {
	local goarch=$1 kernel=$2 name=$3
	shift 3
	local binary=$work/$goarch.test log=$work/$goarch.log
	[ -f "$binary" ] || GOARCH=$goarch go test -c -o "$binary" .
	local -x RELU_TEST_BEST=$kernel RELU_TEST_KERNELS=$kernels
	if ! { "$@" "$binary" -test.run '^TestWantedKernel$' && "$@" "$binary" $tests; } >"$log" 2>&1; then
		cat "$log"
		echo "cross: $goarch on $name: FAIL"
		exit 1
	fi
	echo "cross: $goarch on $name: kernel $kernel, tests pass"
}

# emulated is a lane with the quick tests. Parallel takes as long as the rest and is
# no kernel's; the arithmetic of half floats is assembly on amd64 and arm64 alone.
emulated() {
	local slow=Parallel
	[ "$1" = amd64 ] || [ "$1" = arm64 ] || slow='Parallel|AllHalves'
	tests="-test.short -test.skip $slow" kernels=$2 lane "$@"
}

# again is a lane with another form of a CPU that emulated was given: some tests, or
# with ALL=1 the same as there.
again() {
	tests="-test.short -test.run $some"
	[ -z "${ALL:-}" ] || tests='-test.short -test.skip Parallel'
	kernels=$2 lane "$@"
}
# What fuzz targets are elsewhere.
[ -z "${ALL:-}" ] || export RELU_TEST_RANDOM=${FUZZTIME:-10s}
some='PairsOfSpecialValues|EveryLength|Seams|Rows|GuardPages|Registers'

# without is a lane with a CPU that lacks what the architecture's kernels need.
without() { tests='-test.short -test.run PairsOfSpecialValues' kernels=generic lane "$1" generic "${@:2}"; }

for qemu in aarch64 loongarch64 ppc64le riscv64 s390x x86_64; do
	need "qemu-$qemu" "qemu-user, of version 10 (.ci/install)"
done
# Lanes beyond the vector's length are poisoned, so that a test sees what reads
# them.
rvv=rv64,v=true,rvv_ta_all_1s=on,rvv_ma_all_1s=on

# z MODEL is the -cpu of a model of the z series without what qemu lacks of it, most
# of which is cryptography. qemu names that, and runs no program.
z() {
	local lacking
	lacking=$(qemu-s390x -cpu "$1" "$work/s390x.test" 2>&1 | sed -n 's/.* current configuration: //p')
	echo "$1$(for feature in $lacking; do printf ',%s=off' "$feature"; done)"
}

if [ "${1:-}" = exhaustive ]; then
	all="-test.run ^TestAllFloat32\$ -test.timeout 5h -part ${2:-1/1}"
	exhaustive() { tests=$all kernels=$2 lane "$@"; }
	exhaustive amd64 avx512 icelake-u env BOCHS_TIMEOUT=18000 internal/cross/bochs.sh corei7_icelake_u RELU_TEST_BEST=avx512 RELU_TEST_KERNELS=avx512 GODEBUG=cpu.avx512bw=off
	exhaustive arm64 neon qemu qemu-aarch64
	exhaustive riscv64 rvv "VLEN 128" qemu-riscv64 -cpu $rvv,vlen=128
	exhaustive loong64 lasx la464 qemu-loongarch64 -cpu la464
	exhaustive loong64 lsx "la464 without LASX" qemu-loongarch64 -cpu la464,lasx=off
	exhaustive ppc64le vsx power8 qemu-ppc64le -cpu power8
	exhaustive s390x vx "all that qemu has" qemu-s390x -cpu max
	exit
fi

# amd64 goes on beside the rest. avx512 runs in Bochs, because qemu has no AVX-512.
# Skylake-X has AVX-512 without VBMI2, so there it must not be chosen. Go's garbage collector would use AVX-512 with an instruction that Bochs
# gets wrong; GODEBUG keeps it from that, and does not touch relu's choice.
go test -c -o "$work/amd64.test" .
# Bochs 2.7 has VCVTPS2PH round a tie away from zero, whatever it is asked for. These
# rows run on CPUs that have AVX-512, and avx2's in qemu; so does the test that goes
# over all rows at once. A whole test is named first: what could be part of a later
# name decides otherwise.
ties='Registers|//[aA]ddFloat16|//eakyFloat16|//eakyGradFloat16|//quareFloat16'
bochs() {
	local model=$1 kernel=$2
	shift 2
	local log=$work/$model.log
	if ! internal/cross/bochs.sh "$model" RELU_TEST_BEST="$kernel" RELU_TEST_KERNELS="$kernel" \
		GODEBUG=cpu.avx512bw=off "$work/amd64.test" -test.short -test.skip "$ties" "$@" >"$log" 2>&1; then
		cat "$log"
		echo "cross: amd64 on $model: FAIL"
		return 1
	fi
	echo "cross: amd64 on $model: kernel $kernel, tests pass"
}
{
	if [ -z "${ALL:-}" ]; then
		bochs corei7_icelake_u avx512 -test.run "WantedKernel|$some"
	else
		bochs corei7_icelake_u avx512 -test.skip "Parallel|AllHalves|$ties"
	fi
	bochs corei7_skylake_x avx2 -test.run 'WantedKernel|PairsOfSpecialValues'
	emulated amd64 sse2 qemu64 qemu-x86_64 -cpu qemu64
	again amd64 sse2 Nehalem qemu-x86_64 -cpu Nehalem
	again amd64 sse2 SandyBridge qemu-x86_64 -cpu SandyBridge
	emulated amd64 avx2 Haswell qemu-x86_64 -cpu Haswell
	again amd64 avx2 EPYC qemu-x86_64 -cpu EPYC
	# AVX2 among the features, and an operating system that does not keep its registers.
	tests='-test.short -test.run PairsOfSpecialValues' kernels=sse2 lane amd64 sse2 "Haswell without XSAVE" \
		qemu-x86_64 -cpu Haswell,-xsave
} &
amd64=$!

emulated arm64 neon qemu qemu-aarch64
emulated s390x vx "all that qemu has of z15" qemu-s390x -cpu max
tests='-test.short -test.skip Parallel|AllHalves' kernels=generic lane s390x vx "big-endian, in Go" qemu-s390x -cpu max
again s390x vx z14 qemu-s390x -cpu "$(z z14)"
without s390x z13 qemu-s390x -cpu "$(z z13)"
# The one thing there that depends on the byte order is an example's.
GOARCH=s390x go test -exec qemu-s390x ./examples/rawbytes
emulated ppc64le vsx power8 qemu-ppc64le -cpu power8
again ppc64le vsx power9 qemu-ppc64le -cpu power9
again ppc64le vsx power10 qemu-ppc64le -cpu power10
emulated riscv64 rvv "VLEN 128" qemu-riscv64 -cpu $rvv,vlen=128
again riscv64 rvv "VLEN 256, taking half of what fits twice" qemu-riscv64 -cpu $rvv,vlen=256,rvv_vl_half_avl=on
again riscv64 rvv "VLEN 1024" qemu-riscv64 -cpu $rvv,vlen=1024
without riscv64 "rv64 without V" qemu-riscv64 -cpu rv64,v=off
emulated loong64 lasx la464 qemu-loongarch64 -cpu la464
again loong64 lsx "la464 without LASX" qemu-loongarch64 -cpu la464,lasx=off
without loong64 "la464 without LSX" qemu-loongarch64 -cpu la464,lsx=off
# The limits that relu bench draws, and the faults that TestRegisters must see.
for emulator in arm64:qemu-aarch64 "riscv64:qemu-riscv64 -cpu $rvv,vlen=128" loong64:qemu-loongarch64 ppc64le:qemu-ppc64le "s390x:qemu-s390x -cpu max"; do
	GOARCH=${emulator%%:*} go test -exec "${emulator#*:}" ./internal/roofline ./internal/abitest
done
# qemu-i386 loses track of a Go program's threads; x86-64 runs 386 as it is.
emulated 386 generic "this CPU" env

# Some platforms can only be linked with cgo; compiling needs none.
go tool dist list | while IFS=/ read -r goos goarch; do
	if ! GOOS=$goos GOARCH=$goarch go build . ./internal/roofline; then
		echo "cross: $goos/$goarch: FAIL"
		exit 1
	fi
	echo "cross: $goos/$goarch: builds"
done
wait "$amd64"
go vet -tags purego . && go test -short -tags purego .
# Builds for a CPU that is known jump straight to its kernel.
levels=v3
if grep -qw avx512bw /proc/cpuinfo && grep -qw avx512vl /proc/cpuinfo; then
	levels="v3 v4"
fi
for level in $levels; do
	GOAMD64=$level go test -short .
	echo "cross: amd64 built for $level: tests pass"
done
