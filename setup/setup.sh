#!/bin/sh
# Makes everything the project needs inside the project's folder: the programs (bin/), a Python environment (.venv/) with
# XLA's plugin, Jupyter and the notebooks' kernel; then finds or fetches the data. Steps that do not need each other are
# done side by side. What is done already is left alone: each step keeps a stamp made of its inputs in .venv/setup/.
# Nothing is written to the user's home but Go's, pip's and the data's caches.
#
# Usage: sh setup/setup.sh [PART [PLUGIN]]. The parts:
#   all        everything (the default)
#   training   what experiments need: the program fashionlatent, XLA's plugin, the data
#   notebooks  what notebooks need beside it: Jupyter and the kernel
# The XLA plugin to compute with, remembered until another is asked for:
#   wheel   the pinned one from PyPI (the default)
#   gomlx   what GoMLX's own installer chooses, also for an NVIDIA GPU
#   none    none: GoMLX's pure Go backend
#   FILE    one that is here already
set -eu
cd "$(dirname "$0")/.."
root=$(pwd -P)
venv=$root/.venv
done=$venv/setup
xla=$venv/lib/go-xla # as in the Makefile
unset PYTHONHOME PYTHONPATH
export GOWORK=off # one in a folder above does not know the project
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf 'setup: %s\n' "$*" >&2; }

# fail LINE...: says what is wrong, then, indented, what to do.
fail() {
	say "$1"
	shift
	for line; do printf '       %s\n' "$line" >&2; done
	exit 1
}

# key VALUE... [-- FILE...]: the values and the content of the files, in one line.
key() {
	while [ $# -gt 0 ] && [ "$1" != -- ]; do printf '%s ' "$1"; shift; done
	[ $# -eq 0 ] || { shift; cat "$@" | cksum | tr -s ' \t' -; }
}

# fresh NAME KEY: whether step NAME was done with the same KEY.
fresh() { [ "$(cat "$done/$1" 2>/dev/null)" = "$2" ]; }

# show LOG: the end of what a step printed, and a word on the network if that was it.
show() {
	tail -n 12 "$1" | sed 's/^/       | /' >&2
	if grep -qiE 'name resolution|no such host|name or service not known|connection (refused|error)|NewConnectionError|network is unreachable|i/o timeout|timed out|proxyconnect|ProxyError' "$1"; then
		say "the network cannot be reached; it is needed once, for Go modules and Python packages"
		printf '       %s\n' "behind a proxy: set HTTPS_PROXY; with mirrors: GOPROXY and PIP_INDEX_URL; then run make setup again" >&2
	fi
}

# step NAME KEY WORDS COMMAND...: says WORDS and runs COMMAND, unless that was done with the same KEY.
step() {
	name=$1 inputs=$2 words=$3
	shift 3
	fresh "$name" "$inputs" && return 0
	rm -f "$done/$name"
	say "$words"
	begin=$(date +%s)
	"$@" >"$done/$name.log" 2>&1 || { say "$name failed:"; show "$done/$name.log"; return 1; }
	printf '%s\n' "$inputs" >"$done/$name"
	say "$name is ready ($(($(date +%s) - begin)) s)"
}

# ---- What must be here already

older() { # whether version $1 is older than $2
	awk -v a="$1" -v b="$2" 'BEGIN { split(a, x, "."); split(b, y, ".")
		for (i = 1; i <= 3; i++) if (x[i] + 0 != y[i] + 0) exit !(x[i] + 0 < y[i] + 0)
		exit 1 }'
}

check_go() {
	want=$(sed -n 's/^go //p' go.mod)
	get="get it at https://go.dev/dl/, unpack it and put its bin folder first in PATH"
	command -v go >/dev/null || fail "Go was not found; the project needs Go $want or newer" "$get"
	have=$(go env GOVERSION 2>&1) || [ "${GOTOOLCHAIN:-}" != "go$want" ] || fail "Go $want, with which the project is built, cannot be downloaded: $have"
	have=$(go env GOVERSION 2>&1) || fail "Go is too old for the project, which needs Go $want or newer: $have" "$get"
	have=$(printf '%s\n' "$have" | tail -n 1) # before it, Go says that it downloads a version
	have=${have#*go}
	if older "$have" "$want"; then
		fail "Go is too old: version $have, the project needs $want or newer" "$get"
	fi
	# Vector instructions are an experiment of Go's, which changes from one version to the next.
	case $have in "${want%.*}" | "${want%.*}".*) ;; *) export GOTOOLCHAIN="go$want" ;; esac
}

