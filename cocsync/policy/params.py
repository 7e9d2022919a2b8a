"""Params against the content: COC passes them by position, so a missing one goes unnoticed until somebody looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cocsync.model.script import ScriptType
from cocsync.policy import positions
from cocsync.policy.positions import Uses
from cocsync.policy.reading import Reading
from cocsync.policy.rules import Finding, in_content


def find(reading: Reading) -> Iterator[Finding]:
    script, count = reading.script, len(reading.script.params)
    uses = _USES[script.type](reading) if script.type in _USES else None
    if uses is None:
        return
    for index, param in enumerate(script.params):
        position = index + 1
        if not uses.everything and position not in uses.seen and not _is_used_by_name(reading.text, param.name):
            message = f"param `{param.name}` is the content's {_spelt(script.type, position)}, which it never uses"
            yield Finding(rule="param-unused", message=f"{message}: use or delete it", path=("params", index, "name"))
    for position, offset in sorted(uses.certain.items()):
        if position > count:
            declared = f"the manifest has {count or 'no'} param{'' if count == 1 else 's'}"
            message = f"{_spelt(script.type, position)} is used, and {declared}: add what is missing, or take this out"
            yield in_content("param-undeclared", message, reading.text, offset)


def _spelt(kind: str, position: int) -> str:
    spelling = {ScriptType.PYTHON: f"sys.argv[{position}]", ScriptType.BAT: f"%{position}"}
    return f"`{spelling.get(ScriptType(kind), f'${position}')}`"


def _is_used_by_name(text: str, name: str) -> bool:
    """As COC's own examples do it: `${name}`, where the script gives that name no value itself."""
    if f"${{{name}" not in text:
        return False
    escaped = re.escape(name)
    return re.search(rf"(?<![\w$]){escaped}=|\b(?:for|read|select)\b[^\n;]*\b{escaped}\b", text) is None


_USES: dict[str, Callable[[Reading], Uses]] = {
    ScriptType.SHELL: positions.in_shell,
    ScriptType.PYTHON: positions.in_python,
    ScriptType.BAT: positions.in_bat,
}
