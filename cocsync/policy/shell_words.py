"""Words of a shell script without their quotes, as far as they are known before it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocsync.policy.commands import EXPANDED, QUOTED, Word, as_quoted
from cocsync.policy.shell_tree import DEPTH_MAX, Tree, children

if TYPE_CHECKING:
    from tree_sitter import Node

DOWNLOADED = "__downloaded"
"""The variable that stands for the output of a substitution that downloads."""

SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_QUOTED = frozenset({"raw_string", "ansi_c_string"})
_JOINED = frozenset({"concatenation", "command_name", "command", "program"})
_PLAIN = frozenset({"word", "number", "variable_name", "extglob_pattern", "regex"})
_ESCAPE = re.compile(r"\\(\n|.)", re.DOTALL)
_ESCAPE_IN_STRING = re.compile(r"\\([$`\"\\\n])")
_ESCAPE_OF_C = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_C = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Part:
    """Text and pattern as in `Word`, and whether something downloaded is in it."""

    text: str
    pattern: str
    downloaded: bool = False


_UNKNOWN = Part("$()", "$()")


class Words:
    """`constants` are variables of which the value is known, `downloads` those that hold something downloaded.

    `substituted` is asked for every `$( )` and `<( )`, and says whether its output is downloaded.
    """

    def __init__(
        self,
        tree: Tree,
        constants: Mapping[str, Part],
        downloads: set[str],
        substituted: Callable[[Node], bool],
    ) -> None:
        self._tree = tree
        self._constants = constants
        self._downloads = downloads
        self._substituted = substituted
        self._depth = 0
        self._judges: dict[str, Callable[[Node], Part]] = {
            **dict.fromkeys(("string", "translated_string"), self._string),
            **dict.fromkeys(("simple_expansion", "expansion"), self._expansion),
            **dict.fromkeys(SUBSTITUTIONS, self._substitution),
        }

    def word(self, node: Node) -> tuple[Word, bool]:
        """The word, and whether something downloaded is in it."""
        part = self.part(node)
        start = node.start_byte + (node.type in ("raw_string", "string"))
        inner = start if self._tree.source[start:].startswith(part.text.encode("utf-8", "surrogatepass")) else None
        word = Word(
            text=part.text,
            pattern=part.pattern,
            offset=self._tree.offset(node.start_byte),
            inner=None if inner is None else self._tree.offset(inner),
        )
        return word, part.downloaded

    def part(self, node: Node) -> Part:
        if self._depth > DEPTH_MAX:
            return _UNKNOWN
        self._depth += 1
        part = self._part(node)
        self._depth -= 1
        return part

    def _part(self, node: Node) -> Part:
        kind = node.type
        if kind in _QUOTED:
            return _quoted_part(kind, self._tree.of(node))
        if kind in _JOINED:
            return _joined(self.part(child) for child in node.named_children)
        if judge := self._judges.get(kind):
            return judge(node)
        if kind in _PLAIN or not node.named_child_count:
            return _word(self._tree.of(node))
        return Part("$()", "$()", _joined([self.part(child) for child in children(node)]).downloaded)

    def text(self, start: int, end: int, nodes: Iterable[Node]) -> Part:
        """What stands there in double quotes or in a here-document, with these expansions in it."""
        parts: list[Part] = []
        for node in nodes:
            part = self.part(node)
            inside = part if "$" in part.pattern else _quoted(part.text)
            parts += [self._between(start, node.start_byte), inside]
            start = node.end_byte
        return _joined((*parts, self._between(start, end)))

    def _string(self, node: Node) -> Part:
        start = node.start_byte + (2 if self._tree.source[node.start_byte : node.start_byte + 1] == b"$" else 1)
        expansions = [child for child in node.named_children if child.type != "string_content"]
        return self.text(start, max(start, node.end_byte - 1), expansions)

    def _between(self, start: int, end: int) -> Part:
        return _quoted(_ESCAPE_IN_STRING.sub(_unescaped, self._tree.slice(start, end)))

    def _expansion(self, node: Node) -> Part:
        """The grammar counts the space before it as its own in a string."""
        text = self._tree.of(node)
        space, name = text[: text.find("$")], text.strip().strip("${}")
        if constant := self._constants.get(name):
            return _joined((_quoted(space), constant))
        inside = [self.part(child) for child in children(node) if child.type in SUBSTITUTIONS]
        return Part(text, text, name in self._downloads or any(part.downloaded for part in inside))

    def _substitution(self, node: Node) -> Part:
        downloaded = self._substituted(node)
        inside = f"${DOWNLOADED}" if downloaded else "$()"
        text = f"<({inside})" if node.type == "process_substitution" else inside
        return Part(text, text, downloaded)


def _quoted_part(kind: str, text: str) -> Part:
    return _quoted(text[1:-1] if kind == "raw_string" else _ESCAPE_OF_C.sub(_character, text[2:-1]))


def _joined(parts: Iterable[Part]) -> Part:
    every = tuple(parts)
    text, pattern = "".join(part.text for part in every), "".join(part.pattern for part in every)
    return Part(text, pattern, any(part.downloaded for part in every))


def _quoted(text: str) -> Part:
    return Part(text, as_quoted(text))


def _word(text: str) -> Part:
    if "\\" not in text:
        return Part(text, text)
    pattern = _ESCAPE.sub(lambda match: QUOTED if match[1] in EXPANDED else _unescaped(match), text)
    return Part(_ESCAPE.sub(_unescaped, text), pattern)


def _unescaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


def _character(match: re.Match[str]) -> str:
    """Of an escape in `$'...'`."""
    escape = match[1]
    if escape[0] == "x" and len(escape) > 1:
        return chr(int(escape[1:], 16))
    if escape[0] in "01234567":
        return chr(int(escape, 8))
    return _C.get(escape, escape)
