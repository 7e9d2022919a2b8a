"""Bytes -> YAML documents with positions, read as YAML 1.2 reads them and without its dangerous half.

One pass over the parser's events builds the data and stops at the first sign of a bomb. Nodes are composed only of a
document that passed, and only where a position below its top is asked for: libyaml's composer overflows the C stack on
deep nesting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import yaml
from yaml.events import (
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.manifests.yaml_scalars import resolved
from cocsync.manifests.yaml_text import (
    LOADER,
    UNUSABLE,
    RefusedText,
    SourceText,
    decoded,
    position_of,
)

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_FINDINGS = 50
"""A file of something else altogether need not be listed line by line."""

_NO_KEY = "while scanning a simple key"
"""The parser finds out only on the next line that a key has no colon, and says where the key began."""

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One YAML document: JSON-like `data` with text keys, never null, and where each part of it stands.

    A path is the keys and indices from the top. A mapping's entry stands where its key does.
    """

    data: Any
    file: str
    _span: tuple[Any, Any] = field(repr=False, compare=False)
    """The marks of its first and behind its last character."""
    _marks: Mapping[str, Any] = field(repr=False, compare=False)
    """Of the keys at the top, which are asked for most."""
    _text: SourceText = field(repr=False, compare=False)

    def position(self, path: Path = ()) -> Position:
        """The position of the last part of the path that is there."""
        start, end = self._span
        if not path or not isinstance(self.data, dict | list):
            return position_of(self.file, start)
        if len(path) == 1 and path[0] in self._marks:
            return position_of(self.file, self._marks[str(path[0])])
        line, column, node = start.line, start.column, self._text.node(start, end)
        for step in path:
            entry = _entry(node, step)
            if entry is None:
                break
            mark, node = entry
            line, column = start.line + mark.line, mark.column
        return Position(file=self.file, line=line + 1, column=column + 1)

    def excerpt(self, line: int) -> str | None:
        """The line, cut to 160 characters; None where it may hold a param's value, or there is none."""
        return self._text.excerpt(line)

    def error(self, code: str, message: str, path: Path = ()) -> Diagnostic:
        return self._diagnostic(Severity.ERROR, code, message, path)

    def warning(self, code: str, message: str, path: Path = ()) -> Diagnostic:
        return self._diagnostic(Severity.WARNING, code, message, path)

    def _diagnostic(self, severity: Severity, code: str, message: str, path: Path) -> Diagnostic:
        at = self.position(path)
        return Diagnostic(severity=severity, code=code, message=message, at=at, excerpt=self.excerpt(at.line))


def parse(data: bytes, file: str) -> tuple[tuple[Document, ...], tuple[Diagnostic, ...]]:
    """The documents that can be used, and what is wrong with the file. Never raises.

    `file` is only named. Empty documents are left out. After a syntax error nothing more of the file is read.
    """
    try:
        text = decoded(data)
    except RefusedText as refused:
        return (), (refused.diagnostic(file, None),)
    reader = _Reader(text, file)
    documents = tuple(reader.documents())
    return documents, tuple(reader.found)


def shown_key(key: str) -> str:
    """A key as a message may show it: `{value:x}` is a key to YAML, and `x` may be a secret."""
    return key.split(":", 1)[0][:64]


