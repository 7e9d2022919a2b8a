#!/usr/bin/env bash
# Is this host's clock synchronised, with what, and how far is it off?
# Usage: time_sync_check.sh [MAX_OFFSET_MS=100]
# Exit:  0 synchronised and close, 1 not synchronised or too far off, 2 wrong use or nothing to ask
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

max_offset_ms=${1:-100}
[[ $max_offset_ms =~ ^[1-9][0-9]{0,6}$ ]] || die "max_offset_ms must be a whole number above 0, not '$max_offset_ms'"

verdict() { # SOURCE OFFSET_MS
  if awk -v off="$2" -v max="$max_offset_ms" 'BEGIN { if (off < 0) off = -off; exit !(off > max) }'; then
    echo "OFF: the clock is $2 ms from $1, allowed are $max_offset_ms ms"
    exit 1
  fi
  echo "OK: the clock is $2 ms from $1"
  exit 0
}

unsynchronised() {
  echo "NOT SYNCHRONISED: $*"
  exit 1
}

echo "Local time $(date -u +%FT%TZ)"

if command -v chronyc >/dev/null && tracking=$(chronyc -n -c tracking 2>/dev/null); then
  # CSV: 2 source, 3 stratum, 5 offset in seconds, 14 leap status
  IFS=, read -r -a field <<<"$tracking"
  [[ ${field[13]:-} != "Not synchronised" ]] || unsynchronised "chrony has no source; see: chronyc sources"
  verdict "${field[1]} (chrony, stratum ${field[2]})" "$(awk -v s="${field[4]}" 'BEGIN { printf "%.3f", s * 1000 }')"
fi

if command -v ntpq >/dev/null && peers=$(ntpq -pn 2>/dev/null); then
  # The system peer begins with `*`; column 9 is its offset in milliseconds.
  best=$(awk '/^\*/ { print substr($1, 2), $9 }' <<<"$peers")
  [[ -n $best ]] || unsynchronised "ntpd has no system peer; see: ntpq -pn"
  read -r peer offset <<<"$best"
  verdict "$peer (ntpd)" "$offset"
fi

if command -v timedatectl >/dev/null && status=$(timedatectl status 2>/dev/null); then
  grep -Eqi 'synchronized: *yes' <<<"$status" || unsynchronised "timedatectl says that no time service is in step"
  echo "OK: synchronised, as timedatectl says (the offset is not known)"
  exit 0
fi

die "none of chronyc, ntpq and timedatectl answers on this host"
