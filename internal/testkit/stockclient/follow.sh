#!/bin/sh
# Follows completions as Server-Sent Events and appends each, as a line of JSON, to a file, however often the connection
# is lost. The file is all it remembers: its last line says where to go on, also when the script itself was ended.
#
#   TOKEN=… follow.sh http://127.0.0.1:9480/graphql completions.jsonl
set -u
url=$1 told=$2
touch "$told"

while :; do
	cursor=$(tail -n 1 "$told" | sed 's/.*"cursor":"\([^"]*\)".*/\1/')
	curl -sSN "$url" \
		-H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -H 'Accept: text/event-stream' \
		-d '{"query": "subscription($after: ID) { torrentCompleted(after: $after) { cursor torrentId name hashString completedAt } }",
		     "variables": {"after": "'"${cursor:-0}"'"}}' |
		while IFS= read -r line; do # a line that was cut off is not read
			case $line in
			'data: {"data":{"torrentCompleted":'*)
				line=${line#'data: {"data":{"torrentCompleted":'}
				printf '%s\n' "${line%\}\}}" >>"$told"
				;;
			'data: {"errors"'*) printf '%s\n' "$line" >&2 ;;
			esac
		done
	sleep 0.2
done
