"""Commands that need risk level HIGH: what they do, they do at once, to everything, and for good."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile

from cocsync.model.script import RiskLevel, Script, ScriptType
from cocsync.policy.rules import Finding, in_content
from cocsync.policy.scan import SHELLS, AnyCase, commands, without_comments

Words = tuple[str, ...]

_SYSTEM = "bin|boot|dev|etc|home|lib|lib32|lib64|opt|proc|root|run|sbin|srv|sys|usr|var"
_ROOT = rf"(?:/+(?:(?:{_SYSTEM})/*)?|(?:~|\$HOME|\$\{{HOME\}})/*)\.?\*?"
_DRIVE = r"(?:[a-z]|%%[a-z]):|%systemdrive%|\$env:systemdrive"
_WINDOWS_ROOT = (
    rf"(?:(?:{_DRIVE})?(?:(?<=[:%e])|\\(?:windows|users)?)|%(?:systemroot|windir|userprofile)%"
    r"|\$env:(?:systemroot|windir|userprofile))\\?(?:\*(?:\.\*)?)?"
)
_DISK = r"/dev/(?:(?:sd|hd|vd|xvd)[a-z]|nvme\d|mmcblk\d|md\d|dm-\d|mapper/|disk/)[\w./-]*"

_is_root = re.compile(_ROOT).fullmatch
_is_windows_root = re.compile(_WINDOWS_ROOT, re.IGNORECASE).fullmatch
_is_disk = re.compile(rf"(?:of=)?{_DISK}").fullmatch
_is_recursive = re.compile(r"-\w*[rR]\w*|--recursive").fullmatch
_is_open = re.compile(r"[02-7]?777|(?:a|o|go|ugo)[+=]rwx").fullmatch
_is_interpreter = re.compile(rf"(?:{'|'.join(sorted(SHELLS))})|(?:python|perl|ruby|node|php)[\d.]*").fullmatch

_REDIRECTION = re.compile(r"\d?&?>{1,2}\s*&?\S*|<\s*\S*")
_PROGRAM_OF_SHELL = re.compile(r"-\w*c")
_PROGRAM_OF_OTHERS = re.compile(r"-\w*[cemnpr].*")
_DOWNLOADERS = frozenset({"curl", "wget"})
_NOT_NARROWING = frozenset({"-delete", "-depth", "-maxdepth", "-mindepth", "-mount", "-print", "-type", "-xdev"})

_DELETES = "deletes a root or system folder with all below it"
_ERASES = "formats or overwrites a disk"
_OPENS = "lets everybody write"
_RUNS = "runs what was downloaded, unseen"
_FORKS = "starts itself without end"


def find(script: Script) -> Iterator[Finding]:
    """Nothing in a script of risk level HIGH: there it is known."""
    if script.risk_level == RiskLevel.HIGH:
        return
    for rule, what, offset in (*_commands(script), *_patterns(script)):
        message = f"{what}, and the risk level is {script.risk_level}: make it HIGH, or take this out"
        yield in_content(rule, message, script.content.text, offset)


def _commands(script: Script) -> Iterator[tuple[str, str, int]]:
    """Rule, what is done, and the offset where."""
    if not _SUSPICIOUS.is_in(script.content.text):
        return
    downloaded = False
    for command in commands(script.type, script.content.text):
        name, arguments = command.name, command.words[1:]
        downloaded = name in _DOWNLOADERS or (downloaded and command.piped)
        if downloaded and command.piped and _is_interpreter(name) and _runs_its_input(name, arguments):
            yield "pipe-to-shell", f"`{name}` {_RUNS}", command.offset
        rule, what, judge = _JUDGES.get(name.partition(".")[0], _HARMLESS)
        if judge(arguments):
            yield rule, f"`{name}` {what}", command.offset


def _patterns(script: Script) -> Iterator[tuple[str, str, int]]:
    text = without_comments(script.type, script.content.text)
    for rule, what, parts, pattern in (*_ANYWHERE, *_IN.get(script.type, ())):
        for match in pattern.finditer(text) if any(map(text.__contains__, parts)) else ():
            yield rule, what, match.start()


def _runs_its_input(name: str, arguments: Words) -> bool:
    """An interpreter does, where it is given neither a file nor a program."""
    words = _REDIRECTION.sub(" ", " ".join(arguments)).split()
    if name in SHELLS and "-s" in words:
        return True
    program = _PROGRAM_OF_SHELL if name in SHELLS else _PROGRAM_OF_OTHERS
    return all((word.startswith("-") and not program.fullmatch(word)) or "=" in word for word in words)


def _removes_root(arguments: Words) -> bool:
    recursive = any(map(_is_recursive, arguments))
    return "--no-preserve-root" in arguments or (recursive and any(map(_is_root, arguments)))


def _finds_all_below_root(arguments: Words) -> bool:
    tests = tuple(takewhile(lambda word: not word.startswith("-exec"), arguments))
    removes = "-delete" in tests or "rm" in arguments[len(tests) :]
    narrowing = {word for word in tests if re.fullmatch(r"-[a-z]{2,}", word)} - _NOT_NARROWING
    return removes and not narrowing and any(map(_is_root, tests))


def _removes_windows_root(arguments: Words) -> bool:
    flags = {word.lower() for word in arguments}
    recursive = any(flag.startswith(("/s", "-r")) for flag in flags)
    return recursive and any(map(_is_windows_root, arguments))


def _writes_disk(arguments: Words) -> bool:
    return any(map(_is_disk, arguments))


def _names_something(arguments: Words) -> bool:
    return any(not word.startswith("-") for word in arguments)


def _opens(arguments: Words) -> bool:
    return any(map(_is_open, arguments))


def _wipes(arguments: Words) -> bool:
    return _writes_disk(arguments) and any(re.fullmatch(r"-\w*a\w*|--all", word) for word in arguments)


def _formats(arguments: Words) -> bool:
    return bool(arguments) and re.fullmatch(_DRIVE, arguments[0], re.IGNORECASE) is not None


_Judge = tuple[str, str, Callable[[Words], bool]]

_HARMLESS: _Judge = ("", "", lambda _: False)
_JUDGES: dict[str, _Judge] = {
    "rm": ("delete-root", _DELETES, _removes_root),
    "find": ("delete-root", _DELETES, _finds_all_below_root),
    **dict.fromkeys(("del", "erase", "rd", "rmdir", "remove-item"), ("delete-root", _DELETES, _removes_windows_root)),
    **dict.fromkeys(("mkfs", "mke2fs"), ("erase-disk", _ERASES, _names_something)),
    **dict.fromkeys(("blkdiscard", "dd", "mkswap", "shred", "tee"), ("erase-disk", _ERASES, _writes_disk)),
    "cp": ("erase-disk", _ERASES, lambda words: _writes_disk(words[-1:])),
    "wipefs": ("erase-disk", _ERASES, _wipes),
    "format": ("erase-disk", _ERASES, _formats),
    **dict.fromkeys(("format-volume", "clear-disk"), ("erase-disk", _ERASES, _names_something)),
    "chmod": ("open-permissions", _OPENS, _opens),
}
_SUSPICIOUS = AnyCase(rf"(?:{'|'.join((*_DOWNLOADERS, *_JUDGES))})\b")
"""A word may also end so: this only tells whether a closer look is worth its time."""


_Pattern = tuple[str, str, Words, re.Pattern[str]]
"""Rule, what is done, words of which one is always there and quick to look for, and the pattern itself."""


def _row(rule: str, what: str, parts: Words, pattern: str) -> _Pattern:
    return rule, what, parts, re.compile(pattern, re.IGNORECASE)


_SOURCES = r"\b(?:(?:ba|da|k|z)?sh(?:[ \t]+-\w+){0,4}|eval|source)|(?<!\S)\."
_DOWNLOAD = r"\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b"
_INVOKE = r"\b(?:iex|invoke-expression)\b"
_EVERYBODY = r"\"?(?:everyone|\*s-1-1-0):(?:\([a-z]+\)){0,5}\(?[fmw]\b"

_ANYWHERE = (
    _row("erase-disk", _ERASES, ("/dev/",), rf">[ \t]*[\"']?{_DISK}"),
    _row("pipe-to-shell", _RUNS, ("curl", "wget"), rf"(?:{_SOURCES})[ \t]+[\"']?(?:[<$]\(|`)[ \t]*(?:curl|wget)\b"),
    _row(
        "fork-bomb",
        _FORKS,
        ("()",),
        r"\(\)\s{0,9}\{\s{0,9}(?P<name>[\w:.@-]{1,40})\s{0,9}\|\s{0,9}(?P=name)\s{0,9}&",
    ),
)
_IN: dict[str, tuple[_Pattern, ...]] = {
    ScriptType.PYTHON: (
        _row("delete-root", _DELETES, ("rmtree",), rf"\brmtree\(\s{{0,9}}[\"']{_ROOT}[\"']"),
        _row("erase-disk", _ERASES, ("/dev/",), rf"\bopen\(\s{{0,9}}[\"']{_DISK}[\"'],[^\n)]{{0,40}}[\"'][rb+]*[wa+]"),
        _row("pipe-to-shell", _RUNS, ("url", "get"), r"\b(?:exec|eval)\([^\n]{0,200}(?:\burlopen|\brequests\.get)\("),
        _row("open-permissions", _OPENS, ("777",), r"\bchmod\([^\n]{0,200}\b0o?777\b"),
        _row("fork-bomb", _FORKS, ("fork",), r"\bwhile[ \t]+(?:True|1)[ \t]*:\s{0,99}os\.fork\(\)"),
    ),
    ScriptType.BAT: (
        _row(
            "pipe-to-shell",
            _RUNS,
            ("i", "I"),
            rf"{_INVOKE}[^\n]{{0,200}}{_DOWNLOAD}|{_DOWNLOAD}[^\n|]{{0,200}}\|\s*{_INVOKE}",
        ),
        _row("open-permissions", _OPENS, ("/",), rf"\bicacls\b[^\n]{{1,200}}/grant(?::r)?[ \t]+{_EVERYBODY}"),
        _row("fork-bomb", _FORKS, ("%0",), r"%0[ \t]*\|[ \t]*(?:start[ \t]+)?(?:\"\"[ \t]+)?%0"),
    ),
}
