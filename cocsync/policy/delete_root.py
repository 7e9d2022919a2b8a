"""Commands that delete a root or system folder with all below it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile

from cocsync.policy.commands import Command
from cocsync.policy.paths import is_root, is_windows_root

_RECURSIVE = re.compile(r"-\w*[rR]\w*|--recursive|--recurs\w*|--no-preserve-root")
_NARROWING = re.compile(r"-[a-z]{2,}")
_NOT_NARROWING = frozenset(
    {"-delete", "-depth", "-follow", "-maxdepth", "-mindepth", "-mount", "-ls", "-print", "-print0", "-type", "-xdev"}
)


def deletes_root(command: Command) -> bool:
    judge = _JUDGES.get(command.name)
    return judge is not None and judge(command)


def _removes(command: Command) -> bool:
    if command.windows:
        return _removes_of_windows(command)
    if not any(map(_RECURSIVE.fullmatch, command.texts)):
        return any(_finds(feed) and not _narrows(feed.texts) for feed in command.feeds if command.given is None)
    return "--no-preserve-root" in command.texts or _is_about_root(command) or any(map(_finds_all, command.feeds))


def _is_about_root(command: Command) -> bool:
    return any(is_root(word.pattern, command.folder) for word in command.arguments if not word.text.startswith("-"))


def _finds_all(command: Command) -> bool:
    return command.name in ("find", "ls", "echo") and _finds(command) and not _narrows(command.texts)


def _finds(command: Command) -> bool:
    """Below a root: the places stand before the first test."""
    places = tuple(takewhile(lambda word: not word.text.startswith(("-", "(", "!")), command.arguments))
    return command.name == "find" and any(is_root(word.pattern, command.folder) for word in places)


def _narrows(texts: tuple[str, ...]) -> bool:
    tests = takewhile(lambda text: not text.startswith(("-exec", "-ok")), texts)
    return any(_NARROWING.fullmatch(text) and text not in _NOT_NARROWING for text in tests)


def _finds_and_removes(command: Command) -> bool:
    tests = tuple(takewhile(lambda text: not text.startswith(("-exec", "-ok")), command.texts))
    run = command.texts[len(tests) :]
    removes = "-delete" in tests or any(text.rpartition("/")[2] in ("rm", "shred", "unlink") for text in run)
    return removes and _finds(command) and not _narrows(command.texts)


def _removes_tree(command: Command) -> bool:
    return any(is_root(word.pattern) or is_windows_root(word.text) for word in command.arguments[:1])


def _mirrors(command: Command) -> bool:
    """`rsync --delete` makes the last folder what the first one is."""
    deletes = any(text.startswith("--del") for text in command.texts)
    return deletes and bool(command.arguments) and is_root(command.arguments[-1].pattern, command.folder)


def _removes_of_windows(command: Command) -> bool:
    """Switches begin with `/s`; parameters of PowerShell may be cut short: `-Recurse`, `-r`."""
    recursive = any(text.lower().startswith(("/s", "-r")) for text in command.texts)
    places = (text for text in command.texts if not text.startswith(("/", "-")))
    return recursive and any(is_windows_root(text, command.folder) for text in places)


_JUDGES: dict[str, Callable[[Command], bool]] = {
    "rm": _removes,
    "find": _finds_and_removes,
    "rsync": _mirrors,
    "shutil.rmtree": _removes_tree,
    "rmtree": _removes_tree,
    **dict.fromkeys(("del", "erase", "rd", "rmdir", "remove-item", "ri"), _removes_of_windows),
}
