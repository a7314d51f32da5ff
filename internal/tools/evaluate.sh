#!/bin/sh
# Generates planted data of so many seeds with 20,000 customers, a fifth as many with 60,000 and as many with nothing planted, and compares what is found with
# the truth: the table of all together, then what went wrong in which seed.
set -eu
seeds=${1:-6}
dir=$(mktemp -d)
# What takes half an hour is not thrown away for the last seed: the table can be had of what was judged before it.
ended() {
	code=$?
	if [ "$code" -eq 0 ]; then
		rm -rf "$dir"
		return
	fi
	rm -rf "$dir"/*[0-9]
	echo "what was judged until then: bin/lacuna evaluate --together $dir/*.json" >&2
}
trap ended EXIT
one() { # name, seed, options
	name=$1 seed=$2
	shift 2
	bin/lacuna generate "$dir/$name" --seed "$seed" "$@" >/dev/null
	bin/lacuna evaluate --json "$dir/$name" >"$dir/$name.part"
	mv "$dir/$name.part" "$dir/$name.json"
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
