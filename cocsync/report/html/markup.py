"""HTML from elements. Pure. Every text is foreign unless it is `Markup`: no renderer has to remember to escape."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from cocsync.report.terminal import escaped

_CODE = re.compile("(`[^`]+`)")
_VOID = frozenset({"col", "input"})

# Elements behind which a line of the document ends, so that it can be read and compared; no browser shows that.
_AFTER = dict.fromkeys(
    (
        *(
            "caption",
            "dd",
            "details",
            "div",
            "dl",
            "footer",
            "form",
            "h1",
            "h2",
            "header",
            "label",
            "li",
            "main",
            "nav",
        ),
        *("ol", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "thead", "tr", "ul"),
    ),
    "\n",
)


class Markup(str):
    """HTML: what is foreign in it is escaped."""

    __slots__ = ()


def html_escaped(text: str) -> Markup:
    """The text as HTML, fit for an attribute too; what would not be seen is a visible escape."""
    return text if isinstance(text, Markup) else Markup(html.escape(escaped(text)))


def element(tag: str, /, *children: str, **attributes: str | bool | None) -> Markup:
    """An element. `class_` is the attribute `class`, `data_risk` is `data-risk`; None and False leave one out."""
    shown = "".join(_attribute(name, value) for name, value in attributes.items())
    inner = "".join(map(html_escaped, children))
    end = "" if tag in _VOID else f"</{tag}>"
    return Markup(f"<{tag}{shown}>{inner}{end}{_AFTER.get(tag, '')}")


def joined(parts: Iterable[str], separator: str = "") -> Markup:
    """The parts one after the other."""
    return Markup(html_escaped(separator).join(map(html_escaped, parts)))


def prose(text: str) -> Markup:
    """A sentence in which what stands between backticks is code. None is lost: names may have some of their own."""
    return joined(element("code", part) if part.startswith("`") else part for part in _CODE.split(text))


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    key = name.rstrip("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{html_escaped(value)}"'
