#!/usr/bin/env bash
# Rotate one log file in place: copy, truncate, compress, keep the newest copies.
# For services that cannot be told to reopen their log; the few lines that are written
# between copy and truncate are lost.
# Usage: log_rotation.sh LOG_FILE [KEEP=7] [MIN_SIZE_MB=100] [DRY_RUN=true]
# Exit:  0 rotated or nothing to do, 1 not possible, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

log_file=${1:-}
keep=${2:-7}
min_size_mb=${3:-100}
dry_run=${4:-true}

[[ $log_file == /* ]] || die "log_file must be an absolute path, not '$log_file'"
[[ -f $log_file && ! -L $log_file ]] || die "'$log_file' is not a regular file"
[[ $keep =~ ^[1-9][0-9]?$ ]] || die "keep must be 1 to 99, not '$keep'"
[[ $min_size_mb =~ ^(0|[1-9][0-9]{0,6})$ ]] || die "min_size_mb must be a whole number, not '$min_size_mb'"
[[ $dry_run == true || $dry_run == false ]] || die "dry_run must be true or false, not '$dry_run'"

size=$(stat -c %s -- "$log_file")
if ((size == 0 || size < min_size_mb * 1048576)); then
  echo "Nothing to do: $log_file has $size bytes, below $min_size_mb MiB or empty."
  exit 0
fi

# The copy needs room beside the original until it is compressed.
free_kb=$(df -Pk -- "$log_file" | awk 'NR == 2 { print $4 }')
if ((free_kb * 1024 < size + size / 10)); then
  echo "error: the copy needs $size bytes, only $((free_kb * 1024)) are free: make room first (log_cleanup)" >&2
  exit 1
fi

if [[ $dry_run == true ]]; then
  echo "Dry run: would rotate $log_file ($size bytes) to $log_file.1.gz and keep $keep copies."
  exit 0
fi

exec 9<"$log_file"
flock -n 9 || {
  echo "error: another rotation of $log_file is running" >&2
  exit 1
}

shift_copies() {
  local n
  rm -f -- "$log_file.$keep.gz"
  for ((n = keep - 1; n >= 1; n--)); do
    [[ ! -e $log_file.$n.gz ]] || mv -- "$log_file.$n.gz" "$log_file.$((n + 1)).gz"
  done
}
compress() {
  shift_copies
  gzip -- "$log_file.1"
}

# A copy left by a run that was cut is compressed first, so that it is not overwritten.
[[ ! -e $log_file.1 ]] || compress
cp --preserve=mode,ownership,timestamps -- "$log_file" "$log_file.1"
truncate -s 0 -- "$log_file"
compress
echo "Rotated $log_file ($size bytes). Copies:"
ls -l -- "$log_file".*.gz
