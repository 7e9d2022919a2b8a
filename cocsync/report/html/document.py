"""The document around a report: one file that asks nothing of anybody. Pure.

Its policy lets a browser load nothing at all, and run the one script and use the one style sheet that are in it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from string import Template

from cocsync.report.html.markup import Markup, element, html_escaped, joined


def document(*, title: str, header: Markup, sections: tuple[Markup, ...], tool_version: str) -> str:
    """The whole page: its header, the sections that are not empty, and which version wrote it."""
    style, script = _asset("page.css"), _asset("page.js")
    footer = element("footer", element("p", f"Written by cocsync {tool_version}."))
    return Template(_asset("page.html")).substitute(
        policy=html_escaped(_policy(style, script)),
        title=html_escaped(title),
        style=style,
        body=joined((header, element("main", *sections, id="main", tabindex="-1"), footer)),
        script=script,
    )


def _policy(style: str, script: str) -> str:
    allowed = f"script-src '{_digest(script)}'; style-src '{_digest(style)}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return resources.files("cocsync.report.html").joinpath("page", name).read_text(encoding="utf-8")
