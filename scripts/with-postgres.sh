#!/usr/bin/env bash
# with-postgres.sh CMD [ARG…]
#
# Runs CMD with TEST_DATABASE_URL naming a PostgreSQL server. When that is set already, CMD simply runs. Otherwise a
# throw-away cluster is started for it, and stopped and deleted when CMD ends, however it ends.
set -euo pipefail

if [ $# -eq 0 ]; then
	echo "usage: $0 CMD [ARG…]" >&2
	exit 2
fi
if [ -n "${TEST_DATABASE_URL:-}" ]; then
	exec "$@"
fi

# The directory that holds initdb, pg_ctl and postgres: the one on PATH, else the newest of Debian's versioned ones.
binaries() {
	local found
	found=$(command -v pg_ctl || true)
	if [ -z "$found" ]; then
		found=$(printf '%s\n' /usr/lib/postgresql/*/bin/pg_ctl | sort -V | tail -n 1)
	fi
	found=$(readlink -f "$found" 2>/dev/null || true)
	[ -x "$found" ] && dirname "$found"
}

if ! bin=$(binaries); then
	echo "with-postgres: no PostgreSQL here: run make test-deps" >&2
	exit 1
fi

# PostgreSQL refuses to run as root.
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
	owner=nobody
	id postgres >/dev/null 2>&1 && owner=postgres
	as_owner=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --init-groups env HOME=/)
fi

# The cluster's directory has to be reachable by its owner: a private TMPDIR of root's is not.
parent=${TMPDIR:-/tmp}
if [ ${#as_owner[@]} -gt 0 ] && ! "${as_owner[@]}" test -x "$parent"; then
	parent=/tmp
fi
cluster=$(mktemp -d "$parent/downloadmanager-postgres.XXXXXX")
[ ${#as_owner[@]} -gt 0 ] && chown "$owner" "$cluster"
cd "$cluster"

as() {
	${as_owner[@]+"${as_owner[@]}"} "$@" </dev/null
}

finish() {
	trap - EXIT
	trap '' INT TERM HUP
	as "$bin/pg_ctl" stop -D "$cluster/data" -m immediate >/dev/null 2>&1 || true
	cd /
	rm -rf "$cluster"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" >"$cluster/password"
[ ${#as_owner[@]} -gt 0 ] && chown "$owner" "$cluster/password"

# A password and not "trust": a superuser of any database can run programs as its owner.
if ! as "$bin/initdb" --pgdata="$cluster/data" --username=postgres --pwfile="$cluster/password" \
	--auth=password --encoding=UTF8 --locale=C --no-sync >"$cluster/initdb.log" 2>&1; then
	cat "$cluster/initdb.log" >&2
	exit 1
fi
cat >>"$cluster/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$cluster'
max_connections = 400
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
CONF

# A port below the range the kernel gives to outgoing connections, so that nobody takes it between here and there.
started=
for _ in 1 2 3 4 5; do
	port=$((20000 + RANDOM % 12000))
	if as "$bin/pg_ctl" start -D "$cluster/data" -l "$cluster/server.log" -w -t 30 -o "-p $port" >/dev/null 2>&1; then
		started=yes
		break
	fi
done
if [ -z "$started" ]; then
	cat "$cluster/server.log" >&2
	exit 1
fi

export TEST_DATABASE_URL="postgres://postgres:$password@127.0.0.1:$port/postgres?sslmode=disable"
cd "$OLDPWD"
"$@"
