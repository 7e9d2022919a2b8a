#!/bin/sh
# COC passes params by position: $1 is the first one of the manifest.
set -eu
printf '%s from %s\n' "${1:-Hello}" "$(hostname)"
uptime
