#!/usr/bin/env bash
# Installs cocsync into a virtual environment of its own: VERSION from PyPI, or where that is empty the version that
# this action is a part of, with the dependencies with which it was tested.
set -euo pipefail

python3 -m venv "$RUNNER_TEMP/cocsync"
if [ -n "$VERSION" ]; then
  what=("cocsync[lint]==$VERSION")
else
  what=("${GITHUB_ACTION_PATH}[lint]" --constraint "$GITHUB_ACTION_PATH/requirements.lock")
fi
"$RUNNER_TEMP/cocsync/bin/python" -m pip install --quiet --disable-pip-version-check "${what[@]}"
