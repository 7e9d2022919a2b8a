#!/usr/bin/env bash
# Who listens on a TCP port, who is connected, and does it accept a connection?
# Usage: port_diagnosis.sh PORT
# Exit:  0 somebody listens and accepts, 1 nobody listens or the backlog is full, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

port=${1:-}
[[ $port =~ ^[1-9][0-9]{0,4}$ ]] || die "port must be 1 to 65535, not '$port'"
((port <= 65535)) || die "port must be 1 to 65535, not '$port'"
command -v ss >/dev/null || die "this host has no ss (package iproute2 or iproute)"

listeners=$(ss -tlnp "sport = :$port" | tail -n +2)
echo "== listening on port $port"
echo "${listeners:-nobody}"

connections=$(ss -tan "( sport = :$port or dport = :$port )" | awk 'NR > 1 && $1 != "LISTEN"')
echo "== connections by state"
awk 'NF { n[$1]++ } END { for (state in n) print n[state], state }' <<<"$connections" | sort -rn
echo "== peers with the most connections"
awk 'NF { sub(/:[^:]*$/, "", $5); n[$5]++ } END { for (peer in n) print n[peer], peer }' <<<"$connections" |
  sort -rn | awk 'NR <= 10'

if [[ -z $listeners ]]; then
  echo "CLOSED: nobody listens on port $port"
  exit 1
fi

# Of a listening socket, column 2 is how many wait to be accepted and column 3 how many may.
full=$(awk '$3 > 0 && $2 > $3 { print $4 }' <<<"$listeners")
if [[ -n $full ]]; then
  echo "STUCK: the accept queue of $full is full; the process does not accept"
  exit 1
fi

address=$(awk 'NR == 1 { sub(/:[^:]*$/, "", $4); print $4 }' <<<"$listeners")
case $address in
  '*' | 0.0.0.0 | '[::]') address=127.0.0.1 ;;
esac
address=${address#[}
address=${address%]}
address=${address%%%*}
# shellcheck disable=SC2016 # the inner bash expands them: they are its arguments
if timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port" 2>/dev/null; then
  echo "OK: $address port $port accepts connections"
else
  echo "REFUSED: $address port $port is listened on, but a connection failed within 3 s"
  exit 1
fi
