#!/usr/bin/env bash
# Who may log in here, who did, who tried, and what an auditor would object to. Reads only.
# Usage: login_audit.sh [COUNT=20]
# Exit:  0 nothing to object to, 1 findings, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

count=${1:-20}
[[ $count =~ ^[1-9][0-9]{0,2}$ ]] || die "count must be 1 to 200, not '$count'"
((count <= 200)) || die "count must be 1 to 200, not '$count'"

findings=0
finding() {
  findings=$((findings + 1))
  echo "FINDING: $*"
}

echo "== accounts with a login shell (name, uid, shell)"
getent passwd | awk -F : '$7 !~ /(nologin|false|sync|shutdown|halt)$/ { printf "%-24s %6d  %s\n", $1, $3, $7 }'

echo "== administrators"
for group in root sudo wheel adm; do
  if line=$(getent group "$group"); then
    echo "$group: ${line##*:}"
  fi
done

others=$(getent passwd | awk -F : '$3 == 0 && $1 != "root" { print $1 }')
[[ -z $others ]] || finding "uid 0 besides root: ${others//$'\n'/ }"

if [[ -r /etc/shadow ]]; then
  # Only the names: a hash never leaves the host.
  empty=$(awk -F : '$2 == "" { print $1 }' /etc/shadow)
  [[ -z $empty ]] || finding "no password at all: ${empty//$'\n'/ }"
else
  echo "(passwords not looked at: /etc/shadow needs root)"
fi

if command -v sshd >/dev/null && settings=$(sshd -T 2>/dev/null); then
  echo "== SSH settings"
  grep -Ei '^(permitrootlogin|passwordauthentication|permitemptypasswords|maxauthtries) ' <<<"$settings"
  ! grep -qi '^permitrootlogin yes' <<<"$settings" || finding "root may log in over SSH with a password"
  ! grep -qi '^permitemptypasswords yes' <<<"$settings" || finding "SSH accepts empty passwords"
fi

show() { # TITLE COMMAND
  echo "== $1"
  if command -v "$2" >/dev/null; then
    "$2" -w -n "$count" 2>/dev/null || echo "(nothing recorded, or not readable)"
  else
    echo "($2 is not installed)"
  fi
}
echo "== logged in now"
who || true
show "recent logins" last
show "recent failed logins" lastb

if ((findings > 0)); then
  echo "$findings findings"
  exit 1
fi
echo "OK: nothing to object to"