check_cc() {
	cc=${CC:-$(go env CC)}
	get="Debian, Ubuntu: apt install gcc libc6-dev    Fedora: dnf install gcc    macOS: xcode-select --install"
	# CC may carry options, so it is split into words.
	command -v "${cc%% *}" >/dev/null || fail "no C compiler was found (looked for ${cc%% *}); Go needs one to use XLA" "$get"
	echo '#include <stdlib.h>' | $cc -E - >/dev/null 2>&1 ||
		fail "the C compiler ($cc) does not find the C library's header files" "$get"
}

# check_python sets python to the first Python from 3.10 to 3.14 that can make an environment. Newer ones lack packages.
check_python() {
	seen="" bare=""
	if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; fi
	for python; do
		version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
		seen="$seen $python=$version"
		older "$version" 3.10 && continue
		older "$version" 3.15 || continue
		"$python" -c 'import venv, ensurepip' 2>/dev/null && return 0
		bare="$bare ${version%.*}"
	done
	if [ -n "$bare" ]; then
		fail "Python${bare} was found, but without the modules venv and ensurepip" \
			"Debian, Ubuntu: apt install python3-venv    elsewhere: install Python from https://www.python.org/downloads/"
	fi
	fail "the project needs Python 3.10 to 3.14, for Jupyter; found:${seen:- none}" \
		"Debian, Ubuntu: apt install python3 python3-venv    elsewhere: https://www.python.org/downloads/" \
		"to use another Python: make setup PYTHON=/path/of/python3"
}

# ---- The steps

make_venv() {
	rm -rf "$venv" # an environment knows its own path, so one that was moved is made again
	"$python" -m venv --without-pip "$venv" && mkdir -p "$done"
}

install_pip() { "$venv/bin/python" -m ensurepip; }

# Python compiles a module when it is first imported; to compile all of them here would take longer.
install_jupyter() {
	settings=$venv/share/jupyter/lab/settings
	mkdir -p "$settings"
	# The first completion waits until gopls has read all packages. JupyterLab would drop it after a second. Beside the times of their last
	# changes, the names of the notebooks would be cut off.
	cat >"$settings/overrides.json" <<-'EOF'
		{
		 "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false},
		 "@jupyterlab/completer-extension:manager": {"providerTimeout": 60000},
		 "@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": false}
		}
	EOF
	# pip takes a package for whole in which it was interrupted.
	again=
	[ ! -e "$done/jupyter.begun" ] || again=--force-reinstall
	: >"$done/jupyter.begun"
	"$venv/bin/python" -m pip install --quiet --require-hashes --no-compile $again -r requirements.txt && rm "$done/jupyter.begun"
}

# install_plugin CHOICE
install_plugin() {
	rm -rf "$xla"
	mkdir -p "$xla"
	case $1 in
	none) ;;
	wheel)
		"$venv/bin/python" -m pip install --quiet --require-hashes --no-deps --no-compile --retries 2 --target "$xla/wheel" \
			-r requirements-xla.txt || return 1
		file=$(find "$xla/wheel" -name '*.so' -size +1000k 2>/dev/null | head -n 1)
		[ -z "$file" ] || ln -s "${file#"$xla/"}" "$xla/pjrt_c_api_cpu_plugin.so"
		;;
	gomlx) go run ./setup/gomlx "${xla%/*}" ;;
	*)
		case ${1##*/} in
		pjrt_c_api_*_plugin.*) ln -s "$1" "$xla/" ;;
		*) ln -s "$1" "$xla/pjrt_c_api_cpu_plugin.so" ;;
		esac
		;;
	esac
}

