#!/usr/bin/env bash
# What keeps this host busy, and how one process is doing.
# Shows command names only: full command lines may hold passwords.
# Usage: process_diagnosis.sh [PROCESS_NAME=] [COUNT=10]
# Exit:  0 reported, 1 no process has that name, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

process_name=${1:-}
count=${2:-10}
[[ $process_name =~ ^[A-Za-z0-9_.:/@-]*$ ]] || die "process_name is a command name, not '$process_name'"
[[ $count =~ ^([1-9]|[1-4][0-9]|50)$ ]] || die "count must be 1 to 50, not '$count'"
command -v ps >/dev/null || die "this host has no ps (package procps or procps-ng)"

# awk reads to the end, where head would break the pipe.
first() { awk -v n="$count" 'NR <= n + 1'; }

echo "== load (1, 5, 15 minutes) on $(nproc) CPUs, up since $(date -d "@$(awk '/^btime/ { print $2 }' /proc/stat)" -u +%FT%TZ)"
cut -d ' ' -f 1-3 /proc/loadavg
echo "== by CPU"
ps -eo pid,ppid,user,stat,pcpu,pmem,rss,etime,comm --sort=-pcpu | first
echo "== by resident memory"
ps -eo pid,ppid,user,stat,pcpu,pmem,rss,etime,comm --sort=-rss | first
echo "== zombies and the parents that do not reap them"
ps -eo stat,pid,ppid,etime,comm | awk 'NR == 1 || $1 ~ /^Z/' | first
echo "== waiting for input or output (uninterruptible)"
ps -eo stat,pid,wchan:20,etime,comm | awk 'NR == 1 || $1 ~ /^D/' | first

[[ -n $process_name ]] || exit 0

found=0
echo "== $process_name"
for pid in $(ps -eo pid,comm | awk -v name="$process_name" '$2 == name { print $1 }'); do
  [[ -r /proc/$pid/limits ]] || continue # ended meanwhile
  found=1
  files=$(find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l) || files="?"
  limit=$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits" 2>/dev/null) || limit="?"
  echo "pid $pid: started $(ps -o lstart= -p "$pid" || true), threads $(ps -o nlwp= -p "$pid" || true)," \
    "open files $files of $limit"
  awk '/^(VmRSS|VmSwap|State|voluntary_ctxt_switches|nonvoluntary_ctxt_switches):/ { print "  " $0 }' \
    "/proc/$pid/status" 2>/dev/null || true
done
if ((found == 0)); then
  echo "no process has the command name '$process_name'"
  exit 1
fi
