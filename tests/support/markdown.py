"""The project's Markdown pages as tests look at them: links, checked tables, and sessions that really ran.

A comment `<!-- KIND: NAME... -->` before a table says what the table lists, so that tests can hold it against the code.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support import children

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md") for path in ROOT.glob(pattern))

TABLE = re.compile(r"<!-- (?P<kind>[a-z ]+): (?P<names>[^>]*?) -->\n\n(?P<head>\|.*\n\|[-|]*\n)(?P<rows>(?:\|.*\n)*)")
FLAG = re.compile(r"(?<![\w-])-{1,2}[A-Za-z][\w-]*")

_FENCED = re.compile(r"^```.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```.*?^```$|^ {4}[^\n]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_STATUS = re.compile("\x1e([0-9]+)\x1e\n")

_VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d{8}T\d{6}\.\d+Z"), "TIME"),
    (re.compile(r"\bSC\d{14}[0-9a-f]+"), "UUID"),
    (re.compile(r"\b(sha256:|commit )[0-9a-f]+(\.\.\.)?"), r"\1HEX"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that a page shows behind `$ `, from `line` on, and the lines shown below it, if there are any."""

    line: int
    text: str
    shown: tuple[str, ...]

    def printed(self, output: str) -> bool:
        """Whether the output is what the page shows; a line `...` stands for any lines, and `varying` parts agree."""
        if not self.shown:
            return True
        lines = _alike("\n".join(self.shown)).splitlines()
        pattern = "".join(r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line) + "\n" for line in lines)
        return re.fullmatch(pattern, _alike(output)) is not None


def _alike(text: str) -> str:
    """Without what differs from run to run: times, uuids, digests; nor blanks at line ends, nor blank lines around."""
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n") + "\n"


def commands(page: str) -> tuple[Command, ...]:
    """Of every fenced block that begins with a prompt, in order. Lines behind `> ` continue a command."""
    found: list[Command] = []
    for block in _FENCED.finditer(page):
        if block[1].startswith("$ "):
            found += _session(block[1].splitlines(), page.count("\n", 0, block.start(1)) + 1)
    return tuple(found)


def _session(lines: list[str], first: int) -> Iterator[Command]:
    starts = [index for index, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        rest = lines[start + 1 : end]
        more = next((index for index, line in enumerate(rest) if not line.startswith("> ")), len(rest))
        text = "\n".join(line[2:] for line in (lines[start], *rest[:more]))
        yield Command(line=first + start, text=text, shown=tuple(rest[more:]))


def play(session: tuple[Command, ...], folder: Path, environ: Mapping[str, str]) -> list[tuple[str, int]]:
    """What each command prints on both streams, and its exit status: one shell runs them all in `folder`."""
    script = "".join(f"{command.text}\nprintf '\\036%s\\036\\n' \"$?\"\n" for command in session)
    done = children.run(
        ["sh", "-c", script],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    parts = _STATUS.split(done.stdout.decode())
    return [(output, int(status)) for output, status in zip(parts[::2], parts[1::2], strict=False)]


def tables(page: str, kind: str) -> dict[str, list[list[str]]]:
    """The cells of each row of the tables of that kind, by name; a table with several names counts for each."""
    found: dict[str, list[list[str]]] = {}
    for table in TABLE.finditer(page):
        if table["kind"] == kind:
            rows = [_cells(line) for line in table["rows"].splitlines()]
            for name in table["names"].split():
                found.setdefault(name, []).extend(rows)
    return found


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def codes(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def code(page: str) -> str:
    """All code of the page: blocks and spans."""
    return "\n".join(match[0] for match in _CODE.finditer(page))


def links(page: str) -> list[str]:
    """Where the page's links lead that are no addresses."""
    return [link for link in _LINK.findall(_CODE.sub("", page)) if "://" not in link]


def anchors(page: str) -> set[str]:
    """What a link may have behind `#`: GitHub's form of each heading."""
    headings = _HEADING.findall(_FENCED.sub("", page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
