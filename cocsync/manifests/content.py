"""A script's content: from the manifest or the file beside it, checked, and with the line ends that are sent."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.manifests import files
from cocsync.manifests.fields import Fields
from cocsync.model.content import Content, ContentChanged, TextReference
from cocsync.model.fields import CONTENT_MAX_BYTES, CONTENT_SAFE_LENGTH, utf16_length
from cocsync.model.script import SUFFIXES, ScriptType

_READ_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """`content` is what is sent, `source` the same with the line ends of its file; both empty where it cannot be had.

    `file` is relative to the repository; the text of `content` is left there, since few scripts differ from COC's.
    """

    type: str
    content: Content
    source: str
    file: str | None = None


def body(fields: Fields, root: Path, limit: int | None) -> Body:
    """The target's content. `limit` is the target's own, in UTF-16 units. What is wrong goes to `fields`."""
    layer = fields.layer("content", "content_file")
    if "content" in layer.data:
        key, file = "content", None
        kind, source = _type(fields, None), layer.data["content"]
    else:
        file = posixpath.normpath(posixpath.join(posixpath.dirname(fields.document.file), layer.data["content_file"]))
        key = "content_file"
        kind, source = _type(fields, file), _read(fields, root, file)
    text = _sent(kind, source)
    _check(fields, key, text, limit)
    left = TextReference(file, lambda: _sent(kind, _again(root, file))) if file and text else None
    return Body(type=kind, content=Content(text, left), source=source, file=file)


def _sent(kind: str, source: str) -> str:
    return source if kind == ScriptType.BAT else source.replace("\r\n", "\n")


def _again(root: Path, file: str) -> str:
    """The text of a file that was read before."""
    try:
        return files.read_file(root, file, _READ_MAX_BYTES).decode()
    except (files.Unreadable, UnicodeDecodeError):
        raise ContentChanged(file) from None


def _type(fields: Fields, file: str | None) -> str:
    said = fields.get("type")
    suffix = posixpath.splitext(file)[1].lower() if file else ""
    implied = SUFFIXES.get(suffix)
    if said is None and implied is None:
        fields.error("type-missing", "needs `type: SHELL`, PYTHON or BAT: no suffix of a content file says it", "name")
    if said and implied and said != implied:
        fields.warning(
            "type-suffix", f"type {said} for a content file that ends in {suffix}, which is {implied}", "type"
        )
    return str(said or implied or "")


def _read(fields: Fields, root: Path, file: str) -> str:
    """The file's text, "" where it cannot be had."""
    try:
        data = files.read_file(root, file, _READ_MAX_BYTES)
    except files.Unreadable as unreadable:
        fields.error("content-unreadable", f"content file `{file}` {unreadable}", "content_file")
        return ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        fields.found.append(_at(file, before, "content-encoding", "not UTF-8 from here on: save the file as UTF-8"))
        return ""
    if not text:
        fields.error("content-empty", f"content file `{file}` is empty", "content_file")
    if text.startswith("\ufeff"):
        message = "begins with a byte order mark: save it as UTF-8 without one"
        fields.found.append(_at(file, "", "content-bom", message))
    if "\0" in text:
        message = "a NUL character is not allowed: delete it"
        fields.found.append(_at(file, text[: text.index("\0")], "content-nul", message))
    return text


def _check(fields: Fields, key: str, text: str, limit: int | None) -> None:
    size, length = len(text.encode()), utf16_length(text)
    if size > CONTENT_MAX_BYTES:
        fields.error("content-too-long", f"content has {size} bytes, COC takes {CONTENT_MAX_BYTES}: shorten it", key)
    elif limit is not None and length > limit:
        fields.error("content-too-long", f"content has {length} characters, this target takes {limit}: shorten it", key)
    elif length > CONTENT_SAFE_LENGTH and limit is None:
        message = f"content has {length} characters, and some COC sites take only {CONTENT_SAFE_LENGTH}"
        fields.warning("content-long", message, key)


def _at(file: str, before: str, code: str, message: str) -> Diagnostic:
    """An error behind that much of a content file."""
    lines = before.split("\n")
    at = Position(file=file, line=len(lines), column=len(lines[-1]) + 1)
    return Diagnostic(severity=Severity.ERROR, code=code, message=message, at=at)
