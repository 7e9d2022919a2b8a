#!/usr/bin/env bash
# Silence a service's alerts for a maintenance window.
# Usage: alert_silence.sh API_URL SERVICE [MINUTES=30] TOKEN
# Exit:  0 silenced, 1 the API did not take it, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

api_url=${1:-}
service=${2:-}
minutes=${3:-30}
token=${4:-}

[[ $api_url =~ ^(https://|http://(127\.0\.0\.1|localhost)[:/]) ]] || die "api_url must begin with https://"
[[ $service =~ ^[A-Za-z0-9_.-]{1,64}$ ]] || die "service must be a plain name, not '$service'"
[[ $minutes =~ ^[1-9][0-9]{0,2}$ ]] || die "minutes must be 1 to 240, not '$minutes'"
((minutes <= 240)) || die "minutes must be 1 to 240, not '$minutes'"
[[ $token =~ ^[A-Za-z0-9._~+/=-]+$ ]] || die "token is empty or holds characters that no bearer token has"
command -v curl >/dev/null || die "this host has no curl"

starts=$(date -u +%FT%TZ)
ends=$(date -u -d "+$minutes minutes" +%FT%TZ)
body=$(printf '{"service":"%s","host":"%s","starts_at":"%s","ends_at":"%s"}' "$service" "$(uname -n)" "$starts" "$ends")

# curl reads the token from its standard input: arguments are visible to every user of the host.
if ! printf 'header = "Authorization: Bearer %s"\n' "$token" |
  curl --config - --silent --show-error --fail --max-time 20 --output /dev/null \
    --header "Content-Type: application/json" --data "$body" "$api_url"; then
  echo "FAILED: the alerts of $service are NOT silenced" >&2
  exit 1
fi
echo "OK: alerts of $service are silent from $starts to $ends"
