"""Foreign text in Markdown: shown as it is, and never more than text. Pure.

What is foreign stands in code spans and fences, where neither markup nor mentions, references and links work; the few
words of prose that come from elsewhere stand bare only where they are letters and digits.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from cocsync.report.terminal import escaped, escaped_content

NAME_MAX = 200
"""Characters of a name or value that are shown where it stands in a line of its own or others'."""

PROSE_MAX = 600
LINE_MAX = 2_000
"""Characters of a message, and of a field's value."""

_CUT = "..."
_PIPE = r"\x7c"
_TICKS = re.compile("`+")

# Not what GitHub or GitLab make a link of: `www.`, `GH-12`; everything with a sign of theirs is code anyway.
_BARE = re.compile(r"(?!www\.|gh-)[^\W_]+(?:[-'.][^\W_]+)*|%?", re.IGNORECASE)
_WORD = re.compile(r"(\(?)(.*?)([),.;:?!]*)", re.DOTALL)


def marker(kind: str, target: str) -> str:
    """The hidden first line by which a comment is found and replaced: `<!-- cocsync:plan:prod -->`."""
    return f"<!-- cocsync:{kind}:{quote(target.encode('utf-8', 'surrogatepass'), safe='')} -->"


def code(text: str) -> str:
    """A code span, cut to `NAME_MAX` characters."""
    shown = _cut(escaped(text), NAME_MAX) or '""'
    ticks = _fence(shown, 1)
    space = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def codes(texts: Iterable[str]) -> str:
    """Code spans, separated by commas."""
    return ", ".join(map(code, texts))


def prose(text: str) -> str:
    """A sentence: bare words, everything else as code, and what stands between backticks too."""
    parts = _cut(escaped(text), PROSE_MAX).split("`")
    if len(parts) % 2 == 0:
        return _words("`".join(parts))
    return "".join(code(part) if index % 2 else _words(part) for index, part in enumerate(parts))


def in_html(text: str) -> str:
    """The text within an HTML element of ours."""
    return f"<code>{html.escape(_cut(escaped(text), NAME_MAX))}</code>"


def row(*cells: str) -> str:
    """A line of a table. A `|` can only be in code, where it becomes an escape."""
    return f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |"


def table(headings: Sequence[str]) -> str:
    """What stands above the rows."""
    return f"{row(*headings)}\n{row(*('---' for _ in headings))}"


def fenced(lines: Iterable[str]) -> str:
    """A block of code that is coloured as a diff; the lines hold no line end."""
    body = "\n".join(lines)
    ticks = _fence(body, 3)
    return f"{ticks}diff\n{body}\n{ticks}"


def value_line(sign: str, text: str) -> str:
    """A line of a fence about a value."""
    return f"{sign} {_cut(escaped(text), LINE_MAX)}"


def diff_line(line: str) -> str:
    """A line of a unified diff."""
    return line[:1] + escaped_content(line[1:])


def details(summary: str, *body: str) -> str:
    """What is folded until somebody looks. `summary` is HTML."""
    return "\n\n".join((f"<details><summary>{summary}</summary>", *body, "</details>"))


def _words(text: str) -> str:
    return " ".join(map(_word, text.split(" ")))


def _word(word: str) -> str:
    """Punctuation around it stays outside of code."""
    before, inner, after = _WORD.fullmatch(word).groups()  # type: ignore[union-attr] # everything fits
    return f"{before}{inner if _BARE.fullmatch(inner) else code(inner)}{after}"


def _fence(text: str, least: int) -> str:
    longest = max(map(len, _TICKS.findall(text)), default=0)
    return "`" * max(longest + 1, least)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - len(_CUT)] + _CUT
