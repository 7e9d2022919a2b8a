"""Whether a script can hold anything that the rules about commands find, so that most need no second look. Pure.

A gate may let through what then proves harmless, but never keeps back what is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cocsync.model.script import ScriptType
from cocsync.policy.paths import DISK, SYSTEM
from cocsync.policy.reading import Reading

_REMOVERS = frozenset({"rm", "find", "rsync"})
_DOWNLOADERS = frozenset({"curl", "wget", "fetch", "lynx", "aria2c"})
_MAKERS = frozenset({"install", "mkdir", "mkfifo", "mknod"})
_OF_PYTHON = frozenset(
    {
        "system", "popen", "getoutput", "getstatusoutput", "run", "call", "check_call", "check_output", "spawn",
        "create_subprocess_shell", "create_subprocess_exec", "rmtree", "chmod", "fchmod", "lchmod", "umask", "open",
        "write_bytes", "write_text", "exec", "eval", "fork",
        *(f"{verb}{form}" for verb in ("exec", "spawn") for form in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
        "posix_spawn", "posix_spawnp",
    }
)  # fmt: skip
_OF_BAT = frozenset(
    {
        "del", "erase", "rd", "rmdir", "format", "diskpart", "icacls", "cacls", "xcacls", "powershell", "pwsh", "cmd",
        "curl", "wget",
    }
)  # fmt: skip

_ROOT = re.compile(
    # Where a path begins; but not as a pattern (`== /*`, `=~ `, `$1 ~ /`) or in a division.
    r"[/~$](?<![\w.)}\]*/-].)(?!(?<==~)[ \t]|(?<=\$\d ~) /|(?<= /) \d|(?<== .))"
    rf"(?:(?<=/)/*(?:\./+)*(?:{SYSTEM})?|(?<=~)|(?<=\$)\{{?HOME(?:\b[^}}\n]*\}}|\b))"
    r"(?:/+\.?)*[*.?!\[\]^]*(?=[\s;|&)}`<>,{\[($]|\Z)|--no-preserve-root|(?<!\.)\.\.(?!\.)"
)
_VARIABLE = re.compile(r"\$\{?(\w+)")
_DISKS = re.compile(rf"/dev/(?:{DISK}|[\"']?\$)|mkfs|mke2fs|mkswap")

_INTERPRETER = (
    r"(?:(?:rb|b|d|k|mk|z)?a?sh|(?:python|pypy|perl|ruby|node|nodejs|php|lua|pwsh)[\d.]*|eval|source|at|batch)"
)
_PIPED = re.compile(
    rf"\|(?<!\|\|)(?!\|)&?\s*"
    rf"(?:(?:while|until|for|if|case|select)\b|[{{(]|\.\s|(?:[^|;&\n]*[^\w.|;&\n-])?{_INTERPRETER}(?![\w.=-]))"
)
_PROGRAM_OPTION = re.compile(r"-\w*c(?!\w)")
_RUN_OUTPUT = re.compile(r"(?:\$\(|`)[^)\n]*(?:curl|wget|fetch|lynx|aria2c)")

_OCTAL = re.compile(r"[0-7]{2,4}[2367](?![\w.])")
_SYMBOLIC = re.compile(r"[+=](?<=[ugoa].)[rwxXst]*w")
_ACCESS = re.compile(r"o(?:ther)?::?[rwxX-]*w")
_MASK = re.compile(r"umask[ \t]+(?!0?[0-7]?[0-7][2367]\b)")
_MODE_OPTION = re.compile(r"-(?:-mode|[A-Za-z]*m)")

_BACKGROUND = re.compile(r"&(?<![&>|<]&)(?![&>\d])")
_FUNCTION = re.compile(r"([^\s(){};&|]+)[ \t]*\(\)|\bfunction[ \t]+([^\s(){};&|]+)")


def is_suspicious(reading: Reading) -> bool:
    match reading.script.type:
        case ScriptType.PYTHON:
            return not _OF_PYTHON.isdisjoint(reading.words)
        case ScriptType.BAT:
            return "%0" in reading.text or "%~" in reading.text or not _OF_BAT.isdisjoint(reading.words)
    return reading.is_coded or any(gate(reading.bare, reading.words) for gate in _GATES)


def _removes(text: str, words: frozenset[str]) -> bool:
    return not _REMOVERS.isdisjoint(words) and any(_may_be_root(text, match) for match in _ROOT.finditer(text))


def _may_be_root(text: str, match: re.Match[str]) -> bool:
    """Behind `/$name` only where the text gives that name a value."""
    name = _VARIABLE.match(text, match.end())
    return name is None or f"{name[1]}=" in text


def _erases(text: str, _words: frozenset[str]) -> bool:
    return ("/dev/" in text or "mk" in text) and _DISKS.search(text) is not None


def _downloads(text: str, words: frozenset[str]) -> bool:
    if _DOWNLOADERS.isdisjoint(words):
        return False
    if "<(" in text or "<<<" in text or "eval" in words or _PIPED.search(text) or _PROGRAM_OPTION.search(text):
        return True
    return any(_is_run(text, match.start()) for match in _RUN_OUTPUT.finditer(text))


def _is_run(text: str, at: int) -> bool:
    """Whether the output of a substitution may be a command: it stands where one begins, behind assignments."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    words = before.split()
    return (
        not before.strip()
        or before.rstrip()[-1:] in ";&({!`|"
        or (words[-1] in ("then", "do", "else") or (before[-1:].isspace() and "=" in words[-1]))
    )


def _opens(text: str, words: frozenset[str]) -> bool:
    if "umask" in words and _MASK.search(text):
        return True
    if "setfacl" in words and _ACCESS.search(text):
        return True
    if "chmod" not in words and (_MAKERS.isdisjoint(words) or not _MODE_OPTION.search(text)):
        return False
    return _OCTAL.search(text) is not None or _SYMBOLIC.search(text) is not None


def _forks(text: str, _words: frozenset[str]) -> bool:
    """A function that is named twice more, or the script itself, beside something in the background."""
    if "&" not in text or not _BACKGROUND.search(text):
        return False
    names = (one or other for one, other in _FUNCTION.findall(text)) if "()" in text or "function" in text else ()
    return "$0" in text or "${0" in text or any(text.count(name) > 2 for name in names)  # noqa: PLR2004


_GATES: tuple[Callable[[str, frozenset[str]], bool], ...] = (_removes, _erases, _downloads, _opens, _forks)
