#!/bin/sh
# Tests what needs more than the project itself: the example with scikit-learn, the pages in Chromium, with the network off, ONNX
# models in Chromium, and notebooks in JupyterLab. scikit-learn, Playwright, which drives Chromium, and onnxruntime-web, which npm
# installs, go into .e2e/ of the project's folder. Chromium is the one that CHROMIUM names, or the machine's; it is not installed. Without
# it, the pages are not tested, and that is said.
set -eu
cd "$(dirname "$0")/.."
say() { printf 'e2e: %s\n' "$*" >&2; }

key="$(.venv/bin/python --version) $(cksum <requirements-e2e.txt)"
if [ "$(cat .e2e/ready 2>/dev/null)" != "$key" ]; then
	say "installing scikit-learn and Playwright (.e2e)"
	rm -rf .e2e
	.venv/bin/python -m venv .e2e
	.e2e/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-e2e.txt
	echo "$key" >.e2e/ready
fi

FASHIONLATENT_SKLEARN="$PWD/.e2e/bin/python" go test -count=1 -run WithScikitLearn ./cmd/fashionlatent

if [ -n "${CHROMIUM:-}" ]; then
	command -v "$CHROMIUM" >/dev/null || { say "CHROMIUM is $CHROMIUM, want a program"; exit 1; }
else
	for name in chromium chromium-browser google-chrome-stable google-chrome; do
		CHROMIUM=$(command -v "$name") && break
	done
fi
if [ -z "$CHROMIUM" ]; then
	say "SKIPPED, the pages were not tested: Chromium was not found (Debian: apt install chromium; to use another one: make e2e CHROMIUM=FILE)"
	exit 0
fi

say "with $("$CHROMIUM" --version 2>/dev/null)"
export CHROMIUM FASHIONLATENT_E2E="$PWD/.e2e/bin/python"
if command -v npm >/dev/null; then
	key=$(cksum <setup/web/package-lock.json)
	if [ "$(cat .e2e/web/ready 2>/dev/null)" != "$key" ]; then
		say "installing onnxruntime-web and axe-core (.e2e/web)"
		rm -rf .e2e/web
		cp -r setup/web .e2e/web
		npm ci --prefix .e2e/web --ignore-scripts --no-audit --no-fund --silent
		echo "$key" >.e2e/web/ready
	fi
	export FASHIONLATENT_ORT_WEB="$PWD/.e2e/web/node_modules/onnxruntime-web/dist" FASHIONLATENT_AXE="$PWD/.e2e/web/node_modules/axe-core/axe.min.js"
else
	say "SKIPPED, ONNX models were not run in the browser, and pages were not checked for accessibility: npm was not found (Debian: apt install npm)"
fi
# The pages that make test left, or new ones if something has changed since.
bin/fashionlatent notebooks -scale smoke,seeds=1 -results .test -out .test/html
FASHIONLATENT_PAGES="$PWD/.test/html" FASHIONLATENT_RUNS="$PWD/.test/runs" go test -count=1 -run InChromium -timeout 20m "$@" ./experiments ./lib/notebook ./lib/export/onnx
say "passed"
