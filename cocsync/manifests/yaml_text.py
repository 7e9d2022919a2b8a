"""A YAML file's text: decoded, cut into the lines that YAML counts, and what refuses it."""

from __future__ import annotations

import re
from typing import Any

import yaml

from cocsync.diagnostics import Diagnostic, Position, Severity

MAX_BYTES = 1 << 20
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
UNUSABLE = re.compile("[\0\ud800-\udfff]")
LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
TOP_LEVEL = re.compile(r"---|[\w-]+\s*:")
URL_WITH_MORE = re.compile(r"""://(?![A-Za-z0-9.-]+(:[0-9]{1,5})?(/[\w./-]*)?([\s"',}]|$))""")
"""A URL with more than host, port and path: the rest may be a password or a token."""
EXCERPT_MAX = 160


class SourceText:
    """A file's text, cut into the lines that YAML counts, and the document that was last looked into, as nodes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: list[str] | None = None
        self._composed: tuple[int, Any] = (-1, None)

    def excerpt(self, line: int) -> str | None:
        if self._lines is None:
            self._lines = LINE_END.split(self._text)
        if not 1 <= line <= len(self._lines) or self._may_hold_a_secret(self._lines, line - 1):
            return None
        return self._lines[line - 1][:EXCERPT_MAX]

    def node(self, start: Any, end: Any) -> Any:
        """The mapping or list between the marks. Its own marks count from the line that it begins on."""
        if self._composed[0] != start.index:
            alone = " " * start.column + self._text[start.index : end.index]
            self._composed = start.index, yaml.compose(alone, Loader=LOADER)
        return self._composed[1]

    @staticmethod
    def _may_hold_a_secret(lines: list[str], index: int) -> bool:
        """Judged by the text alone, since a line is also shown where the YAML is broken."""
        if "value" in lines[index].lower() or URL_WITH_MORE.search(lines[index]):
            return True
        while index and not TOP_LEVEL.match(lines[index]):
            if "params" in lines[index]:
                return True
            index -= 1
        return "params" in lines[index]


class RefusedText(Exception):
    """Ends the reading of a file; line and column count from 0, as YAML's marks do."""

    def __init__(self, code: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.line = line
        self.column = column

    def diagnostic(self, file: str, text: SourceText | None) -> Diagnostic:
        at = position_of(file, self)
        excerpt = text.excerpt(at.line) if text else None
        return Diagnostic(severity=Severity.ERROR, code=self.code, message=str(self), at=at, excerpt=excerpt)


def position_of(file: str, mark: Any) -> Position:
    return Position(file=file, line=mark.line + 1, column=mark.column + 1)


def decoded(data: bytes) -> str:
    """Decodes UTF-8, drops a byte order mark at the start, and refuses anything else."""
    if len(data) > MAX_BYTES:
        raise RefusedText("yaml-too-big", f"larger than {MAX_BYTES} bytes: split it into several files")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2]:
        raise RefusedText("yaml-encoding", "this is UTF-16 or UTF-32: save the file as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        raise refused_after(before, "not UTF-8 from here on: save the file as UTF-8") from None
    if bad := _UNPRINTABLE.search(text):
        raise refused_after(text[: bad.start()], f"character U+{ord(bad[0]):04X} is not allowed here: delete it")
    return text


def refused_after(text: str, message: str) -> RefusedText:
    lines = LINE_END.split(text)
    return RefusedText("yaml-encoding", message, len(lines) - 1, len(lines[-1]))
