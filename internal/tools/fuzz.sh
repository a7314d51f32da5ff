#!/usr/bin/env bash
# fuzz.sh [TIME]: runs every fuzz target of the module for TIME (60s) each, goes on past a failure, and fails at the
# end if one did. An input that fails is kept under the package's testdata/fuzz; commit it with the mend.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

time=${1:-60s}
targets=$(grep -rnoE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z0-9_]*' . | sort || true)
if [[ -z $targets ]]; then
	echo "no fuzz targets"
	exit 0
fi

failed=()
while IFS=: read -r file _ declaration; do
	package=$(dirname "$file")
	name=${declaration#func }
	echo "== $package $name, $time"
	if ! go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime=10x "$package" </dev/null; then
		failed+=("$package $name")
	fi
done <<<"$targets"

if ((${#failed[@]})); then
	printf 'fuzzing found failures in:\n' >&2
	printf '  %s\n' "${failed[@]}" >&2
	exit 1
fi
