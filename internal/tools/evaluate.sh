#!/bin/sh
# Generates planted data of so many seeds with 20,000 customers, a fifth as many with 60,000 and as many with nothing planted, and compares what is found with
# the truth: the table of all together, then what went wrong in which seed.
set -eu
seeds=${1:-6}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
one() { # name, seed, options
	name=$1 seed=$2
	shift 2
	bin/lacuna generate "$dir/$name" --seed "$seed" "$@" >/dev/null
	bin/lacuna evaluate --json "$dir/$name" >"$dir/$name.json"
	rm -rf "${dir:?}/$name"
}
n=1
while [ "$n" -le "$seeds" ]; do
	one "planted-$n" "$n" &
	one "null-$n" "$((n + 1000))" --plant none
	wait $!
	if [ $((n % 5)) -eq 0 ] || [ "$n" -eq "$seeds" ]; then
		one "large-$n" "$((n + 2000))" --customers 60000
	fi
	n=$((n + 1))
done
bin/lacuna evaluate --together "$dir"/*.json
