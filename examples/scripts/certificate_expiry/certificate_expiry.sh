#!/usr/bin/env bash
# How many days TLS certificates have left: in PEM files, or as servers present them.
# Usage: certificate_expiry.sh TARGETS [WARN_DAYS=30]     TARGETS: HOST:PORT or /FILE, comma-separated
# Exit:  0 all have more than WARN_DAYS left, 1 at least one has not or cannot be read, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

targets=${1:-}
warn_days=${2:-30}
[[ -n $targets ]] || die "targets must name at least one HOST:PORT or /FILE"
[[ $warn_days =~ ^(0|[1-9][0-9]{0,3})$ ]] || die "warn_days must be a whole number, not '$warn_days'"
command -v openssl >/dev/null || die "this host has no openssl"

# The first certificate of a file or of a server's chain: the one that clients look at.
certificate() {
  case $1 in
    /*) openssl x509 -noout -enddate -subject -in "$1" ;;
    *:*) timeout 10 openssl s_client -connect "$1" -servername "${1%:*}" </dev/null | openssl x509 -noout -enddate -subject ;;
    *) return 1 ;;
  esac 2>/dev/null
}

bad=0
now=$(date +%s)
IFS=, read -r -a list <<<"$targets"
for target in "${list[@]}"; do
  target=${target// /}
  [[ -n $target ]] || continue
  if ! facts=$(certificate "$target"); then
    echo "UNREADABLE  $target: no certificate there, or no answer within 10 s"
    bad=1
    continue
  fi
  until=$(sed -n 's/^notAfter=//p' <<<"$facts")
  subject=$(sed -n 's/^subject= *//p' <<<"$facts")
  days=$((($(date -d "$until" +%s) - now) / 86400))
  if ((days < 0)); then
    verdict=EXPIRED
  elif ((days < warn_days)); then
    verdict=EXPIRES
  else
    verdict=OK
  fi
  [[ $verdict == OK ]] || bad=1
  printf '%-10s  %s: %d days left, until %s (%s)\n' "$verdict" "$target" "$days" "$until" "$subject"
done
exit "$bad"
