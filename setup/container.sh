#!/bin/sh
# Checks the Dockerfile on a machine without a container engine: runs its steps in a bare Debian that debootstrap makes, then, as the
# image's user, sets up again, starts JupyterLab and executes a notebook at the smallest scale. Debian with some packages and
# this machine's Go stands for the base image. It needs root, debootstrap and the network, and leaves nothing behind.
set -eu
cd "$(dirname "$0")/.."
say() { printf 'container: %s\n' "$*" >&2; }
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
	say "this needs root and debootstrap (Debian: apt install debootstrap)"
	exit 1
fi
root=$(mktemp -d)
chmod 755 "$root" # for the image's user it is /
trap 'rm -rf "$root"' EXIT
trap 'exit 1' INT TERM
begin=$(date +%s)

say "making a bare Debian"
debootstrap --variant=minbase --include=ca-certificates,g++,git,make,pkg-config bookworm "$root" >"$root/log" 2>&1 || { tail "$root/log"; exit 1; }
cp -r "$(go env GOROOT)" "$root/usr/local/go"
mkdir "$root/context" "$root/go"
chmod 1777 "$root/go"
git ls-files -z --cached --others --exclude-standard | tar --null -cT - | tar -xC "$root/context" --no-same-owner
echo "127.0.0.1 localhost" >"$root/etc/hosts"
# This machine's way to the network
cp /etc/resolv.conf "$root/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
network=$(env | grep -E '^(https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|PIP_INDEX_URL|PIP_CERT)=' || true)

# The Dockerfile as a script: RUN as the image's user, COPY from the context.
{
	cat <<-'END'
		set -eu
		user=root
		as() { runuser -u "$user" -- sh -euc "$(cat)" </dev/null; }
	END
	sed -nE \
		-e 's/^ARG ([A-Z_]+)=(.*)/export \1="${\1:-\2}"/p' \
		-e 's/^ENV (.*)/export \1/p' \
		-e 's/^USER (.*)/user=\1/p' \
		-e 's/^WORKDIR (.*)/mkdir -p \1; cd \1/p' \
		-e 's/^COPY .*/cp -r \/context\/. .; chown -R "$user" ./p' \
		-e 's/^RUN (.*)/as <<"END"\n\1\nEND/p' \
		-e 's/^CMD \[(.*)\]/export CMD='"'"'[\1]'"'"'/p' Dockerfile
	cat <<-'END'
		as <<"CHECK"
			[ "$(id -u)" = 1000 ]
			make setup >/tmp/again 2>&1
			if grep ready /tmp/again; then exit 1; fi # everything was there
			python3 setup/container.py
			FASHIONLATENT_SCALE=smoke jupyter nbconvert --to html --execute notebooks/2-autoencoder.ipynb --output-dir "$HOME"
		CHECK
	END
} >"$root/steps"
say "running the Dockerfile's steps"
# In namespaces of their own, so that what is mounted and started there ends with them.
unshare --mount --pid --fork --mount-proc="$root/proc" \
	env -i GOPATH=/go GOTOOLCHAIN=local GOPROXY="$(go env GOPROXY)" $network PATH=/go/bin:/usr/local/go/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	chroot "$root" sh /steps
say "passed in $(($(date +%s) - begin)) s"
