#!/usr/bin/env bash
# test-deps.sh: finds or installs what the tests run against: PostgreSQL, transmission-daemon (Debian's), a second, newer
# transmission-daemon that is unpacked into a cache directory and never installed, a C compiler (for -race), curl, and
# Node with the GraphQL client of other people, which goes into a cache directory, too.
# Does nothing, fast, when all of it is there.
set -euo pipefail

# The newer Transmission: the suite it is taken from, the suite that suite builds upon, and where it goes.
base_suite=trixie
suite=trixie-backports
cache=${XDG_CACHE_HOME:-$HOME/.cache}/clarion-download-manager
transmission4=${DM_TEST_TRANSMISSION4_ROOT:-$cache/transmission-4.1/root}

# The GraphQL client from npm: what it is made of, and where it goes, a folder per package-lock.json.
stockclient=$(cd "$(dirname "$0")/../internal/testkit/stockclient" && pwd)
stockclients=$cache/stock-clients/$(sha256sum "$stockclient/package-lock.json" | cut -c 1-12)

say() { printf 'test-deps: %s\n' "$*"; }
die() {
	printf 'test-deps: %s\n' "$*" >&2
	exit 1
}

has_postgres() {
	{ command -v pg_ctl && command -v initdb; } >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null
}

has_transmission4() {
	[ -x "$transmission4/usr/bin/transmission-daemon" ]
}

has_stockclients() {
	[ -d "$stockclients/node_modules/graphql-ws" ]
}

# --- what is missing? -----------------------------------------------------------------------------------------------

packages=()
services=()
if ! has_postgres; then
	packages+=(postgresql)
	services+=(postgresql)
fi
if ! command -v transmission-daemon >/dev/null; then
	packages+=(transmission-daemon)
	services+=(transmission-daemon)
fi
command -v curl >/dev/null || packages+=(curl)
{ command -v gcc || command -v clang; } >/dev/null 2>&1 || packages+=(gcc libc6-dev)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || has_stockclients || packages+=(npm)

if [ ${#packages[@]} -eq 0 ] && has_stockclients && has_transmission4; then
	say "everything is here"
	exit 0
fi

work=$(mktemp -d)
unpacked=
policy=
cleanup() {
	[ -z "$policy" ] || as_root rm -f "$policy"
	rm -rf "$work" ${unpacked:+"$unpacked"}
}
trap cleanup EXIT

# --- packages of this machine's own distribution --------------------------------------------------------------------

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

twice() {
	"$@" || { say "once more: $*"; "$@"; }
}

apt_install() {
	as_root apt-get update -qq
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Debian starts a service when its package is installed, unless this file says no. The tests start their own.
forbid_services() {
	[ -e /usr/sbin/policy-rc.d ] && return
	printf '#!/bin/sh\nexit 101\n' >"$work/policy-rc.d"
	policy=/usr/sbin/policy-rc.d
	as_root install -m 755 "$work/policy-rc.d" "$policy"
}

if [ ${#packages[@]} -gt 0 ]; then
	command -v apt-get >/dev/null ||
		die "please install with this system's package manager: ${packages[*]}"
	as_root true 2>/dev/null ||
		die "not root, and sudo wants a password. Please run: sudo apt-get install --no-install-recommends ${packages[*]}"
	say "installing ${packages[*]}"
	forbid_services
	twice apt_install "${packages[@]}" || die "apt-get could not install: ${packages[*]}"
	if [ -d /run/systemd/system ] && [ ${#services[@]} -gt 0 ]; then
		as_root systemctl disable --now --quiet "${services[@]}" || true
	fi
	has_postgres || die "PostgreSQL's programs are still not found"
fi

# --- the GraphQL client from npm ---------------------------------------------------------------------------------------

# Like the newer Transmission below: made beside its place and moved there whole.
if ! has_stockclients; then
	say "installing graphql-ws into $stockclients"
	mkdir -p "$(dirname "$stockclients")"
	unpacked=$(mktemp -d "$(dirname "$stockclients")/install.XXXXXX")
	cp "$stockclient/package.json" "$stockclient/package-lock.json" "$unpacked"
	twice npm --prefix "$unpacked" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null ||
		die "npm could not install graphql-ws"
	rm -rf "$stockclients"
	mv -T "$unpacked" "$stockclients" || has_stockclients
	rm -rf "$unpacked" # where another run was faster
fi

# --- the newer Transmission, unpacked ---------------------------------------------------------------------------------

has_transmission4 && exit 0
[ -z "${DM_TEST_TRANSMISSION4_ROOT:-}" ] || die "no transmission-daemon below DM_TEST_TRANSMISSION4_ROOT"
{ command -v apt-get && command -v dpkg-deb; } >/dev/null 2>&1 ||
	die "the Transmission 4.1 tests need a Debian machine, or DM_TEST_TRANSMISSION4_ROOT naming an unpacked one"

# The mirror and the keyring this machine itself uses.
# shellcheck disable=SC2016 # the format is apt's, not the shell's
mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
	awk '$2 == "main" && $1 !~ /security/ { print $1; exit }')
[ -n "$mirror" ] || die "this machine's apt has no Debian source to take $suite from"
keyring=$(grep -hoiE 'signed-by[:=] *[^] ]+' /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
	/etc/apt/sources.list.d/*.sources 2>/dev/null | sed -E 's/^[^:=]*[:=] *//' | grep debian | head -n 1 || true)
keyring=${keyring:-/usr/share/keyrings/debian-archive-keyring.gpg}

say "unpacking transmission-daemon of $suite into $transmission4"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$(dirname "$transmission4")"
: >"$work/status"
for s in "$base_suite" "$suite"; do
	echo "deb [signed-by=$keyring] $mirror $s main"
done >"$work/sources.list"

private_apt() {
	apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State="$work" -o Dir::State::Lists="$work/lists" -o Dir::State::status="$work/status" \
		-o Dir::Cache="$work/cache" -o APT::Install-Recommends=false -o APT::Sandbox::User= \
		-o Debug::NoLocking=1 "$@"
}
download() {
	private_apt update && private_apt -d -y -t "$suite" install transmission-daemon >/dev/null
}
twice download || die "could not download transmission-daemon of $suite"

# Unpacked beside its place and moved there whole, so that an interrupted run leaves nothing half done.
unpacked=$(mktemp -d "$(dirname "$transmission4")/unpack.XXXXXX")
for package in "$work"/cache/archives/*.deb; do
	dpkg-deb -x "$package" "$unpacked"
done
chmod 755 "$unpacked"
rm -rf "$transmission4"
mv -T "$unpacked" "$transmission4" || has_transmission4
say "done"
