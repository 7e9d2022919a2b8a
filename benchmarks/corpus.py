"""Repositories and simulators of any size, for measuring."""

from __future__ import annotations

from pathlib import Path

PROJECT = """\
apiVersion: cocsync/v1
kind: Project
owner: bench
people: {alice: 7a8513cd87b7448283a1d5190eb91234, bob: 0f4c2be19d3a4f6a8b7712c3d9e05a61}
guards: {max_review: 100000}
secrets: {env: [APP_TOKEN]}
default_target: bench
targets:
  bench: {endpoint: "http://127.0.0.1:PORT"}
"""

RICH = """\
apiVersion: cocsync/v1
kind: Script
name: NAME
description: Restart the service NAME and wait until it answers
content_file: NAME.sh
risk_level: MEDIUM
version: 1.4.0
reviewers: [alice, bob]
protocol: EMAIL
params:
  - name: service
    value: nginx
    description: unit to restart
  - name: wait_seconds
    value: "30"
    description: how long it may take
  - name: token
    description: API token of the health check
    sensitive: true
    value_from: {env: APP_TOKEN}
    secret_version: "3"
protected: false
"""

SMALL = """\
apiVersion: cocsync/v1
kind: Script
name: NAME
description: Restart the service NAME
content_file: NAME.sh
risk_level: LOW
version: 1.4.0
"""

CONTENT = """\
#!/bin/sh
set -eu
service=${1:-NAME}
seconds=${2:-30}
token=${3:-}
systemctl restart "$service"
while [ "$seconds" -gt 0 ]; do
  systemctl is-active --quiet "$service" && exit 0
  sleep 1
  seconds=$((seconds - 1))
done
echo "$service does not answer${token:+, asked with a token}" >&2
exit 1
"""
"""About 400 characters, which use every param of the rich manifest."""

PLAIN_CONTENT = CONTENT.replace("${1:-NAME}", "NAME").replace("${2:-30}", "30").replace("${3:-}", "")

ENVIRONMENT = {"APP_TOKEN": "a-value", "COCSYNC_FINGERPRINT_KEY": "a-key-for-measuring-only", "NO_COLOR": "1"}


def write(root: Path, count: int, *, rich: bool, port: int) -> None:
    """A repository of so many scripts, a folder each, for a server at this port of this machine."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "cocsync.yaml").write_text(PROJECT.replace("PORT", str(port)), encoding="utf-8")
    for number in range(count):
        name = f"restart_{number:05}"
        folder = root / "scripts" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "script.yaml").write_text((RICH if rich else SMALL).replace("NAME", name), encoding="utf-8")
        content = CONTENT if rich else PLAIN_CONTENT
        (folder / f"{name}.sh").write_text(content.replace("NAME", name), encoding="utf-8")
