#!/usr/bin/env bash
# fuzz.sh TIME: runs every fuzz target of every package for that long, one after the other.
set -euo pipefail

mapfile -t packages < <(grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' . | xargs -rn1 dirname | sort -u)
for package in "${packages[@]}"; do
	targets=$(go test -tags "${GOTAGS:-}" -list '^Fuzz' "$package" | grep '^Fuzz')
	for target in $targets; do
		echo "== $package $target"
		go test -tags "${GOTAGS:-}" -run '^$' -fuzz "^$target\$" -fuzztime "$1" "$package"
	done
done
