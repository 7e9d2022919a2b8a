"""Python scripts as syntax trees. Pure.

They are read by Python's own parser. Lines that this one does not know, as those of Python 2, are put right where
that is easy, and left out where it is not.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

_REPAIRS_MAX = 40
_PRINT = re.compile(r"^([ \t]*(?:.*?[:;][ \t]+)?)print[ \t]+(?!=)([^\n(=][^\n;]*)", re.MULTILINE)
_OCTAL = re.compile(r"(?<![\w.])0([0-7]{3,4})\b")
_EXCEPT = re.compile(r"^([ \t]*except[ \t]+[\w.]+|[ \t]*except[ \t]+\([^()\n]*\)),[ \t]*(\w+)[ \t]*:", re.MULTILINE)


def parsed(text: str) -> ast.Module | None:
    """None where nothing of it can be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = _parsed(text)
        return tree if tree is not None else _repaired(text)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _repaired(text: str) -> ast.Module | None:
    text = _EXCEPT.sub(r"\1 as \2:", _OCTAL.sub(r"0o\1", _PRINT.sub(r"\1print(\2)", text.replace("\0", " "))))
    lines = text.split("\n")
    for _ in range(_REPAIRS_MAX):
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            at = (error.lineno or 1) - 1
        except (ValueError, RecursionError, MemoryError):
            return None
        if at >= len(lines) or not lines[at].strip():
            return None
        lines[at] = _without_statement(lines[at])
    return None


def _without_statement(line: str) -> str:
    """Nothing in its place, or the block that it opens."""
    code = line.strip()
    if code in ("pass", "if 1:"):
        return ""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}if 1:" if code.endswith(":") else f"{indent}pass"


def walked(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node, in the order of the text."""
    rest = [tree]
    while rest:
        node = rest.pop()
        yield node
        rest += reversed(list(ast.iter_child_nodes(node)))


def names(tree: ast.Module) -> dict[str, str]:
    """What imported names are in full: `run` for `from subprocess import run`, `sp` for `import subprocess as sp`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.asname: one.name for one in node.names if one.asname is not None}
        elif isinstance(node, ast.ImportFrom):
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return found


def qualified(node: ast.AST, imported: dict[str, str]) -> str:
    """`os.system` for that attribute; `.name` for the attribute of anything else; "" for what has no name."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    first = imported.get(node.id, node.id) if isinstance(node, ast.Name) else ""
    return ".".join((first, *reversed(attributes)))


def offset(text: str, node: ast.AST) -> int:
    """Where the node begins in the text that it was parsed from."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    code = text[start:].partition("\n")[0]
    if not code.isascii():
        column = len(code.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
    return start + column