def _entry(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """Where an entry of a mapping or a list stands, and its node; None where there is none."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == step and _is_text(key)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def _is_text(key: Any) -> bool:
    return bool(key.style) or isinstance(resolved(key.value), str)


class _Reader:
    """Builds documents from the events of one file, and collects what is wrong in `found`."""

    def __init__(self, text: str, file: str) -> None:
        self.found: list[Diagnostic] = []
        self._source = text
        self._text = SourceText(text)
        self._file = file
        self._events: Iterator[Any] = iter(LOADER(text).get_event, None)
        self._nodes_left = MAX_NODES
        self._end: Any = None
        """Behind the last mapping or list."""

    def documents(self) -> Iterator[Document]:
        try:
            for event in self._events:
                if type(event) is DocumentStartEvent:
                    first = next(self._events)
                    marks: dict[str, Any] = {}
                    data = self._node(first, 1, marks)
                    if data is not None:
                        span = (first.start_mark, self._end)
                        yield Document(data=data, file=self._file, _span=span, _marks=marks, _text=self._text)
        except RefusedText as refused:
            self.found.append(refused.diagnostic(self._file, self._text))
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            self.found.append(self._syntax(error).diagnostic(self._file, self._text))

    def _node(self, event: Any, depth: int, marks: dict[str, Any]) -> Any:
        """`marks` is filled where the node is a mapping: where each key stands."""
        self._guard(event, depth)
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is MappingStartEvent:
            return self._mapping(depth, marks)
        return self._sequence(depth)

    def _guard(self, event: Any, depth: int) -> None:
        self._nodes_left -= 1
        if event.anchor is not None:
            self._refuse("yaml-alias", "anchors and aliases are not allowed: write the value out", event)
        if event.tag is not None:
            self._refuse("yaml-tag", "tags are not allowed: leave the `!` part out, or quote the text", event)
        if depth > MAX_DEPTH:
            self._refuse("yaml-too-deep", f"nested more than {MAX_DEPTH} levels deep", event)
        if self._nodes_left < 0:
            self._refuse("yaml-too-many", f"more than {MAX_NODES} values: split it into several files", event)

    def _mapping(self, depth: int, marks: dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while type(event := next(self._events)) is not MappingEndEvent:
            key = self._key(event, depth)
            value = self._node(next(self._events), depth + 1, {})
            if key in data:
                self._duplicate(key, event, marks[key])
            elif key is not None:
                data[key] = value
                marks[key] = event.start_mark
        self._end = event.end_mark
        return data

    def _sequence(self, depth: int) -> list[Any]:
        data: list[Any] = []
        while type(event := next(self._events)) is not SequenceEndEvent:
            data.append(self._node(event, depth + 1, {}))
        self._end = event.end_mark
        return data

    def _key(self, event: Any, depth: int) -> str | None:
        """None for a key that is no text; it is reported, and its value read and dropped."""
        self._guard(event, depth)
        if type(event) is not ScalarEvent:
            self._refuse("yaml-key", "a key must be text, not a list or a mapping", event)
        key = self._scalar(event)
        if isinstance(key, str):
            return key
        self._report("yaml-key", "a key must be text: put it in quotes", event)
        return None

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.implicit[0]:
            return resolved(text)
        if event.style == '"' and UNUSABLE.search(text):
            self._refuse(
                "yaml-encoding", "a NUL or half a surrogate pair is not allowed in text: delete the escape", event
            )
        return text

    def _duplicate(self, key: str, event: Any, first: Any) -> None:
        message = f"`{shown_key(key)}` stands twice, here and on line {first.line + 1}: delete one"
        self._report("yaml-duplicate-key", message, event)

    def _report(self, code: str, message: str, event: Any) -> None:
        mark = event.start_mark
        self.found.append(RefusedText(code, message, mark.line, mark.column).diagnostic(self._file, self._text))
        if len(self.found) >= MAX_FINDINGS:
            self._refuse("yaml-too-many", "too many errors to read on from here: correct those above first", event)

    def _refuse(self, code: str, message: str, event: Any) -> NoReturn:
        raise RefusedText(code, message, event.start_mark.line, event.start_mark.column)

    def _syntax(self, error: Exception) -> RefusedText:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            return RefusedText("yaml-syntax", f"not YAML: {error}")
        if getattr(error, "context", None) == _NO_KEY:
            mark = error.context_mark  # type: ignore[attr-defined]
            message = "not YAML: this line is not `key: value`, with a plain space behind the colon"
        elif self._source[mark.index : mark.index + 1] == "\t":
            message = "a tab cannot indent or separate here: use spaces"
        else:
            parts = (getattr(error, "context", None), getattr(error, "problem", None))
            message = "not YAML: " + ", ".join(part for part in parts if part)
        return RefusedText("yaml-syntax", message, mark.line, mark.column)
