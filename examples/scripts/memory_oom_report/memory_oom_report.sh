#!/usr/bin/env bash
# Memory, swap, their largest users, and recent kills by the kernel for want of memory.
# Usage: memory_oom_report.sh [MIN_AVAILABLE_PERCENT=10] [HOURS=24]
# Exit:  0 fine, 1 too little available or something was killed, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

min_available_percent=${1:-10}
hours=${2:-24}
[[ $min_available_percent =~ ^[1-9][0-9]?$ ]] ||
  die "min_available_percent must be 1 to 99, not '$min_available_percent'"
[[ $hours =~ ^[1-9][0-9]{0,2}$ ]] || die "hours must be 1 to 720, not '$hours'"
((hours <= 720)) || die "hours must be 1 to 720, not '$hours'"

kib() { awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo; }

total=$(kib MemTotal)
available=$(kib MemAvailable)
percent=$((available * 100 / total))
echo "== memory: $((available / 1024)) of $((total / 1024)) MiB available ($percent %)"
echo "== swap: $(($(kib SwapFree) / 1024)) of $(($(kib SwapTotal) / 1024)) MiB free"

# One line for each process: MiB, pid, command name (no command line: it may hold passwords).
largest() { # KEY of /proc/PID/status
  cat /proc/[0-9]*/status 2>/dev/null |
    awk -v key="$1:" '$1 == "Name:" { name = $2 } $1 == "Pid:" { pid = $2 } $1 == key && $2 >= 1024 {
      printf "%8d MiB  %7d  %s\n", $2 / 1024, pid, name
    }' | sort -rn | awk 'NR <= 10'
}
echo "== largest by resident memory"
largest VmRSS || true # a process that ends while it is read is no failure
echo "== largest in swap"
largest VmSwap || true

echo "== killed by the kernel in the last $hours hours"
if command -v journalctl >/dev/null && log=$(journalctl --dmesg --since "-${hours}h" --no-pager --quiet 2>/dev/null); then
  :
elif log=$(dmesg -T 2>/dev/null); then
  echo "(no journal here: since the last start, as far as the kernel's buffer reaches)"
else
  log=""
  echo "(neither the journal nor the kernel's buffer can be read)"
fi
kills=$(grep -E 'Out of memory: Kill|Memory cgroup out of memory: Kill|oom-kill:' <<<"$log" || true)
echo "${kills:-none}" | tail -n 20

if [[ -n $kills ]]; then
  echo "FINDING: the kernel has killed processes for want of memory"
  exit 1
fi
if ((percent < min_available_percent)); then
  echo "FINDING: only $percent % is available, below $min_available_percent %"
  exit 1
fi
echo "OK: $percent % available, nothing killed"
