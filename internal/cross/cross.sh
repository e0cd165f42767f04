#!/usr/bin/env bash
# Runs the tests as CPUs that are not here, and builds for every platform.
#
# An emulator says what is right, never what is fast. Each run asserts which
# kernel was chosen, and so proves the dispatcher on that CPU.
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

# emulated GOARCH KERNEL NAME COMMAND... runs the package's tests under an
# emulator, whose best kernel must be KERNEL.
emulated() {
	local goarch=$1 kernel=$2 name=$3
	shift 3
	local binary=$work/$goarch.test
	[ -f "$binary" ] || GOARCH=$goarch go test -c -o "$binary" .
	local log=$work/log
	if ! RELU_TEST_BEST=$kernel RELU_TEST_KERNELS="$kernel generic" "$@" "$binary" -test.short >"$log" 2>&1; then
		cat "$log"
		echo "cross: $goarch on $name: FAIL"
		exit 1
	fi
	echo "cross: $goarch on $name: kernel $kernel, tests pass"
}

# avx512 runs in Bochs, because qemu has no AVX-512, and takes its time while
# the rest goes on. Skylake-X has AVX-512 without VBMI2, so there it must not be
# chosen. Go's garbage collector would use AVX-512 with an instruction that Bochs
# gets wrong; GODEBUG keeps it from that, and does not touch relu's choice.
go test -c -o "$work/amd64.test" .
bochs() {
	local model=$1 kernel=$2
	shift 2
	local log=$work/$model.log
	if ! internal/cross/bochs.sh "$model" RELU_TEST_BEST="$kernel" RELU_TEST_KERNELS="$kernel" \
		GODEBUG=cpu.avx512bw=off "$work/amd64.test" -test.short "$@" >"$log" 2>&1; then
		cat "$log"
		echo "cross: amd64 on $model: FAIL"
		return 1
	fi
	echo "cross: amd64 on $model: kernel $kernel, tests pass"
}
{
	bochs corei7_icelake_u avx512
	bochs corei7_skylake_x avx2 -test.run 'WantedKernel|PairsOfSpecialValues'
} &
bochs=$!

for qemu in aarch64 s390x riscv64 ppc64le x86_64; do
	need "qemu-$qemu-static" qemu-user-static
done
emulated arm64 neon qemu qemu-aarch64-static
emulated s390x generic "qemu (big-endian)" qemu-s390x-static
# The one thing there that depends on the byte order is an example's.
GOARCH=s390x go test -exec qemu-s390x-static ./examples/rawbytes
emulated riscv64 generic qemu qemu-riscv64-static
emulated ppc64le generic qemu qemu-ppc64le-static
# qemu-i386 loses track of a Go program's threads; x86-64 runs 386 as it is.
emulated 386 generic "this CPU" env
for model in qemu64 Nehalem SandyBridge; do
	emulated amd64 sse2 "$model" qemu-x86_64-static -cpu "$model"
done
for model in Haswell EPYC; do
	emulated amd64 avx2 "$model" qemu-x86_64-static -cpu "$model"
done

# Some platforms can only be linked with cgo; compiling needs none.
go tool dist list | while IFS=/ read -r goos goarch; do
	if ! GOOS=$goos GOARCH=$goarch go build . ./internal/roofline; then
		echo "cross: $goos/$goarch: FAIL"
		exit 1
	fi
	echo "cross: $goos/$goarch: builds"
done
wait "$bochs"
go vet -tags purego . && go test -short -tags purego .
