#!/usr/bin/env bash
# Is the newest database backup young, large enough, not shrunken, and readable?
# Usage: backup_freshness.sh DIRECTORY [SUFFIX=.gz] [MAX_AGE_HOURS=26] [MIN_SIZE_MB=1]
# Exit:  0 fine, 1 finding or no backup at all, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

directory=${1:-}
suffix=${2:-.gz}
max_age_hours=${3:-26}
min_size_mb=${4:-1}

[[ $directory == /* ]] || die "directory must be an absolute path, not '$directory'"
[[ -d $directory ]] || die "directory '$directory' does not exist"
[[ $suffix =~ ^[A-Za-z0-9._-]{1,64}$ ]] || die "suffix must be 1 to 64 plain characters, not '$suffix'"
[[ $max_age_hours =~ ^[1-9][0-9]{0,4}$ ]] || die "max_age_hours must be a whole number above 0, not '$max_age_hours'"
[[ $min_size_mb =~ ^(0|[1-9][0-9]{0,6})$ ]] || die "min_size_mb must be a whole number, not '$min_size_mb'"

# Newest first: seconds, bytes, path.
backups=$(find "$directory" -type f -name "*$suffix" -printf '%Ts %s %p\n' | sort -rn)
if [[ -z $backups ]]; then
  echo "MISSING: no file below $directory ends in '$suffix'"
  exit 1
fi
read -r written size newest <<<"$backups"
age_hours=$((($(date +%s) - written) / 3600))
echo "Newest of $(wc -l <<<"$backups") backups: $newest, $size bytes, $age_hours hours old"

findings=0
finding() {
  findings=$((findings + 1))
  echo "FINDING: $*"
}

((age_hours <= max_age_hours)) || finding "older than $max_age_hours hours"
((size >= min_size_mb * 1048576)) || finding "smaller than $min_size_mb MiB"

previous=$(awk 'NR == 2 { print $2 }' <<<"$backups")
if [[ -n $previous ]] && ((size * 2 < previous)); then
  finding "less than half of the backup before it ($previous bytes)"
fi

if [[ $newest == *.gz ]]; then
  code=0
  timeout 300 nice -n 19 gzip -t -- "$newest" || code=$?
  case $code in
    0) ;;
    124) echo "(too large to be read within 300 s: not verified)" ;;
    *) finding "gzip cannot read it to the end" ;;
  esac
fi

if ((findings > 0)); then
  exit 1
fi
echo "OK: the newest backup is as it should be"
