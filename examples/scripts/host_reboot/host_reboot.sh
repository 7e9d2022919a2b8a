#!/usr/bin/env bash
# Check that nothing forbids a reboot, then schedule it. `shutdown -c` on the host cancels it.
# Usage: host_reboot.sh [CONFIRM=no] [DELAY_MINUTES=2] [REASON=planned maintenance]
# Exit:  0 scheduled (or nothing forbids it), 1 something forbids it, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

confirm=${1:-no}
delay_minutes=${2:-2}
reason=${3:-planned maintenance}
[[ $delay_minutes =~ ^([1-9]|[1-5][0-9]|60)$ ]] || die "delay_minutes must be 1 to 60, not '$delay_minutes'"
[[ $reason =~ ^[A-Za-z0-9\ _.,:/-]{1,120}$ ]] || die "reason must be plain text of at most 120 characters"
command -v pgrep >/dev/null || die "this host has no pgrep (package procps or procps-ng)"

forbidden=0
forbid() {
  forbidden=1
  echo "FORBIDDEN: $*"
}

# A package manager that is cut may leave a host that does not start again.
for tool in apt apt-get dpkg unattended-upgr dnf yum rpm; do
  ! pgrep -x "$tool" >/dev/null || forbid "$tool is running"
done
if findmnt --help 2>/dev/null | grep -q -e --verify && ! problems=$(findmnt --verify 2>&1); then
  forbid "/etc/fstab has errors: ${problems//$'\n'/; }"
fi
if [[ -d /boot ]]; then
  free_kb=$(df -Pk /boot | awk 'NR == 2 { print $4 }')
  ((free_kb > 1024)) || forbid "/boot is full: a new kernel may be incomplete"
fi

echo "Users logged in: $(who | awk '{ print $1 }' | sort -u | tr '\n' ' ')"
echo "Up since $(date -u -d "@$(awk '/^btime/ { print $2 }' /proc/stat)" +%FT%TZ)"

if ((forbidden)); then
  exit 1
fi
if [[ $confirm != yes ]]; then
  echo "Check only: nothing forbids a reboot. Run again with confirm=yes to reboot in $delay_minutes minutes."
  exit 0
fi
logger -t host_reboot "reboot in $delay_minutes minutes: $reason"
shutdown -r "+$delay_minutes" "$reason"
echo "OK: reboot in $delay_minutes minutes ($reason); 'shutdown -c' cancels it"
