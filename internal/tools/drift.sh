#!/usr/bin/env bash
# drift.sh: fails when `go generate` changes, adds or removes a file, or when a generated file is not in git. It
# compares the tree before and after, so that it also tells the truth amid uncommitted work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# fingerprint lists every file that git has or would take, with the hash of its content.
fingerprint() {
	git -c core.quotePath=false ls-files --cached --others --exclude-standard | sort -u |
		while IFS= read -r path; do if [[ -f $path ]]; then echo "$path"; fi; done >"$scratch/paths"
	git hash-object --no-filters --stdin-paths <"$scratch/paths" | paste - "$scratch/paths"
}

fingerprint >"$scratch/before"
go generate ./...
fingerprint >"$scratch/after"
if ! diff "$scratch/before" "$scratch/after" >"$scratch/changes"; then
	echo "these files were not what 'make generate' makes; look at them and commit them:" >&2
	cut -f 2 -s "$scratch/changes" | sort -u | sed 's/^/  /' >&2
	exit 1
fi

forgotten=$(git ls-files -z --others --exclude-standard -- '*.go' |
	xargs -0 -r grep -lE '^// Code generated .* DO NOT EDIT\.$' || true)
if [[ -n $forgotten ]]; then
	printf 'these generated files are not in git; add them:\n%s\n' "$forgotten" >&2
	exit 1
fi
