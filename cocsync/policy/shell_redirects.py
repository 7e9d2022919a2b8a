"""What redirections give a command of a shell script, and what they take from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cocsync.policy.commands import Word, quoted
from cocsync.policy.shell_flow import NOTHING, Flow
from cocsync.policy.shell_tree import Tree, here_document, unmasked
from cocsync.policy.shell_words import Words

if TYPE_CHECKING:
    from tree_sitter import Node


class Reader(Protocol):
    """What reads the script around the redirections."""

    tree: Tree
    words: Words
    verbatim: bool

    def word(self, node: Node) -> tuple[Word, bool]: ...

    def place(self, byte: int) -> int: ...

    def inner(self, byte: int) -> int | None: ...

    def inside(self, tree: Tree, start: int, *, verbatim: bool) -> Reader: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirected:
    """Standard input, files that are written, arguments behind a redirection, and here-documents."""

    stdin: Flow
    writes: tuple[Word, ...] = ()
    more: tuple[Node, ...] = ()
    documents: tuple[Node, ...] = ()


def redirected(reader: Reader, redirects: Iterable[Node], stdin: Flow) -> Redirected:
    writes: list[Word] = []
    more: list[Node] = []
    documents: list[Node] = []
    for redirect in redirects:
        if redirect.type == "heredoc_redirect":
            document = _here_document(reader, redirect)
            within = redirected(reader, redirect.children_by_field_name("redirect"), document)
            stdin = within.stdin
            writes += within.writes
            more += [*within.more, *redirect.children_by_field_name("argument")]
            documents.append(redirect)
        elif redirect.type == "herestring_redirect":
            stdin = _flow(reader, redirect.named_children[-1:], stdin)
        else:
            targets = redirect.children_by_field_name("destination")
            more += targets[1:]
            operator = next((reader.tree.of(child) for child in redirect.children if not child.is_named), "")
            if operator.startswith("<"):
                stdin = _flow(reader, targets[:1], stdin)
            elif not operator.endswith("&") or not reader.tree.of(targets[0]).isdigit():
                writes += [reader.word(target)[0] for target in targets[:1]]
    return Redirected(stdin=stdin, writes=tuple(writes), more=tuple(more), documents=tuple(documents))


def _flow(reader: Reader, nodes: list[Node], stdin: Flow) -> Flow:
    """Of `<<< word` and `< <( )`; any other file is as good as nothing."""
    for node in nodes:
        word, downloaded = reader.word(node)
        is_file = node.parent is not None and node.parent.type == "file_redirect"
        return Flow(downloaded=downloaded, given=None if is_file else word)
    return stdin


def _here_document(reader: Reader, redirect: Node) -> Flow:
    document = here_document(reader.tree, redirect)
    if document is None:
        return NOTHING
    start = document.body.start_byte
    text, offset, inner = reader.tree.of(document.body), reader.place(start), reader.inner(start)
    if document.string is None:
        return Flow(given=quoted(text, offset, inner))
    within = reader.inside(document.string, offset - 1 if reader.verbatim else offset, verbatim=reader.verbatim)
    part = within.words.part(document.string.root)
    given, pattern = unmasked(part.text), unmasked(part.pattern)
    word = Word(text=given, pattern=pattern, offset=offset, inner=inner if given == text else None)
    return Flow(downloaded=part.downloaded, given=word)
