#!/usr/bin/env bash
# test-deps.sh: finds or installs what the tests run against: PostgreSQL, MariaDB, Debian's transmission-daemon, qbittorrent-nox,
# deluged, rtorrent and aria2, a second, newer one of each that is unpacked into a cache directory and never installed, a C
# compiler (for -race), curl, and Node with the GraphQL client of other people, which goes into a cache directory, too.
# Does nothing, fast, when all of it is there.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/clarion-download-manager

# The newer clients: the folder of each in the cache, the variable that names another root, the program that shows that it
# is there, and the packages with the suite they are taken from. All suites build upon $base_suite.
base_suite=trixie
newer=(
	"transmission-4.1 DM_TEST_TRANSMISSION4_ROOT usr/bin/transmission-daemon trixie-backports transmission-daemon"
	"qbittorrent-5 DM_TEST_QBITTORRENT5_ROOT usr/bin/qbittorrent-nox trixie-backports qbittorrent-nox"
	"deluge-2.2 DM_TEST_DELUGE22_ROOT usr/bin/deluged trixie deluged"
	"rtorrent-0.16 DM_TEST_RTORRENT016_ROOT usr/bin/rtorrent sid rtorrent"
	"aria2-1.37 DM_TEST_ARIA137_ROOT usr/bin/aria2c trixie aria2"
)

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

# root_of FOLDER VARIABLE: where the root of a newer client is, or goes.
root_of() {
	printf '%s' "${!2:-$cache/$1/root}"
}

has_newer() {
	local folder variable program
	read -r folder variable program _ <<<"$1"
	[ -x "$(root_of "$folder" "$variable")/$program" ]
}

has_all_newer() {
	local client
	for client in "${newer[@]}"; do
		has_newer "$client" || return 1
	done
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
if ! command -v mariadbd >/dev/null && [ ! -x /usr/sbin/mariadbd ]; then
	packages+=(mariadb-server)
	services+=(mariadb)
fi
command -v qbittorrent-nox >/dev/null || packages+=(qbittorrent-nox)
if ! command -v deluged >/dev/null; then
	packages+=(deluged)
	services+=(deluged)
fi
command -v rtorrent >/dev/null || packages+=(rtorrent)
command -v aria2c >/dev/null || packages+=(aria2)
command -v unshare >/dev/null || packages+=(util-linux)
command -v ip >/dev/null || packages+=(iproute2)
command -v curl >/dev/null || packages+=(curl)
{ command -v gcc || command -v clang; } >/dev/null 2>&1 || packages+=(gcc libc6-dev)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || has_stockclients || packages+=(npm)

if [ ${#packages[@]} -eq 0 ] && has_stockclients && has_all_newer; then
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

# Like the newer clients below: made beside its place and moved there whole.
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

# --- the newer clients, unpacked ----------------------------------------------------------------------------------------

has_all_newer && exit 0
{ command -v apt-get && command -v dpkg-deb; } >/dev/null 2>&1 ||
	die "the tests of newer clients need a Debian machine, or DM_TEST_..._ROOT naming unpacked ones"

# The mirror and the keyring this machine itself uses.
# shellcheck disable=SC2016 # the format is apt's, not the shell's
mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
	awk '$2 == "main" && $1 !~ /security/ { print $1; exit }')
[ -n "$mirror" ] || die "this machine's apt has no Debian source to take newer clients from"
keyring=$(grep -hoiE 'signed-by[:=] *[^] ]+' /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
	/etc/apt/sources.list.d/*.sources 2>/dev/null | sed -E 's/^[^:=]*[:=] *//' | grep debian | head -n 1 || true)
keyring=${keyring:-/usr/share/keyrings/debian-archive-keyring.gpg}

# private_apt SUITE ...: apt-get that knows $base_suite and SUITE, and nothing of what this machine has installed.
private_apt() {
	local suite=$1 own=$work/$1 s
	shift
	if [ ! -e "$own/sources.list" ]; then
		mkdir -p "$own/lists/partial" "$own/cache/archives/partial"
		: >"$own/status"
		for s in "$base_suite" "$suite"; do
			echo "deb [signed-by=$keyring] $mirror $s main"
		done | sort -u >"$own/sources.list"
	fi
	apt-get -qq -o Dir::Etc::SourceList="$own/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State="$own" -o Dir::State::Lists="$own/lists" -o Dir::State::status="$own/status" \
		-o Dir::Cache="$own/cache" -o APT::Install-Recommends=false -o APT::Sandbox::User= \
		-o Debug::NoLocking=1 "$@"
}

download() { # SUITE PACKAGE...
	local suite=$1
	shift
	private_apt "$suite" update && private_apt "$suite" -d -y -t "$suite" install "$@" >/dev/null
}

# unpack CLIENT: beside its place and moved there whole, so that an interrupted run leaves nothing half done.
unpack() {
	local folder variable program suite wanted root package
	read -r folder variable program suite wanted <<<"$1"
	[ -z "${!variable:-}" ] || die "no $program below $variable"
	root=$(root_of "$folder" "$variable")
	say "unpacking $wanted of $suite into $root"
	rm -rf "$work/$suite/cache/archives"
	mkdir -p "$work/$suite/cache/archives/partial" "$(dirname "$root")"
	# shellcheck disable=SC2086 # several packages
	twice download "$suite" $wanted || die "could not download $wanted of $suite"
	unpacked=$(mktemp -d "$(dirname "$root")/unpack.XXXXXX")
	for package in "$work/$suite"/cache/archives/*.deb; do
		dpkg-deb -x "$package" "$unpacked"
	done
	chmod 755 "$unpacked"
	rm -rf "$root"
	mv -T "$unpacked" "$root" || has_newer "$1"
	rm -rf "$unpacked" # where another run was faster
	unpacked=
}

for client in "${newer[@]}"; do
	has_newer "$client" || unpack "$client"
done
say "done"
