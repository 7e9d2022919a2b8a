"""Params against the content: COC passes them by position, so a missing one goes unnoticed until somebody looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cocsync.model.script import Script, ScriptType
from cocsync.policy import scan
from cocsync.policy.rules import Finding, in_content

_SHELL_USE = re.compile(r"\$(?<!\\\$)(?:\{([1-9][0-9]{0,3})|([1-9]))")
_SHELL_RESET = re.compile(r"set(?<![\w-]set)[ \t]+--")
_SHELL_ALL = re.compile(
    r"\$(?:[@*]|\{[!@*])|(?:shift(?<=\bshift)|getopts(?<=\bgetopts)|BASH_ARGV(?<=\bBASH_ARGV))\b"
    rf"|{_SHELL_RESET.pattern}"
)
_SHELL_AGAIN = re.compile(r"exec(?<=\bexec)\b[^\n;]{0,80}\"\$0\"[ \t]+\"\$@\"")
"""A script that starts itself under another shell hands its params on; that is no use of them."""
_HERE_DOCUMENT = re.compile(r"<<-?[ \t]*\w")

_PYTHON_USE = re.compile(r"\bsys\.argv\s{0,9}\[\s{0,9}([1-9][0-9]{0,3})\s{0,9}\]")
_PYTHON_ALL = re.compile(
    r"(?<!len\()\bsys\.argv\b(?!\s{0,9}\[\s{0,9}[0-9]{1,4}\s{0,9}\])|\bimport[ \t]+argv\b"
    r"|\b(?:import|from)[ \t]+(?:argparse|click|docopt|fire|getopt|optparse|typer)\b"
)

_BAT_VARIABLE = re.compile(r"%[A-Za-z_][\w.()~:=,-]*%")
_BAT_USE = re.compile(r"(?<!%)%(?:~[A-Za-z$:]{0,9})?([1-9])")
_BAT_ALL = re.compile(r"(?<!%)%(?:~[A-Za-z]{0,9})?\*|\bshift\b", re.IGNORECASE)
_BAT_SUBROUTINE = re.compile(r"\bcall[ \t]+\"?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """Positions that the content uses: `seen` in some way, `certain` (with the offset) for sure as the script's own.

    `everything`: as a whole, or in a way that cannot be followed.
    """

    seen: frozenset[int]
    certain: dict[int, int]
    everything: bool


def find(script: Script) -> Iterator[Finding]:
    uses = _USES[script.type](script.content.text) if script.type in _USES else None
    if uses is None:
        return
    for index, param in enumerate(script.params):
        position = index + 1
        if not uses.everything and position not in uses.seen and not _is_used_by_name(script, param.name):
            message = f"param `{param.name}` is the content's {_spelt(script.type, position)}, which it never uses"
            yield Finding(rule="param-unused", message=f"{message}: use or delete it", path=("params", index, "name"))
    for position, offset in sorted(uses.certain.items()):
        if position > len(script.params):
            count = len(script.params)
            declared = f"the manifest has {count or 'no'} param{'' if count == 1 else 's'}"
            message = f"{_spelt(script.type, position)} is used, and {declared}: add what is missing, or take this out"
            yield in_content("param-undeclared", message, script.content.text, offset)


def _spelt(kind: str, position: int) -> str:
    spelling = {ScriptType.PYTHON: f"sys.argv[{position}]", ScriptType.BAT: f"%{position}"}
    return f"`{spelling.get(ScriptType(kind), f'${position}')}`"


def _is_used_by_name(script: Script, name: str) -> bool:
    """Whether a param is used as in COC's own examples: `${name}`, where the script gives that name no value itself."""
    assigned = rf"(?<![\w$]){re.escape(name)}="
    return f"${{{name}" in script.content.text and not re.search(assigned, script.content.text)


def _in_shell(content: str) -> Uses:
    """Functions have positions of their own; `set --` gives the script new ones."""
    code = scan.expanded_by_shell(content)
    own = scan.without_functions(code)
    shown = content if _HERE_DOCUMENT.search(code) else code
    everything = _SHELL_ALL.search(_SHELL_AGAIN.sub(scan.blank, own)) is not None
    certain = {} if _SHELL_RESET.search(own) else _positions(_SHELL_USE, own)
    return Uses(seen=frozenset(_positions(_SHELL_USE, shown)), certain=certain, everything=everything)


def _in_python(content: str) -> Uses:
    code = scan.without_comments(ScriptType.PYTHON, content)
    positions = _positions(_PYTHON_USE, code)
    return Uses(seen=frozenset(positions), certain=positions, everything=_PYTHON_ALL.search(code) is not None)


def _in_bat(content: str) -> Uses:
    """Subroutines have positions of their own."""
    code = _BAT_VARIABLE.sub(scan.blank, scan.without_comments(ScriptType.BAT, content))
    positions = _positions(_BAT_USE, code)
    certain = {} if _BAT_SUBROUTINE.search(code) else positions
    return Uses(seen=frozenset(positions), certain=certain, everything=_BAT_ALL.search(code) is not None)


def _positions(use: re.Pattern[str], code: str) -> dict[int, int]:
    """Each with the offset where it stands first."""
    found: dict[int, int] = {}
    for match in use.finditer(code):
        found.setdefault(int(next(filter(None, match.groups()))), match.start())
    return found


_USES: dict[str, Callable[[str], Uses]] = {
    ScriptType.SHELL: _in_shell,
    ScriptType.PYTHON: _in_python,
    ScriptType.BAT: _in_bat,
}
