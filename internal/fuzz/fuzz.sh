#!/usr/bin/env bash
# Runs each fuzz target of the package in the current folder.
#
#	fuzz.sh FUZZTIME
#
# It goes on after a target that fails, and then fails. At the end of its time
# go test -fuzz can fail without having found anything (golang/go#75804): that is
# said, and is no failure.
set -uo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
targets=$(go test -list '^Fuzz' . | grep '^Fuzz') || {
	echo "fuzz: no target here, or it does not build" >&2
	exit 1
}
failed=
for target in $targets; do
	echo "== $target"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" . 2>&1 | tee "$log" && continue
	if grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log"; then
		echo "fuzz: $target: out of time, and nothing found"
	else
		failed+=" $target"
	fi
done
[ -z "$failed" ] || {
	echo "fuzz: failed:$failed" >&2
	exit 1
}
