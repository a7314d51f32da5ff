#!/usr/bin/env bash
# browser.sh: makes sure of what the browser test runs on: the modules of web/, and Chromium with fonts for Chinese. It
# takes the browser that LACUNA_TEST_CHROMIUM names, else one on PATH, else Debian's, which root may install. It always
# ends well: the test itself is left out, or fails with CI=true, where something is lacking.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

lacking() {
	printf '*** THE PAGES WILL NOT BE TESTED IN A BROWSER: %s ***\n' "$1" >&2
	exit 0
}

internal/tools/web.sh modules || lacking "web/node_modules could not be installed, see above"

if [[ -n ${LACUNA_TEST_CHROMIUM-} ]]; then
	[[ -x $LACUNA_TEST_CHROMIUM ]] || lacking "LACUNA_TEST_CHROMIUM names no program"
	exit 0
fi
for name in chromium chromium-browser google-chrome; do
	if command -v "$name" >/dev/null; then exit 0; fi
done
if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
	echo "installing Chromium, once" >&2
	export DEBIAN_FRONTEND=noninteractive
	log=$(mktemp)
	if (apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-noto-cjk) >"$log" 2>&1; then
		rm -f "$log"
		exit 0
	fi
	tail -n 5 "$log" >&2
	rm -f "$log"
fi
lacking "there is no Chromium: install it (Debian: apt-get install chromium fonts-noto-cjk), or name one in LACUNA_TEST_CHROMIUM"
