"""The commands of a line of PowerShell, as a BAT script starts it. Pure."""

from __future__ import annotations

import re

from cocsync.policy.commands import Command, Effect, quoted

_STATEMENT = re.compile(r"[;{}&]|\r?\n")
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[^\s,()]+")
_DOWNLOADS = re.compile(
    r"(?<![\w-])(?:iwr|irm|curl|wget|invoke-webrequest|invoke-restmethod)(?![\w-])|\bdownloadstring\b"
)
_RUNS = re.compile(r"(?<![\w-])(?:iex|invoke-expression)(?![\w-])")
_OWN_OPTIONS = re.compile(r"-(?:ex\w*|ep|w\w*|v\w*|i\w*f\w*|o\w*f\w*)", re.IGNORECASE)


def commands(line: str) -> tuple[Command, ...]:
    """All at the offset 0. What downloads and runs in one statement runs the download."""
    text = _own(line)
    found = []
    for statement in _STATEMENT.split(text):
        lower = statement.lower()
        if _RUNS.search(lower) and _DOWNLOADS.search(lower):
            word = quoted("iex", 0)
            found.append(Command(words=(word,), offset=0, effects=frozenset({Effect.RUNS_DOWNLOAD}), windows=True))
        for part in statement.split("|"):
            words = tuple(quoted(token.strip("\"'"), 0) for token in _TOKEN.findall(part))
            if words:
                found.append(Command(words=words, offset=0, windows=True))
    return tuple(found)


def _own(line: str) -> str:
    """The line without `powershell` and its own options, and without the quotes around what it runs."""
    _, _, rest = line.partition(" ")
    rest = rest.strip()
    while rest.startswith("-"):
        option, _, behind = rest.partition(" ")
        if _OWN_OPTIONS.fullmatch(option):
            _, _, behind = behind.strip().partition(" ")
        rest = behind.strip()
    return rest[1:].rpartition('"')[0] or rest[1:] if rest.startswith('"') else rest