step_plugin() {
	slow="GoMLX's pure Go backend is used instead, several times slower"
	[ "$(uname -m)" = x86_64 ] || slow="GoMLX's pure Go backend is used instead, tens of times slower"
	if ! step plugin "$(key "$plugin" -- requirements-xla.txt)" "installing XLA's plugin ($plugin)" install_plugin "$plugin"; then
		[ "$plugin" = wheel ] || { say "to use the pinned plugin again: make setup PLUGIN=wheel"; return 1; }
		say "the XLA plugin could not be installed; $slow (make setup tries again)"
	elif [ "$plugin" = wheel ] && ! [ -e "$xla/pjrt_c_api_cpu_plugin.so" ]; then
		fresh said-none "$plugin" || say "there is no pinned XLA plugin for $(uname -s) on $(uname -m); $slow (make setup PLUGIN=gomlx may install one)"
		echo "$plugin" >"$done/said-none"
	fi
}

# commit: the commit of the checkout, with +dirty if files were changed after it; nothing where there is no checkout. Go's own stamp is
# not used, because git refuses to answer it where the folder belongs to somebody else.
commit() {
	git rev-parse HEAD 2>/dev/null | tr -d '\n'
	[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || printf +dirty
}

# build NAME PACKAGE...: builds programs into bin/. Go itself knows what is up to date. With GOGC=400 the compiler collects its garbage less often.
build() {
	name=$1
	shift
	[ -x "bin/$name" ] || say "building $name (bin/)"
	marked= mended=
	[ "$name" != gonb ] || mended="-modfile=$done/gonb.mod"
	[ "$name" != fashionlatent ] || marked="-X fashionlatent/lib/record.stamp=$(commit)"
	GOGC=400 go build -buildvcs=false ${mended:+"$mended"} -ldflags "$marked" -o bin/ "$@" >"$done/build-$name.log" 2>&1 || { say "go build failed:"; show "$done/build-$name.log"; return 1; }
}

# mend_gonb copies GoNB's sources, mends their faults, and writes a copy of go.mod that builds GoNB from them.
mend_gonb() {
	go mod download github.com/janpfeifer/gonb &&
		go run ./setup/gonb "$(go list -m -f '{{.Dir}}' github.com/janpfeifer/gonb)" "$done/gonb" &&
		cp go.mod "$done/gonb.mod" && cp go.sum "$done/gonb.sum" &&
		go mod edit -replace "github.com/janpfeifer/gonb=$done/gonb" "$done/gonb.mod"
}

# build_gopls builds gopls, which completes names in notebooks and shows their documentation. It is a module of its own, because its
# requirements are none of the project's.
build_gopls() { (cd setup/gopls && GOGC=400 go build -buildvcs=false -o "$root/bin/" golang.org/x/tools/gopls); }

find_data() {
	data=$(key Fashion-MNIST "${FASHION_MNIST_DIR-}")
	fresh data "$data" && return 0
	say "looking for the data (Fashion-MNIST)"
	(unset FASHIONLATENT_DATA && bin/fashionlatent data) >&2 || { say "the data was not found: see above"; return 1; }
	echo "$data" >"$done/data"
}

# install_kernel writes everything a cell needs into the kernel's own description, so that it works however Jupyter is
# started. goimports and gopls are found in bin/.
install_kernel() {
	PATH=$root/bin:$PATH JUPYTER_DATA_DIR=$venv/share/jupyter bin/gonb -install -force_deps -raw_error -go_work="$root" || return 1
	"$venv/bin/python" - "$venv/share/jupyter/kernels/gonb/kernel.json" "$1" "$root" "$xla" "$(go env GOOS)/$(go env GOARCH)" "${GOTOOLCHAIN:-}" <<-'EOF'
		import json, sys
		path, go, root, xla, machine, toolchain = sys.argv[1:]
		with open(path) as f:
		    kernel = json.load(f)
		kernel["interrupt_mode"] = "signal"  # to the whole process group: a cell that still compiles is stopped too
		kernel["env"] = {
		    # A cell links twice as fast without the tables of the debugger, and a fifth faster without the C linker.
		    "GOFLAGS": "'-ldflags=-s -linkmode=internal'" if machine == "linux/amd64" else "-ldflags=-s",
		    "GOMLX_NO_AUTO_INSTALL": "1",
		    "PATH": f"{root}/bin:{go}:${{PATH}}",
		    "PJRT_PLUGIN_LIBRARY_PATH": f"{xla}:{xla}/nvidia",
		}
		if toolchain:
		    kernel["env"]["GOTOOLCHAIN"] = toolchain
		if machine.endswith("/amd64"):
		    kernel["env"]["GOEXPERIMENT"] = "simd"
		    kernel["env"]["GODEBUG"] = "asyncpreemptoff=1"  # see cmd/fashionlatent/preemption_simd.go
		with open(path, "w") as f:
		    json.dump(kernel, f, indent=1)
	EOF
}

# ---- All of it

# wants PART: whether that part was asked for.
wants() { [ "$part" = all ] || [ "$part" = "$1" ]; }

python_side() {
	step pip "$root" "installing pip (.venv)" install_pip || return 1
	jupyter= ended=0
	if wants notebooks; then
		step jupyter "$(key 3 -- requirements.txt)" "installing Jupyter (.venv)" install_jupyter &
		jupyter=$!
	fi
	! wants training || step_plugin || ended=1
	[ -z "$jupyter" ] || wait "$jupyter" || ended=1
	return $ended
}

go_side() {
	if wants training; then
		build fashionlatent ./cmd/fashionlatent && find_data || return 1
	fi
	if wants notebooks; then
		step gonb-sources "$(key "$root" -- go.mod go.sum setup/gonb/main.go)" "preparing the sources of the notebooks' kernel" mend_gonb || return 1
		build gonb github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports || return 1
		go=$(dirname "$(command -v go)")
		step kernel "$(key "$go" "${GOTOOLCHAIN:-}" -- setup/setup.sh go.mod)" "installing the notebooks' kernel" install_kernel "$go" || return 1
	fi
	[ -x bin/gopls ] || rm -f "$done/gopls"
	if [ "$part" = all ]; then # a minute, which make run does not wait for
		step gopls "$(key "$have" -- setup/gopls/go.mod setup/gopls/go.sum)" "building gopls (bin/), for completion in the notebooks" build_gopls ||
			say "names are not completed in the notebooks; all else works (make setup tries again)"
	fi
}

part=${1:-all}
case $part in
all | training | notebooks) ;;
*) fail "the part is $part, want all, training or notebooks" ;;
esac
check_go
check_cc
plugin=${2:-$(cat "$done/plugin-choice" 2>/dev/null || echo wheel)}
case $plugin in
wheel | gomlx | none) ;;
*)
	[ -f "$plugin" ] || fail "PLUGIN is $plugin, want wheel, gomlx, none or a file"
	plugin=$(cd "$(dirname "$plugin")" && pwd -P)/${plugin##*/}
	;;
esac
[ "$(go env GOARCH)" != amd64 ] || export GOEXPERIMENT=simd

# The system's Python may be another version now, which does not find the environment's packages.
whole='import os, sys, sysconfig; sys.exit(not os.path.isdir(sysconfig.get_path("purelib")))'
if ! fresh venv "$root" || ! "$venv/bin/python" -c "$whole" 2>/dev/null; then
	check_python
	say "making a Python environment (.venv) with $("$python" --version)"
	make_venv || fail "cannot make $venv"
	echo "$root" >"$done/venv"
fi
echo "$plugin" >"$done/plugin-choice"

trap 'trap - INT TERM; kill 0' INT TERM # the steps in the background too
python_side &
other=$!
status=0
go_side || status=1
wait "$other" || status=1
exit $status
