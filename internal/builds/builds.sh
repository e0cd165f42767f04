#!/usr/bin/env bash
# Tests the package as users build it: with sanitizers, other compiler flags, as a
# library of C, as a plugin, and on platforms that need another program to run on.
#
# builds.sh quick leaves out what takes long or needs much to be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$PWD/internal/builds

need() {
	command -v "$1" >/dev/null || {
		echo "builds: $1 is missing: apt-get install $2" >&2
		exit 1
	}
}

# build NAME COMMAND... runs a command that tests one, and shows its output if that
# fails.
build() {
	local name=$1 start=$SECONDS
	shift
	"$@" >"$work/log" 2>&1 & # as a condition, it would go on behind a failure
	if ! wait $!; then
		cat "$work/log"
		echo "builds: $name: FAIL"
		exit 1
	fi
	echo "builds: $name: tests pass ($((SECONDS - start)) s)"
}

# What every build runs: each function, each kernel, arguments and allocations.
tests='PairsOfSpecialValues|Rows$|Panics|Views|Huge|Empty|Calls|Allocate|Environment|Megabyte'

# with FLAGS... tests a build with these flags.
with() { go test -count=1 -short -run "$tests" "$@" .; }

# binary NAME [ENVIRONMENT...] makes the tests a program for another platform.
binary() { env "${@:2}" go test -c -o "$work/$1" .; }

c_shared() {
	go build -buildmode=c-shared -o "$work/librelu.so" "$here/cshared"
	"${CC:-gcc}" -Wall -Werror -I"$work" -o "$work/c" "$here/c/main.c" "$work/librelu.so"
	LD_LIBRARY_PATH=$work "$work/c"
}

plugin() {
	go build -buildmode=plugin -o "$work/relu.so" "$here/plugin"
	go build -o "$work/host" "$here/host"
	"$work/host" "$work/relu.so"
}

js() {
	binary js GOOS=js GOARCH=wasm
	"$(go env GOROOT)/lib/wasm/go_js_wasm_exec" "$work/js" -test.short -test.run "$tests" -test.skip Rows
}

wasip1() {
	binary wasip1 GOOS=wasip1 GOARCH=wasm
	node --no-warnings "$here/wasi.mjs" "$work/wasip1" -test.short -test.run "$tests" -test.skip Rows
}

# alone runs the tests and the command in a root directory that has nothing else, no
# /proc and no /sys either.
alone() {
	mkdir "$work/root"
	binary root/relu.test CGO_ENABLED=0
	CGO_ENABLED=0 go build -o "$work/root/relu" ./cmd/relu
	chroot "$work/root" /relu.test -test.short -test.run "$tests|Choose|MadeUp"
	chroot "$work/root" /relu info | grep "^kernel .*chosen"
}

arm() {
	binary arm CGO_ENABLED=0 GOARCH=arm
	RELU_TEST_BEST=generic qemu-arm "$work/arm" -test.short -test.run "$tests|WantedKernel"
}

i386() {
	binary i386 CGO_ENABLED=0 GOARCH=386
	"$work/i386" -test.short -test.run "$tests"
}

# in_wine runs what is built for Windows, in a Windows of its own.
in_wine() {
	local -x WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml=
	local system=$WINEPREFIX/drive_c/windows/system32
	if [ ! -d "$system" ]; then
		wineboot --init
		[ -e "$system/bcryptprimitives.dll" ] || {
			clang -target x86_64-w64-mingw32 -O2 -c -o "$work/prng.o" "$here/c/bcryptprimitives.c"
			ld -m i386pep -shared -e 0 -o "$system/bcryptprimitives.dll" "$work/prng.o"
		}
	fi
	wine "$@"
}

windows() {
	binary relu.exe GOOS=windows CGO_ENABLED=0
	in_wine "$work/relu.exe" -test.short -test.run "$tests|Parallel"
}

# windows_command has the command do in Wine what it does here.
windows_command() {
	GOOS=windows CGO_ENABLED=0 go build -o "$work/command.exe" ./cmd/relu
	in_wine "$work/command.exe" info | grep "^kernel .*chosen"
	printf '\x93NUMPY\x01\x00\x46\x00%-69s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }" >"$work/a.npy"
	printf '\x00\x00\x80\xbf\x00\x00\x80\x3f' >>"$work/a.npy"
	cp "$work/a.npy" "$work/b.npy"
	go run ./cmd/relu apply "$work/a.npy"
	in_wine "$work/command.exe" apply "Z:$work/b.npy"
	cmp "$work/a.npy" "$work/b.npy"
	[ "$(tail -c 8 "$work/b.npy" | od -An -tx4)" = " 00000000 3f800000" ]
}

need gcc gcc
need node nodejs
build "-gcflags=all=-d=checkptr=2" with -gcflags=all=-d=checkptr=2
build "-gcflags='all=-N -l'" with -gcflags='all=-N -l'
build "GOAMD64=v2" env GOAMD64=v2 go test -count=1 -short -run "$tests" .
build "-buildmode=pie" with -buildmode=pie
build "-buildmode=c-shared, called from C" c_shared
build "-buildmode=plugin" plugin
build "js/wasm in Node.js" js
build "wasip1/wasm in Node.js" wasip1
build "without /proc and /sys, and relu info" alone
build "-race" go test -race -count=1 -short -run 'Race|ParallelCalls|Bias|PReLU|Views' .
build "-asan" go test -asan -count=1 -short -run "UseAfterFree|$tests" .
[ "${1:-}" != quick ] || exit 0

need clang "clang libclang-rt-14-dev"
need qemu-arm qemu-user
need wine "wine wine64"
build "-race, every kernel" go test -race -count=1 -run Race .
build "-asan, all quick tests" go test -asan -count=1 -short .
build "-msan" env CC=clang go test -msan -count=1 -short .
build "-cover" go test -cover -count=1 -short .
build "386" i386
build "arm in qemu" arm
build "windows in Wine" windows
build "windows in Wine, the command" windows_command
