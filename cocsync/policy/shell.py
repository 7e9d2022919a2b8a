"""The commands of a shell script, in the order in which they stand there, with what is known of each before it runs.

Texts that a shell is given are read too: `bash -c '...'`, `eval`, `trap`, `ssh host '...'`, here-documents, and what
`echo` pipes into one. So is Python that a shell script holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cocsync.policy import interpreters, wrappers
from cocsync.policy.commands import Command, Effect, Word, operands, program_name, quoted
from cocsync.policy.shell_flow import NOTHING, Flow, Nested, Start, executed, folder_after, output, runs_download
from cocsync.policy.shell_names import Names, names
from cocsync.policy.shell_redirects import Redirected, redirected
from cocsync.policy.shell_text import Text
from cocsync.policy.shell_tree import DEPTH_MAX, Tree, children
from cocsync.policy.shell_words import DOWNLOADED, Words

if TYPE_CHECKING:
    from tree_sitter import Node

_NESTED_MAX = 8
"""Shells within shells."""
_OWN_FOLDER = frozenset(
    {"subshell", "command_substitution", "process_substitution", "case_item", "elif_clause", "else_clause"}
)
_BRANCHES = frozenset({"if_statement", "case_statement", "while_statement", "for_statement", "c_style_for_statement"})
_NO_WORDS = frozenset({"comment", "ERROR", "subshell"})
_SPLIT_AGAIN = frozenset({"watch", "parallel", "sem", "env"})


def commands(text: str, offset: int, python: Nested) -> tuple[Command, ...]:
    """Of a text that something else starts, all of them as if they stood at `offset`."""
    return read(Tree(text), python, start=offset, verbatim=False)


def started(words: tuple[Word, ...], python: Nested) -> tuple[Command, ...]:
    """What a program starts that gives these words to no shell."""
    reader = _Reader(tree=Tree(""), python=python)
    reader.start_command(Start(words=words, offset=words[0].offset), NOTHING, [False] * len(words))
    return tuple(reader.found)


def read(tree: Tree, python: Nested, *, start: int = 0, verbatim: bool = True) -> tuple[Command, ...]:
    """`python` reads the Python within it, given the text, an offset, and where the text stands if it does."""
    reader = _Reader(tree=tree, python=python, start=start, verbatim=verbatim)
    reader.visit(tree.root, NOTHING)
    return tuple(reader.found)


@dataclass(slots=True, kw_only=True)
class _Reader(Text):
    """`found` grows while the tree is visited."""

    python: Nested
    nested: int = 0
    depth: int = 0
    folder: str = ""
    found: list[Command] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    downloads: set[str] = field(default_factory=lambda: {DOWNLOADED})
    fetchers: set[str] = field(default_factory=set)
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        self.names = names(self.tree, self.names)
        self.words = Words(self.tree, self.names.constants, self.downloads, self._substituted)

    def visit(self, node: Node, stdin: Flow) -> Flow:
        """What comes out of it."""
        if self.depth > DEPTH_MAX:
            return NOTHING
        self.depth += 1
        folder = self.folder
        out = self._visit(node, stdin)
        if node.type in _OWN_FOLDER:
            self.folder = folder
        elif node.type in _BRANCHES and self.folder != folder:
            self.folder = ""
        self.depth -= 1
        return out

    def _visit(self, node: Node, stdin: Flow) -> Flow:
        match node.type:
            case "command":
                return self._command(node, Redirected(stdin=stdin))
            case "pipeline":
                return self._pipeline(children(node), stdin)
            case "redirected_statement":
                return self._redirected(node, stdin)
            case "function_definition":
                return self._function(node)
            case "variable_assignment":
                self._assign(node)
                return NOTHING
            case "for_statement":
                self._loop(node)
        return self._all(children(node), stdin)

    def _all(self, nodes: Iterable[Node], stdin: Flow) -> Flow:
        first = len(self.found)
        flows = [self.visit(node, stdin) for node in nodes]
        if len(flows) == 1:
            return flows[0]
        return Flow(downloaded=any(flow.downloaded for flow in flows), feeds=tuple(self.found[first:]))

    def _substituted(self, node: Node) -> bool:
        return self.visit(node, NOTHING).downloaded

    def _pipeline(self, stages: Iterable[Node], stdin: Flow) -> Flow:
        folder = self.folder
        for stage in stages:
            first = len(self.found)
            out = self.visit(stage, stdin)
            stdin = replace(out, feeds=tuple(self.found[first:]))
            self.folder = folder
        return stdin

    def _function(self, node: Node) -> Flow:
        folder, self.folder = self.folder, ""
        out = self._all(node.children_by_field_name("body"), NOTHING)
        self.folder = folder
        name = node.child_by_field_name("name")
        if out.downloaded and name:
            self.fetchers.add(self.tree.of(name))
        if name and node.start_byte in self.names.bombs:
            word = quoted(self.tree.of(name), self.place(node.start_byte))
            forks = frozenset({Effect.FORKS_WITHOUT_END})
            self.found.append(Command(words=(word,), offset=word.offset, effects=forks))
        return NOTHING

    def _assign(self, node: Node) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name and value and self.words.part(value).downloaded:
            self.downloads.add(self.tree.of(name))

    def _loop(self, node: Node) -> None:
        variable = node.child_by_field_name("variable")
        values = [self.words.part(value) for value in node.children_by_field_name("value")]
        if variable and any(value.downloaded for value in values):
            self.downloads.add(self.tree.of(variable))

    # What is redirected.

    def _redirected(self, node: Node, stdin: Flow) -> Flow:
        redirects = [child for child in children(node) if child.type.endswith("_redirect")]
        bodies = [child for child in children(node) if not child.type.endswith("_redirect")]
        found = redirected(self, redirects, stdin)
        if len(bodies) == 1 and bodies[0].type == "command":
            out = self._command(bodies[0], found)
        else:
            out = self._all(bodies, found.stdin)
            self._only_writes(self.place(node.start_byte), found.writes)
        if found.writes:
            out = NOTHING
        for redirect in found.documents:
            out = self._behind(redirect, out)
        return out

    def _behind(self, redirect: Node, out: Flow) -> Flow:
        """The rest of the line that a here-document begins on: `cat <<END | sh`, `cat <<END && rm x`."""
        for child in redirect.named_children:
            if child.type == "pipeline":
                out = self._pipeline(children(child), out)
            elif child in redirect.children_by_field_name("right"):
                self.visit(child, NOTHING)
        return out

    def _only_writes(self, offset: int, writes: tuple[Word, ...]) -> None:
        if writes:
            self.found.append(Command(words=(), offset=offset, writes=writes))

    # One command.

    def _command(self, node: Node, around: Redirected) -> Flow:
        parts: list[Node] = []
        redirects: list[Node] = []
        assigned: list[tuple[str, Word]] = []
        for child in node.named_children:
            if child.type == "variable_assignment":
                assigned.append(self._assigned(child))
            elif child.type.endswith("_redirect"):
                redirects.append(child)
            elif child.type not in _NO_WORDS:
                parts.append(child)
        own = redirected(self, redirects, around.stdin) if redirects else around
        more = (*around.more, *own.more) if redirects else around.more
        writes = (*around.writes, *own.writes) if redirects else around.writes
        pairs = [self.word(part) for part in (*parts, *more)]
        words, downloaded = tuple(word for word, _ in pairs), [is_downloaded for _, is_downloaded in pairs]
        offset = self.place((parts or [node])[0].start_byte)
        start = Start(words=words, offset=offset, assigned=tuple(assigned), writes=writes)
        return self.start_command(start, own.stdin, downloaded)

    def _assigned(self, node: Node) -> tuple[str, Word]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        text = self.tree.of(name) if name else ""
        if value is None:
            return text, quoted("", self.place(node.start_byte))
        return text, self.word(value)[0]

    def start_command(self, start: Start, stdin: Flow, downloaded: list[bool]) -> Flow:
        """One that is known, after what only starts it is taken away."""
        inner = wrappers.unwrapped(start.words)
        words = inner.words
        if not words:
            self._only_writes(start.offset, start.writes)
            return NOTHING
        behind = len(start.words) - len(words)
        if inner.by:
            start = replace(start, words=words, assigned=(*start.assigned, *inner.assigned), by=inner.by)
        name = program_name(words[0].text)
        if not behind and name in self.names.functions:
            return self._call(name, start, stdin, downloaded)
        if len(words) == 1 and inner.by & _SPLIT_AGAIN and " " in words[0].text:
            return self._nested(words, start.offset, stdin)
        if "xargs" in inner.by and stdin.given and stdin.given.is_literal:
            extra = tuple(quoted(text, stdin.given.offset) for text in stdin.given.text.split())
            start = replace(start, words=(*words, *extra))
        return self._run(name, start, stdin, downloaded[behind:])

    def _call(self, name: str, start: Start, stdin: Flow, downloaded: list[bool]) -> Flow:
        """A function of the script's own. One that runs its arguments is seen through."""
        if name in self.names.runners and len(start.words) > 1 and self.depth <= DEPTH_MAX:
            self.depth += 1
            behind = 1
            while behind < len(start.words) - 1 and start.words[behind].text.isdigit():
                behind += 1
            out = self.start_command(replace(start, words=start.words[behind:]), stdin, downloaded[behind:])
            self.depth -= 1
            return out
        return Flow(downloaded=name in self.fetchers or stdin.downloaded)

    def _run(self, name: str, start: Start, stdin: Flow, downloaded: list[bool]) -> Flow:
        program = interpreters.program(start.words)
        effects: set[Effect] = set()
        if runs_download(start, program, stdin, by_name=downloaded[0], nested=bool(self.nested)):
            effects.add(Effect.RUNS_DOWNLOAD)
        if start.offset in self.names.restarts:
            effects.add(Effect.FORKS_WITHOUT_END)
        command = Command(
            words=start.words,
            offset=start.offset,
            assigned=start.assigned,
            writes=start.writes,
            by=start.by,
            folder=self.folder,
            given=None if "xargs" in start.by else stdin.given,
            feeds=stdin.feeds,
            effects=frozenset(effects),
        )
        self.found.append(command)
        self._within(command, program, stdin)
        self._after(name, command, stdin)
        return output(name, command, stdin, downloaded)

    def _within(self, command: Command, program: interpreters.Program, stdin: Flow) -> None:
        """What it runs in its turn."""
        if program.text:
            self._nested(program.text, command.offset, stdin, name=command.name, python=program.python)
        elif program.from_stdin and stdin.given:
            self._nested((stdin.given,), command.offset, NOTHING, python=program.python)
        elif command.name == "find":
            for words in executed(command.words):
                if words:
                    self.start_command(Start(words=words, offset=command.offset), NOTHING, [False] * len(words))

    def _after(self, name: str, command: Command, stdin: Flow) -> None:
        """What it changes for those that come after it."""
        self.folder = folder_after(name, command, self.folder)
        if name in ("read", "mapfile", "readarray") and stdin.downloaded:
            self.downloads.update(operands(command.texts, "adinNptu"))

    def _nested(
        self, words: tuple[Word, ...], offset: int, stdin: Flow, *, name: str = "", python: bool = False
    ) -> Flow:
        text = " ".join(word.text for word in words)
        if self.nested >= _NESTED_MAX or not text:
            return NOTHING
        exact = words[0].inner if len(words) == 1 else None
        if python:
            self.found += self.python(text, offset, exact)
            return NOTHING
        folder = "" if name in ("ssh", "trap") else self.folder
        start = offset if exact is None else exact
        inner = self.inside(Tree(text), start, verbatim=exact is not None, folder=folder)
        return inner.visit(inner.tree.root, stdin)

    def inside(self, tree: Tree, start: int, *, verbatim: bool, folder: str = "") -> _Reader:
        """A reader of a text within this one, that knows what this one knows."""
        return replace(self, tree=tree, start=start, verbatim=verbatim, nested=self.nested + 1, folder=folder)

    def word(self, node: Node) -> tuple[Word, bool]:
        """The word, and whether something downloaded is in it."""
        word, downloaded = self.words.word(node)
        return self.placed(word), downloaded
