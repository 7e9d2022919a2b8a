"""Commands that format or overwrite a disk. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from cocsync.policy.commands import Command, operands
from cocsync.policy.paths import is_disk, is_drive, may_be_disk

_ALL = re.compile(r"-\w*a\w*|--all")
_ZAPS = re.compile(r"-[Zzo]|--zap(?:-all)?|--clear|--delete=.*|-d")
_WRITING_MODE = re.compile(r"(?:mode=)?[rb+]*[wax][rwaxb+]*|(?:mode=)?r?b?\+b?")


def erases_disk(command: Command) -> bool:
    if any(is_disk(word.text) for word in command.writes):
        return True
    judge = _JUDGES.get(command.name.partition(".")[0] if command.name.startswith("mkfs.") else command.name)
    return judge is not None and judge(command)


def _makes_file_system(command: Command) -> bool:
    """Also on a device that only a variable names; not in a file."""
    if command.windows:
        return False
    return any(text.startswith("/dev/") or "$" in text for text in operands(command.texts, "tLU"))


def _writes(command: Command) -> bool:
    return any(map(may_be_disk, command.texts))


def _dumps(command: Command) -> bool:
    return any(may_be_disk(text.removeprefix("of=")) for text in command.texts if text.startswith("of="))


def _pours(command: Command) -> bool:
    return any(map(is_disk, command.texts))


def _copies(command: Command) -> bool:
    return any(map(is_disk, command.texts[-1:])) and len(command.texts) > 1


def _wipes(command: Command) -> bool:
    return _writes(command) and any(map(_ALL.fullmatch, command.texts))


def _zaps(command: Command) -> bool:
    return _writes(command) and any(map(_ZAPS.fullmatch, command.texts))


def _labels(command: Command) -> bool:
    return _writes(command) and bool({"mklabel", "mktable"} & set(command.texts))


def _partitions(command: Command) -> bool:
    reads = any(text in ("-l", "-d", "-s", "-V", "-n", "-J", "-g") or text.startswith("--") for text in command.texts)
    return _writes(command) and not reads


def _says(*words: str) -> Callable[[Command], bool]:
    return lambda command: _pours(command) and bool(set(words) & set(command.texts))


def _tests_by_writing(command: Command) -> bool:
    return _pours(command) and any(re.fullmatch(r"-\w*[wn]\w*", text) for text in command.texts)


def _formats(command: Command) -> bool:
    return command.windows and any(map(is_drive, command.texts[:1]))


def _of_windows(command: Command) -> bool:
    """Of PowerShell: it may be given the disk by the command before it."""
    return command.windows and not any(text.lower().startswith("-wh") for text in command.texts)


def _opens(command: Command) -> bool:
    """Of Python: `open(path, "wb")`."""
    places = command.texts[:1]
    return any(map(is_disk, places)) and any(
        _WRITING_MODE.fullmatch(text) for text in command.texts[1:] if not text.startswith(("encoding", "buffering"))
    )


def _opens_to_write(command: Command) -> bool:
    return any(map(is_disk, command.texts[:1]))


def _cleans(command: Command) -> bool:
    """`diskpart`, where the script gives it `clean`."""
    return any(feed.name == "echo" and "clean" in map(str.lower, feed.texts) for feed in command.feeds)


_JUDGES: dict[str, Callable[[Command], bool]] = {
    **dict.fromkeys(("mkfs", "mke2fs", "mkswap"), _makes_file_system),
    **dict.fromkeys(("blkdiscard", "shred"), _writes),
    "dd": _dumps,
    "tee": _pours,
    "cp": _copies,
    "wipefs": _wipes,
    "sgdisk": _zaps,
    "parted": _labels,
    "sfdisk": _partitions,
    "cryptsetup": _says("luksFormat", "erase", "luksErase", "reencrypt"),
    "nvme": _says("format", "sanitize", "write-zeroes"),
    "mdadm": _says("--zero-superblock"),
    "hdparm": _says("--security-erase", "--security-erase-enhanced"),
    "badblocks": _tests_by_writing,
    "format": _formats,
    **dict.fromkeys(("format-volume", "clear-disk", "initialize-disk"), _of_windows),
    "diskpart": _cleans,
    "open": _opens,
    **dict.fromkeys(("pathlib.Path.write_bytes", "pathlib.Path.write_text"), _opens_to_write),
}
