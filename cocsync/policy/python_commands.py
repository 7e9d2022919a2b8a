"""What a Python script starts, deletes, opens and runs, as far as its text says so. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cocsync.policy import python_source, shell
from cocsync.policy.commands import Command, Effect, Word, as_quoted, quoted
from cocsync.policy.python_values import Values

_SHELL_CALLS = frozenset(
    {
        "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput",
        "commands.getstatusoutput", "asyncio.create_subprocess_shell", "pty.spawn",
    }
)  # fmt: skip
_LIST_CALLS = frozenset(
    {
        "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
    }
)  # fmt: skip
_SPREAD_CALLS = re.compile(r"os\.(?:exec|spawn)[lv]p?e?|os\.posix_spawnp?|asyncio\.create_subprocess_exec")
_UNKNOWN = ("${_}", "${HOME}")
_PARTS = re.compile(r"(\$\{_\}|\$\{HOME\})")
_RUNS = frozenset({"exec", "eval", "builtins.exec"})
_MODES = {"S_IWOTH": 0o002, "S_IRWXO": 0o007, "S_IRWXU": 0o700, "S_IRWXG": 0o070, "S_ISVTX": 0o1000}


def commands(text: str, start: int = 0, inner: int | None = 0) -> tuple[Command, ...]:
    """In the order of the text. With `inner` the text stands there in the content; else all of it is at `start`."""
    tree = python_source.parsed(text)
    if tree is None:
        return ()
    reader = _Reader(text=text, start=start, inner=inner, values=Values(tree))
    return tuple(command for node in python_source.walked(tree) for command in reader.of(node))


@dataclass(slots=True)
class _Reader:
    text: str
    start: int
    inner: int | None
    values: Values

    def of(self, node: ast.AST) -> Iterator[Command]:
        if isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.While) and _is_endless(node.test):
            yield from (
                Command(
                    words=(quoted("os.fork", self._place(one)),),
                    offset=self._place(one),
                    effects=frozenset({Effect.FORKS_WITHOUT_END}),
                )
                for one in node.body
                if isinstance(one, ast.Expr)
                and isinstance(one.value, ast.Call)
                and self.values.name(one.value) == "os.fork"
            )

    def _call(self, call: ast.Call) -> Iterator[Command]:
        name = self.values.name(call)
        arguments = [
            *call.args,
            *(keyword.value for keyword in call.keywords if keyword.arg in ("args", "cmd", "path")),
        ]
        offset = self._place(call)
        if name in _SHELL_CALLS and arguments:
            yield from self._shell(arguments[0], offset)
        elif name in _LIST_CALLS and arguments:
            yield from self._started(call, arguments[0], offset)
        elif _SPREAD_CALLS.fullmatch(name):
            yield from self._list(self._spread(name, arguments), offset)
        elif name in _RUNS:
            if any(self.values.fetches(argument) for argument in arguments):
                effects = frozenset({Effect.RUNS_DOWNLOAD})
                yield Command(words=(quoted(name, offset),), offset=offset, effects=effects)
        else:
            yield self._function(call, name, offset)

    def _function(self, call: ast.Call, name: str, offset: int) -> Command:
        """Any other one, with what it is called on before its arguments, and keywords as `name=value`."""
        words = [quoted(name, offset)]
        if isinstance(call.func, ast.Attribute) and self.values.is_path(call.func.value):
            words = [quoted(f"pathlib.Path.{call.func.attr}", offset), self._argument(call.func.value)]
        words += [self._argument(argument) for argument in call.args]
        for keyword in call.keywords:
            value = self._argument(keyword.value)
            words.append(value if keyword.arg == "path" else quoted(f"{keyword.arg}={value.text}", value.offset))
        return Command(words=tuple(words), offset=offset)

    def _started(self, call: ast.Call, program: ast.expr, offset: int) -> Iterator[Command]:
        shell = any(keyword.arg == "shell" and _is_true(keyword.value) for keyword in call.keywords)
        program = self.values.known(program)
        if not isinstance(program, ast.List | ast.Tuple):
            split = self._split(program)
            yield from self._shell(program, offset) if split is None else self._shell(split, offset)
        elif shell:
            yield from self._shell(program.elts[0], offset) if program.elts else ()
        else:
            yield from self._list(program.elts, offset)

    def _split(self, node: ast.expr) -> ast.expr | None:
        """The text of `shlex.split(text)` and `"text".split()`."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "split":
            return None
        if self.values.name(node) == "shlex.split":
            return node.args[0] if node.args else None
        return node.func.value

    def _spread(self, name: str, arguments: list[ast.expr]) -> list[ast.expr]:
        """The words that `os.execvp(file, words)` and its kin start."""
        if name.startswith("asyncio."):
            return arguments
        rest = arguments[1:] if name.startswith("os.spawn") else arguments
        if len(rest) > 1 and isinstance(words := self.values.known(rest[1]), ast.List | ast.Tuple):
            return [*rest[:1], *words.elts[1:]]
        return [*rest[:1], *rest[2:]]

    def _shell(self, node: ast.expr, offset: int) -> Iterator[Command]:
        text = self.values.text(node)
        if text is not None:
            yield from shell.commands(text, offset, commands)

    def _list(self, nodes: list[ast.expr], offset: int) -> Iterator[Command]:
        """Words that no shell reads; a shell among them reads its text."""
        words = tuple(self._argument(node) for node in nodes if not isinstance(node, ast.Starred))
        if words:
            yield from (replace(command, offset=offset) for command in shell.started(words, commands))

    def _argument(self, node: ast.expr) -> Word:
        offset = self._place(node)
        text = self.values.text(node)
        if text is None:
            mode = self.values.mode(node)
            return Word(text="$()", pattern="$()", offset=offset) if mode is None else quoted(f"{mode:o}", offset)
        pattern = "".join(part if part in _UNKNOWN else as_quoted(part) for part in _PARTS.split(text))
        return Word(text=text, pattern=pattern, offset=offset)

    def _place(self, node: ast.AST) -> int:
        if self.inner is None:
            return self.start
        return self.inner + min(python_source.offset(self.text, node), max(0, len(self.text) - 1))


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_endless(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)
