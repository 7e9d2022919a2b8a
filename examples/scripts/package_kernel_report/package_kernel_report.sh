#!/usr/bin/env bash
# Release, kernels, pending updates as last fetched (nothing is refreshed), package versions.
# Usage: package_kernel_report.sh [PACKAGES=openssl,openssh-server,sudo]
# Exit:  0 reported, 1 the host waits for a restart, 2 wrong use
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # COC runs `sh FILE`, and sh may be dash
set -euo pipefail

die() {
  echo "error: $*" >&2
  exit 2
}

packages=${1:-openssl,openssh-server,sudo}
[[ $packages =~ ^[A-Za-z0-9][A-Za-z0-9+._,-]*$ ]] || die "packages are names with commas between, not '$packages'"

if command -v dpkg-query >/dev/null; then
  version() { dpkg-query -W -f '${Version} ${db:Status-Status}\n' "$1" 2>/dev/null; }
  kernels() { dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' 'linux-image-[0-9]*' 2>/dev/null; }
  updates() { apt list --upgradable 2>/dev/null | awk -F / 'NR > 1 { print $1 }'; }
  restart_needed() { [[ -e /run/reboot-required ]]; }
elif command -v rpm >/dev/null; then
  version() { rpm -q --qf '%{VERSION}-%{RELEASE} installed\n' "$1" 2>/dev/null; }
  kernels() { rpm -q kernel kernel-core --last 2>/dev/null | grep -v 'not installed'; }
  updates() {
    local tool=yum
    ! command -v dnf >/dev/null || tool=dnf
    # 100 means that there are updates.
    "$tool" -q -C check-update 2>/dev/null | awk 'NF == 3 { print $1 }' || true
  }
  # needs-restarting is in yum-utils or dnf-utils; it exits 1 where a restart is needed.
  restart_needed() { command -v needs-restarting >/dev/null && ! needs-restarting -r >/dev/null 2>&1; }
else
  die "neither dpkg nor rpm manages packages here"
fi

echo "== release"
sed -n 's/^PRETTY_NAME=//p' /etc/os-release
echo "== kernel running"
uname -r
echo "== kernels installed"
kernels || echo "none (a container, or a kernel of its own)"

echo "== packages"
IFS=, read -r -a names <<<"$packages"
for name in "${names[@]}"; do
  [[ -n $name ]] || continue
  printf '%-28s %s\n' "$name" "$(version "$name" || echo "not installed")"
done

pending=$(updates)
echo "== pending updates: $(grep -c . <<<"$pending" || true)"
awk 'NR <= 30' <<<"$pending"

if restart_needed; then
  echo "RESTART NEEDED: the running kernel or a core library is older than the installed one"
  exit 1
fi
echo "OK: no restart is waited for"
