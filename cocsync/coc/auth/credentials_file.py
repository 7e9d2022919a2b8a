"""The credentials file of Huawei Cloud's SDK: sections `[global]` and `[basic]` with `ak` and `sk`."""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cocsync.coc.auth.authenticator import InvalidCredentials

FILE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
SECTIONS = ("global", "basic")
"""In the order in which the SDK tries them for COC, which is a global service."""

_MAX_BYTES = 64 * 1024
_KEYS = {"ak", "sk"}
_FORM = f"write `[{SECTIONS[0]}]`, and below it `ak = ...` and `sk = ...`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One section. `where` names it and its file."""

    values: Mapping[str, str] = field(repr=False)
    where: str
    warnings: tuple[str, ...]


def path(environ: Mapping[str, str], home: Path) -> Path:
    """The path of the credentials file, whether or not it exists."""
    return Path(environ.get(FILE) or home / ".huaweicloud" / "credentials")


def read(environ: Mapping[str, str], home: Path) -> Profile | None:
    """The first section with a key, None where no file is.

    Raises `InvalidCredentials` for a file without one or that cannot be read, and where FILE names one that is not
    there. No message repeats what stands in it.
    """
    file = path(environ, home)
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            data = opened.read(_MAX_BYTES)
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not environ.get(FILE):
            return None
        fix = f"fix the file, or unset {FILE}" if environ.get(FILE) else "fix the file, or remove it"
        raise InvalidCredentials(f"the credentials file {file} cannot be read ({error.strerror})", fix=fix) from None
    parsed = _parsed(file, data)
    for section in SECTIONS:
        if parsed.has_section(section) and not _KEYS.isdisjoint(parsed[section]):
            where = f"section [{section}] of {file}"
            return Profile(values=dict(parsed[section]), where=where, warnings=_warnings(file, mode))
    raise InvalidCredentials(f"the credentials file {file} holds no key", fix=_FORM)


def _parsed(file: Path, data: bytes) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(data.decode("utf-8-sig"))
    except (configparser.Error, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None) or next((n for n, _ in getattr(error, "errors", ())), None)
        at = f":{line}" if line else ""
        raise InvalidCredentials(f"the credentials file {file}{at} is not an INI file", fix=_FORM) from None
    return parser


def _warnings(file: Path, mode: int) -> tuple[str, ...]:
    if os.name == "nt" or not stat.S_ISREG(mode) or not mode & (stat.S_IRGRP | stat.S_IROTH):
        return ()
    return (f"others can read the credentials file: chmod 600 {file}",)
