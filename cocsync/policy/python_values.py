"""What expressions of a Python script are, as far as its text says so. Pure."""

from __future__ import annotations

import ast
import re
from functools import reduce
from operator import or_

from cocsync.policy.python_source import names, qualified

_DEPTH_MAX = 6
_NAMES_MAX = 40
_PATHS = frozenset({"pathlib.Path", "Path", "pathlib.PosixPath"})
_FETCHES = frozenset({"urllib.request.urlopen", "urllib2.urlopen", "urlopen", "requests.get", "httpx.get"})
_MODES = {"S_IWOTH": 0o002, "S_IRWXO": 0o007, "S_IRWXU": 0o700, "S_IRWXG": 0o070, "S_ISVTX": 0o1000}


class Values:
    """Knows what the script imports, and names that are given one value."""

    def __init__(self, tree: ast.Module) -> None:
        self._imported = names(tree)
        times: dict[str, int] = {}
        given: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                times[node.id] = times.get(node.id, 0) + 1
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                given[node.targets[0].id] = node.value
        self._values = {name: value for name, value in given.items() if times[name] == 1}

    def name(self, call: ast.Call) -> str:
        """Of what is called, in full."""
        return qualified(call.func, self._imported)

    def known(self, node: ast.expr) -> ast.expr:
        return self._values.get(node.id, node) if isinstance(node, ast.Name) else node

    def text(self, node: ast.expr, depth: int = 0) -> str | None:
        """With `${_}` for what is not known; None where none of it is."""
        node = self.known(node)
        if depth > _DEPTH_MAX:
            return None
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=values):
                return "".join(self._formatted(value, depth) for value in values)
            case ast.BinOp():
                return self._text_of_operation(node, depth)
            case ast.Call():
                return self._text_of_call(node, depth)
        return None

    def _text_of_operation(self, node: ast.BinOp, depth: int) -> str | None:
        """Texts put together, a path put together by `/`, and a text with `%s` in it."""
        if isinstance(node.op, ast.Add | ast.Div):
            return self._added(node.left, node.right, depth, "/" if isinstance(node.op, ast.Div) else "")
        pattern = self.text(node.left, depth + 1) if isinstance(node.op, ast.Mod) else None
        return None if pattern is None else re.sub(r"%(?:\(\w+\))?[sdr]", "${_}", pattern)

    def _formatted(self, value: ast.expr, depth: int) -> str:
        inner = self.text(value.value if isinstance(value, ast.FormattedValue) else value, depth + 1)
        return "${_}" if inner is None else inner

    def _added(self, left: ast.expr, right: ast.expr, depth: int, between: str) -> str | None:
        parts = [self.text(part, depth + 1) for part in (left, right)]
        return None if parts == [None, None] else between.join("${_}" if part is None else part for part in parts)

    def _text_of_call(self, call: ast.Call, depth: int) -> str | None:
        name = self.name(call)
        if name in _PATHS or name in ("str", "os.fspath", "shlex.quote", "os.path.join", "textwrap.dedent"):
            parts = [self.text(argument, depth + 1) for argument in call.args]
            return "/".join("${_}" if part is None else part for part in parts) if any(parts) else None
        if name in ("os.path.expanduser", "pathlib.Path.home"):
            text = self.text(call.args[0], depth + 1) if call.args else "~"
            return re.sub("^~", "${HOME}", text) if text else text
        if not isinstance(call.func, ast.Attribute):
            return None
        if call.func.attr == "format":
            text = self.text(call.func.value, depth + 1)
            return None if text is None else re.sub(r"\{[^{}]*\}", "${_}", text)
        if (
            call.func.attr == "join"
            and call.args
            and isinstance(items := self.known(call.args[0]), ast.List | ast.Tuple)
        ):
            between = self.text(call.func.value, depth + 1) or ""
            return between.join(self.text(item, depth + 1) or "${_}" for item in items.elts)
        return None

    def is_path(self, node: ast.expr) -> bool:
        node = self.known(node)
        return isinstance(node, ast.Call) and self.name(node) in (*_PATHS, "pathlib.Path.home")

    def mode(self, node: ast.expr, depth: int = 0) -> int | None:
        """A number, or permissions put together from those of `stat`."""
        node = self.known(node)
        match node:
            case ast.Constant(value=int(number)):
                return number
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                parts = [self.mode(part, depth + 1) for part in (left, right)] if depth < _DEPTH_MAX else []
                return reduce(or_, (part or 0 for part in parts), 0)
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in _MODES:
                return _MODES[name]
        return None

    def fetches(self, node: ast.expr) -> bool:
        """What is in it was downloaded, also under a name that it was given."""
        seen = [node]
        for one in seen:
            if len(seen) > _NAMES_MAX:
                return False
            for inner in ast.walk(one):
                if isinstance(inner, ast.Call) and self.name(inner) in _FETCHES:
                    return True
                if isinstance(inner, ast.Name) and inner.id in self._values and self._values[inner.id] not in seen:
                    seen.append(self._values[inner.id])
        return False
