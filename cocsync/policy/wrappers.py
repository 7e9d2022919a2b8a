"""Programs that only start another one: `sudo -u app rm x` removes x. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cocsync.policy.commands import Word, program_name, takes_next

SUDO_ASKS = "sudo -S"
"""Among the wrappers where sudo reads the password from standard input."""

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """`short` are the options that take the next word, as `long` do; `operands` words stand before the program."""

    short: str = ""
    long: tuple[str, ...] = ()
    operands: int = 0
    asks: str = ""
    """Options with which it starts nothing."""


_WRAPPERS: dict[str, _Wrapper] = {
    "sudo": _Wrapper("ugCDhpRrTtU", ("--user", "--group", "--host", "--prompt", "--chdir", "--role"), asks="lkKvVe"),
    "doas": _Wrapper("uC", asks="L"),
    "env": _Wrapper("uC", ("--unset", "--chdir")),
    "exec": _Wrapper("a"),
    "command": _Wrapper(asks="vV"),
    "nohup": _Wrapper(),
    "builtin": _Wrapper(),
    "setsid": _Wrapper(),
    "time": _Wrapper("fo", ("--format", "--output")),
    "coproc": _Wrapper(),
    "timeout": _Wrapper("sk", ("--signal", "--kill-after"), 1),
    "nice": _Wrapper("n", ("--adjustment",)),
    "ionice": _Wrapper("cnpPu", ("--class", "--classdata")),
    "chrt": _Wrapper("", (), 1),
    "taskset": _Wrapper("", (), 1),
    "stdbuf": _Wrapper("ioe"),
    "strace": _Wrapper("eosabEIOSuX"),
    "ltrace": _Wrapper("eosabu"),
    "unbuffer": _Wrapper(),
    "busybox": _Wrapper(),
    "toybox": _Wrapper(),
    "xargs": _Wrapper(
        "aEIdLnPs", ("--arg-file", "--delimiter", "--replace", "--max-args", "--max-procs", "--max-lines")
    ),
    "unshare": _Wrapper(""),
    "nsenter": _Wrapper("tSG", ("--target",)),
    "systemd-run": _Wrapper("pHMtE", ("--property", "--unit", "--description", "--uid", "--gid", "--setenv")),
    "systemd-inhibit": _Wrapper(),
    "flock": _Wrapper("wE", ("--timeout", "--conflict-exit-code"), 1),
    "gosu": _Wrapper("", (), 1),
    "su-exec": _Wrapper("", (), 1),
    "setpriv": _Wrapper(),
    "runuser": _Wrapper("ug", ("--user", "--group")),
    "fakeroot": _Wrapper(),
    "eatmydata": _Wrapper(),
    "caffeinate": _Wrapper(),
    "sem": _Wrapper("j"),
    "parallel": _Wrapper("jNna", ("--jobs",)),
    "watch": _Wrapper("n", ("--interval",)),
    "then": _Wrapper(),
    "do": _Wrapper(),
    "else": _Wrapper(),
}
"""The words of the shell stand here for parts that its parser could not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwrapped:
    words: tuple[Word, ...]
    assigned: tuple[tuple[str, Word], ...] = ()
    by: frozenset[str] = frozenset()
    """The wrappers that were taken away."""


def unwrapped(words: Sequence[Word]) -> Unwrapped:
    """The command without its wrappers. Without words where the wrapper only asks, as `command -v rm` does."""
    rest = tuple(words)
    assigned: list[tuple[str, Word]] = []
    by: set[str] = set()
    while rest and (wrapper := _WRAPPERS.get(name := program_name(rest[0].text))):
        inner = _behind(wrapper, rest[1:])
        if not inner and name in {"su", "runuser", "flock"}:
            break
        while inner and _ASSIGNMENT.match(inner[0].text):
            assigned.append(assignment(inner[0]))
            inner = inner[1:]
        if name in {"runuser", "flock"} and any(word.text in ("-c", "--command") for word in rest):
            break
        by.add(name)
        if name == "sudo" and any(re.fullmatch(r"-[A-Za-z]*S[A-Za-z]*|--stdin", word.text) for word in rest[1:3]):
            by.add(SUDO_ASKS)
        rest = inner
    return Unwrapped(words=rest, assigned=tuple(assigned), by=frozenset(by))


def assignment(word: Word) -> tuple[str, Word]:
    """Name and value of a word like `PGPASSWORD=x`."""
    name, _, value = word.text.partition("=")
    inner = None if word.inner is None else word.inner + len(name) + 1
    pattern = word.pattern.partition("=")[2]
    return name, Word(text=value, pattern=pattern, offset=word.offset, inner=inner)


def _behind(wrapper: _Wrapper, words: tuple[Word, ...]) -> tuple[Word, ...]:
    index = 0
    while index < len(words) and (text := words[index].text).startswith("-"):
        if text == "--":
            index += 1
            break
        if not text.startswith("--") and set(text) & set(wrapper.asks):
            return ()
        index += 1 + (text in wrapper.long or takes_next(text, wrapper.short))
    return words[index + wrapper.operands :]
