#!/usr/bin/env bash
# lint.sh ARGUMENTS…: runs golangci-lint of exactly the version below. One that is at hand is used; otherwise it is
# built into .tools/bin, once, which takes a minute or two.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=2.15.0

fits() {
	[[ -x $1 ]] && [[ $("$1" version --short 2>/dev/null) == "$version" ]]
}

for tool in .tools/bin/golangci-lint "$(command -v golangci-lint || true)" "$(go env GOPATH)/bin/golangci-lint"; do
	if fits "$tool"; then
		exec "$tool" "$@"
	fi
done

echo "building golangci-lint $version into .tools/bin" >&2
GOBIN="$PWD/.tools/bin" GOFLAGS= CGO_ENABLED=0 go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$version"
exec .tools/bin/golangci-lint "$@"
