"""Commands that let everybody write. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from cocsync.policy.commands import Command, operands

_OCTAL = re.compile(r"[+=]?([0-7]{3,5})")
_MASK = re.compile(r"[0-7]{1,4}")
_SYMBOLIC = re.compile(r"[ugoa]*(?:[+=-][rwxXstugo]*)+(?:,[ugoa]*(?:[+=-][rwxXstugo]*)+)*")
_CLAUSE = re.compile(r"([ugoa]*)((?:[+=-][rwxXstugo]*)+)")
_FOR_EVERYBODY = re.compile(r"(?:d(?:efault)?:)?o(?:ther)?::?[rwxX-]*w[rwxX-]*")
_DEVICES = frozenset({"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx"})
_EVERYBODY = re.compile(r"(?:everyone|\*s-1-1-0):(?:\([a-z]+\))*\(?[a-z,]*[fmwc]\b[a-z,]*\)?", re.IGNORECASE)
_RULE_OF_WINDOWS = re.compile(r"everyone.*(?:fullcontrol|modify|write)", re.IGNORECASE)
_STICKY, _OTHERS_WRITE = 0o1000, 0o002


def opens(command: Command) -> bool:
    judge = _JUDGES.get(command.name)
    return judge is not None and judge(command)


def lets_write(mode: str) -> bool:
    """Whether a mode of `chmod` lets everybody write, but for a folder in which each may delete only what is his."""
    if octal := _OCTAL.fullmatch(mode):
        number = int(octal[1], 8)
        return bool(number & _OTHERS_WRITE) and not number & _STICKY
    if not _SYMBOLIC.fullmatch(mode):
        return False
    lets, sticky = False, False
    for who, changes in _CLAUSE.findall(mode):
        sticky = sticky or bool(re.search(r"[+=][rwxX]*t", changes))
        if set(who) & set("oa"):
            lets = bool(re.search(r"[+=][rxXst]*w", changes))
    return lets and not sticky


def _changes_mode(command: Command) -> bool:
    words = [text for text in command.texts if not re.fullmatch(r"-[RvcfhHLP]+|--[a-z-]+", text)]
    if words[:1] == ["--"]:
        del words[0]
    return bool(words) and lets_write(words[0]) and not (words[1:] and _DEVICES.issuperset(words[1:]))


def _makes_with_mode(command: Command) -> bool:
    texts = command.texts
    if _DEVICES.intersection(texts):
        return False
    for at, text in enumerate(texts):
        if re.fullmatch(r"-[a-zA-Z]*m", text) or text == "--mode":
            return any(map(lets_write, texts[at + 1 : at + 2]))
        if match := re.fullmatch(r"(?:-[a-zA-Z]*m|--mode=)(.+)", text):
            return lets_write(match[1])
    return False


def _unmasks(command: Command) -> bool:
    """What is created from here on is open to all."""
    (mask, *_) = (*operands(command.texts), "")
    if _MASK.fullmatch(mask):
        return not int(mask, 8) & _OTHERS_WRITE
    return lets_write(mask)


def _lists(command: Command) -> bool:
    return any(_FOR_EVERYBODY.fullmatch(part) for text in command.texts for part in text.split(","))


def _grants(command: Command) -> bool:
    return any(_EVERYBODY.fullmatch(text) or _RULE_OF_WINDOWS.search(text) for text in command.texts)


def _changes_mode_in_python(command: Command) -> bool:
    modes = [*command.texts[1:2], *(text for text in command.texts if text.startswith("mode="))]
    lets = any(re.fullmatch(r"[0-7]+", mode := text.removeprefix("mode=")) and lets_write(mode) for text in modes)
    return lets and not _DEVICES.intersection(command.texts)


def _unmasks_in_python(command: Command) -> bool:
    return any(text.isdigit() and not int(text, 8) & _OTHERS_WRITE for text in command.texts)


_JUDGES: dict[str, Callable[[Command], bool]] = {
    "chmod": _changes_mode,
    **dict.fromkeys(("install", "mkdir", "mkfifo", "mknod"), _makes_with_mode),
    "umask": _unmasks,
    "setfacl": _lists,
    **dict.fromkeys(("icacls", "cacls", "xcacls"), _grants),
    **dict.fromkeys(("os.chmod", "os.fchmod", "os.lchmod", "pathlib.Path.chmod"), _changes_mode_in_python),
    "os.umask": _unmasks_in_python,
}
