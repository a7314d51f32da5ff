#!/usr/bin/env bash
# web.sh modules | build | check: installs what the pages are built with, builds them into web/dist, or checks their types
# and that web/dist is what its sources make. It needs Node 20.19 or later. Where there is none, a check is left out and
# says so; with CI=true that is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../web"

modules() {
	if ! command -v node >/dev/null || ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'; then
		echo "there is no Node 20.19 or later here: install it (https://nodejs.org), with npm" >&2
		return 1
	fi
	# npm takes ten seconds; it is asked only when the list of what is needed has changed.
	if ! cmp -s package-lock.json node_modules/.installed; then
		npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.installed
	fi
}

case ${1-} in
modules) modules ;;
build)
	modules
	node_modules/.bin/tsc
	node_modules/.bin/vite build --logLevel warn
	;;
check)
	if ! modules; then
		echo "*** THE PAGES WERE NOT CHECKED: what they are built with cannot be had ***" >&2
		[[ ${CI-} != true ]]
		exit
	fi
	node_modules/.bin/tsc
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	node_modules/.bin/vite build --logLevel warn --outDir "$scratch/dist" --emptyOutDir
	if ! diff -rq dist "$scratch/dist" >&2; then
		echo "web/dist is not what its sources make: run 'make web' and commit it" >&2
		exit 1
	fi
	;;
*)
	echo "usage: web.sh modules | build | check" >&2
	exit 2
	;;
esac
