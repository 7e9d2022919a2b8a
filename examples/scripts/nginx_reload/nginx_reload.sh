#!/usr/bin/env bash
# Test the nginx configuration, reload if it is valid, and check that nginx still answers.
# Usage: nginx_reload.sh [HEALTH_URL=] [TEST_ONLY=true]
# Exit:  0 valid (and reloaded), 1 invalid or not answering, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

health_url=${1:-}
test_only=${2:-true}
[[ -z $health_url || $health_url =~ ^https?:// ]] || die "health_url must begin with http:// or https://"
[[ $test_only == true || $test_only == false ]] || die "test_only must be true or false, not '$test_only'"
command -v nginx >/dev/null || die "this host has no nginx"
[[ -z $health_url ]] || command -v curl >/dev/null || die "health_url needs curl"

if ! nginx -t; then
  echo "INVALID: nginx was not reloaded and goes on with its old configuration" >&2
  exit 1
fi
if [[ $test_only == true ]]; then
  echo "OK: the configuration is valid. Run again with test_only=false to reload nginx."
  exit 0
fi

# systemd knows whether nginx runs at all; nginx itself would only complain about its pid file.
if command -v systemctl >/dev/null && systemctl is-active --quiet nginx; then
  systemctl reload nginx
else
  nginx -s reload
fi

if [[ -n $health_url ]]; then
  status=$(curl -s --max-time 10 --retry 3 --retry-delay 1 --output /dev/null --write-out '%{http_code}' "$health_url") ||
    status=000
  if [[ $status == 000 || $status == 5* ]]; then
    echo "NOT ANSWERING: $health_url gave status $status after the reload" >&2
    exit 1
  fi
  echo "$health_url answers with status $status"
fi
echo "OK: nginx has reloaded its configuration"
