#!/usr/bin/env bash
# Delete rotated log files that are older than some days, below one folder.
# Usage: log_cleanup.sh DIRECTORY [NAME_PART=.log.] [MAX_AGE_DAYS=14] [DRY_RUN=true]
# Exit:  0 done (or listed), 1 some file could not be deleted, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

directory=${1:-}
name_part=${2:-.log.}
max_age_days=${3:-14}
dry_run=${4:-true}

[[ $directory == /* ]] || die "directory must be an absolute path, not '$directory'"
[[ -d $directory ]] || die "directory '$directory' does not exist"
[[ $name_part =~ ^[A-Za-z0-9._-]{3,64}$ ]] || die "name_part must be 3 to 64 plain characters, not '$name_part'"
[[ $max_age_days =~ ^[1-9][0-9]{0,4}$ ]] || die "max_age_days must be a whole number above 0, not '$max_age_days'"
[[ $dry_run == true || $dry_run == false ]] || die "dry_run must be true or false, not '$dry_run'"

# Links and `..` are resolved before the path is judged.
root=$(readlink -f -- "$directory")
case "$root/" in
  /bin/* | /boot/* | /dev/* | /etc/* | /lib*/* | /proc/* | /run/* | /sbin/* | /sys/* | /usr/* | /var/lib/*)
    die "'$root' holds no logs that may be deleted"
    ;;
esac
[[ $root == /*/* ]] || die "'$root' is too close to the root of the file system"

old=(-xdev -type f -name "*$name_part*" -mtime "+$max_age_days")
list=$(find "$root" "${old[@]}" -printf '%s\t%TY-%Tm-%Td\t%p\n' | sort -rn)
if [[ -z $list ]]; then
  echo "Nothing below $root has '$name_part' in its name and is older than $max_age_days days."
  exit 0
fi

echo "Old files below $root (bytes, last written, path), largest first:"
head -n 50 <<<"$list"
awk -F '\t' '{ bytes += $1 } END {
  if (NR > 50) printf "... and %d more\n", NR - 50
  printf "%d files, %.1f MiB\n", NR, bytes / 1048576
}' <<<"$list"

if [[ $dry_run == true ]]; then
  echo "Dry run: nothing deleted. Run again with dry_run=false to delete these files."
  exit 0
fi

find "$root" "${old[@]}" -delete || {
  echo "error: not every file could be deleted" >&2
  exit 1
}
echo "Deleted. Space left on the file system:"
df -Ph -- "$root"
