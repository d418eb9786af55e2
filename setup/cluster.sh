#!/bin/sh
# Makes .venv-cluster, an environment of its own for Snakemake, as experiments/sweep/requirements.txt pins it. What is
# done already is left alone. With the argument test, it also installs what a Slurm cluster on this machine needs, from Debian,
# where that is missing, and tests sweeps on one. Where that cannot be had there is nothing to test with, which is said.
set -eu
cd "$(dirname "$0")/.."
venv=$(pwd -P)/.venv-cluster
wanted=experiments/sweep/requirements.txt
task=${1-}
unset PYTHONHOME PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

fail() {
	printf 'setup-cluster: %s\n' "$@" >&2
	exit 1
}

if ! cmp -s "$wanted" "$venv/installed" || ! "$venv/bin/snakemake" --version >/dev/null 2>&1; then
	if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.14 python3.13 python3.12 python3.11; fi
	for python; do
		"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
		python=
	done
	[ -n "$python" ] || fail "Snakemake needs Python 3.11 or newer with the module venv" \
		"to use another Python: make setup-cluster PYTHON=/path/of/python3"
	echo "setup-cluster: installing Snakemake (.venv-cluster) with $("$python" --version)" >&2
	rm -rf "$venv"
	"$python" -m venv "$venv"
	# Of connection-pool there is no wheel; it is built, of one file of Python.
	"$venv/bin/python" -m pip install --quiet --require-hashes --only-binary :all: --no-binary connection-pool -r "$wanted" ||
		fail "pip failed: see above"
	cp "$wanted" "$venv/installed"
fi

[ "$task" = test ] || exit 0
skip() {
	printf 'test-cluster: SKIPPED, sweeps on a cluster were not tested: %s\n' "$*" >&2
	exit 0
}
slurm_is_here() {
	for program in slurmctld slurmd sbatch munged; do
		PATH=$PATH:/usr/sbin command -v $program >/dev/null || return 1
	done
}
# RUNLEVEL: services are not started where that is left to init's scripts.
install() { RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends slurm-wlm munge; }
if ! slurm_is_here; then
	by_hand="Slurm is missing (Debian, Ubuntu: apt install slurm-wlm munge)"
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "$by_hand"
	echo "test-cluster: installing Slurm" >&2
	{ install || { apt-get update && install; }; } >/dev/null 2>&1 && slurm_is_here || skip "apt-get could not install Slurm; $by_hand"
fi
go vet -tags cluster ./experiments/sweep
go tool staticcheck -tags cluster ./experiments/sweep
go test -tags cluster -count 1 -timeout 20m -v ./experiments/sweep
