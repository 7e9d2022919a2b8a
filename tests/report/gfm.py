"""Markdown as GitHub and GitLab see it: what a comment is made of, and whether foreign text became more than text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")

_CODE = "<code>[^<>]*</code>"
_OURS = re.compile(
    rf"<br>|</details>|<details><summary><b>[a-z_]+</b> {_CODE}: {_CODE}(, {_CODE})*(, \.\.\.)?</summary>"
    r"|<details><summary>\d+ [a-z ]+</summary>|<!-- cocsync:(plan|apply|drift):[\w.~%-]* -->"
)
_LIVE = re.compile(r"@|#\d|://|\bwww\.|\bgh-\d|[!%~&$]\w", re.IGNORECASE)
"""What GitHub or GitLab would make a mention, a reference or a link of, outside of code."""


def tokens(markdown: str) -> Iterator[Token]:
    """All of them, blocks and what is in them."""
    for token in _PARSER.parse(markdown):
        yield token
        yield from token.children or ()


def text_outside_code(markdown: str) -> str:
    """What a reader sees that is neither code nor HTML."""
    return "\n".join(token.content for token in tokens(markdown) if token.type == "text")


def assert_harmless(markdown: str) -> None:
    """No element but ours, nothing that notifies or links, every fold closed, every character to be seen."""
    depth = 0
    for token in tokens(markdown):
        assert token.type not in ("link_open", "image", "code_block", "s_open"), token
        if token.type in ("html_block", "html_inline"):
            html = token.content.strip()
            assert _OURS.fullmatch(html), html
            depth += html.startswith("<details>") - (html == "</details>")
            assert depth in (0, 1), html
        if token.type == "text":
            assert not _LIVE.search(token.content), token.content
        if token.type == "fence":
            assert token.info == "diff"
    assert depth == 0
    hidden = {c for c in markdown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")}
    assert hidden <= {"\n"}
    assert len(re.findall("<!-- cocsync:", markdown)) == len(re.findall("^<!-- cocsync:", markdown)) == 1
