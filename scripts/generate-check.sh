#!/usr/bin/env bash
# generate-check.sh: generates again, and complains when that changes something: the schema was edited without
# `make generate`, or generated code by hand.
set -euo pipefail

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT

# Generated files, and the resolvers, whose signatures the generator writes.
snapshot() { (cd graph && find . \( -path './generated/*' -o -name '*.resolvers.go' \) -type f -print0 | xargs -0 cp --parents -t "$1"); }

snapshot "$before"
go generate -tags "${GOTAGS:-}" ./...
after=$before/.after
mkdir "$after"
snapshot "$after"
if ! diff -ru --exclude=.after "$before" "$after"; then
	echo "generate-check: the generated code was not up to date; it is now" >&2
	exit 1
fi
