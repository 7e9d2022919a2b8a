"""What COC takes of one execution (API reference 4.2.6), and what cocsync makes of it."""

from __future__ import annotations

BATCH_HOSTS = 10
TICKET_BATCHES = 20
DEFAULT_TIMEOUT = 300
DEFAULT_USERS = {"linux": "root", "windows": "system"}
"""By OS; see `SYSTEMS`."""

SYSTEMS = {"SHELL": "linux", "PYTHON": "linux", "BAT": "windows"}
"""The OS that runs a script, by its type."""

MAX_RUN_HOSTS = 10_000
"""Hosts of one run: beyond it a selection is refused, whatever the guards allow."""

EXPIRES_MAX_DAYS = 30
