#!/usr/bin/env bash
# Disk and inode usage of local file systems; for each full one also its largest folders.
# Usage: disk_inode_report.sh [THRESHOLD_PERCENT=85] [MOUNT_POINT=all local]
# Exit:  0 all below the threshold, 1 at least one is full, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

threshold_percent=${1:-85}
mount_point=${2:-}
[[ $threshold_percent =~ ^([1-9][0-9]?|100)$ ]] || die "threshold_percent must be 1 to 100, not '$threshold_percent'"

if [[ -n $mount_point ]]; then
  [[ -e $mount_point ]] || die "mount_point '$mount_point' does not exist"
  scope=(-- "$mount_point")
else
  scope=(-l -x tmpfs -x devtmpfs -x squashfs -x overlay -x iso9660)
fi

# Prints the df table of KIND and leaves the mount points at or above the threshold in $full.
full=""
report() {
  local kind=$1 table
  shift
  table=$(df -P "$@" "${scope[@]}" 2>/dev/null) || echo "warning: df could not read every file system" >&2
  echo "== $kind"
  echo "${table:-no local file system}"
  full=$(awk -v limit="$threshold_percent" 'NR > 1 {
    used = $5; sub(/%/, "", used)
    if (used !~ /^[0-9]+$/ || used + 0 < limit) next
    for (i = 1; i <= 5; i++) sub(/^[^ ]+ +/, "") # what is left is the mount point, spaces and all
    print
  }' <<<"$table" | sort -u)
}

found=0
report "disk usage"
while IFS= read -r mount; do
  [[ -n $mount ]] || continue
  found=1
  echo "FULL: disk of $mount is at or above $threshold_percent %. Largest folders (60 s at most):"
  timeout 60 nice -n 19 du -xh --max-depth=2 -- "$mount" 2>/dev/null | sort -rh | head -n 10 || true
done <<<"$full"

report "inode usage" -i
while IFS= read -r mount; do
  [[ -n $mount ]] || continue
  found=1
  echo "FULL: inodes of $mount are at or above $threshold_percent %"
done <<<"$full"

if ((found == 0)); then
  echo "OK: everything is below $threshold_percent %"
fi
exit "$found"
