"""Which requests do something on hosts. Executing a script shares its path with modifying and deleting it."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

_EXECUTION = re.compile(r"/v1/job/scripts/(?!.*/action$).+", re.DOTALL)
_OPERATION = re.compile(r"/v1/job/script/orders/.*", re.DOTALL)


def is_execution(method: str, path: str) -> bool:
    """Whether a request starts a script on hosts."""
    return method == "POST" and _EXECUTION.fullmatch(_plain(path)) is not None


def is_operation(method: str, path: str) -> bool:
    """Whether a request steers a ticket: pauses, continues, skips or cancels."""
    return method != "GET" and _OPERATION.fullmatch(_plain(path)) is not None


def _plain(path: str) -> str:
    """The path that a server may take it for: without escapes, empty segments and steps back."""
    return "/" + posixpath.normpath(unquote(path)).lstrip("/")
