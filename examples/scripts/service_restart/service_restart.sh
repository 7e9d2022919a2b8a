#!/usr/bin/env bash
# Restart a systemd service, then wait until it is healthy.
# Usage: service_restart.sh SERVICE [HEALTH_URL=] [TIMEOUT_SECONDS=60]
# Exit:  0 healthy, 1 not healthy in time (state and last log lines are printed), 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

service=${1:-}
health_url=${2:-}
timeout_seconds=${3:-60}

[[ $service =~ ^[A-Za-z0-9_][A-Za-z0-9_.@-]*$ ]] || die "service must be a systemd unit name, not '$service'"
[[ -z $health_url || $health_url =~ ^https?:// ]] || die "health_url must begin with http:// or https://"
[[ $timeout_seconds =~ ^[1-9][0-9]{0,2}$ ]] || die "timeout_seconds must be 1 to 999, not '$timeout_seconds'"
command -v systemctl >/dev/null || die "this host has no systemd"
[[ -z $health_url ]] || command -v curl >/dev/null || die "health_url needs curl"
systemctl cat "$service" >/dev/null 2>&1 || die "there is no unit '$service' on this host"

main_pid() { systemctl show -p MainPID "$service" | cut -d = -f 2; }

healthy() {
  systemctl is-active --quiet "$service" || return 1
  [[ -z $health_url ]] || curl -fsS --max-time 5 --output /dev/null "$health_url" 2>/dev/null
}

explain() {
  systemctl status --no-pager --full --lines 0 "$service" || true
  journalctl --no-pager --unit "$service" --lines 50 2>/dev/null || true
}

before=$(main_pid)
echo "Restarting $service (main process $before) at $(date -u +%FT%TZ)"
if ! systemctl restart "$service"; then
  echo "FAILED: systemd could not restart $service" >&2
  explain
  exit 1
fi

deadline=$((SECONDS + timeout_seconds))
until healthy; do
  if ((SECONDS >= deadline)); then
    echo "FAILED: $service is not healthy after $timeout_seconds s" >&2
    explain
    exit 1
  fi
  sleep 1
done
echo "OK: $service is healthy (main process $(main_pid))"
