"""Logs of hosts: sensitive values replaced, tails cut, equal ones recognised. Pure; the text is foreign."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from cocsync.model.secret import SENSITIVE, Secret
from cocsync.run.judge import Log

TAIL_LINES = 20
LINE_MAX = 2_000
"""Characters of a line that a report shows."""

COC_LIMIT = 1_000_000
"""Bytes at which COC may have cut a log."""

REDACTED_MIN = 4
"""Characters of the shortest value that is replaced: a shorter one would be found everywhere."""


def redacted(chunks: Iterable[str], secrets: Sequence[Secret]) -> Iterator[str]:
    """The text with every known value of four characters or more replaced, also where it crosses two chunks.

    The longest value wins where one holds another. A value that the script split over lines or encoded is not found.
    """
    values = sorted({s.reveal() for s in secrets if len(s.reveal()) >= REDACTED_MIN}, key=lambda v: (-len(v), v))
    if not values:
        yield from chunks
        return
    longest = len(values[0])
    held = ""
    for chunk in chunks:
        done, held = _replaced(held + chunk, values, keep=longest - 1)
        if done:
            yield done
    done, _ = _replaced(held, values, keep=0)
    if done:
        yield done


def summed_up(chunks: Iterable[str], *, file: str | None, received: int) -> Log:
    """The record of a log from its redacted text; `received` are the bytes that COC sent of it."""
    lines: deque[str] = deque(maxlen=TAIL_LINES)
    digest = hashlib.sha256()
    rest = ""
    for chunk in chunks:
        digest.update(chunk.encode("utf-8", "surrogatepass"))
        *whole, rest = (rest + chunk).split("\n")
        lines.extend(line[:LINE_MAX].removesuffix("\r") for line in whole)
        rest = rest[:LINE_MAX]
    if rest:
        lines.append(rest[:LINE_MAX])
    return Log(
        tail=tuple(lines),
        digest=digest.hexdigest(),
        file=file,
        bytes=received,
        truncated=received >= COC_LIMIT,
    )


def _replaced(text: str, values: Sequence[str], *, keep: int) -> tuple[str, str]:
    """What is settled, and the last `keep` characters, in which a value may have begun."""
    parts: list[str] = []
    start = 0
    stop = max(len(text) - keep, 0)
    while (hit := _first(text, values, start)) is not None and hit[0] < stop:
        at, value = hit
        parts += (text[start:at], SENSITIVE)
        start = at + len(value)
    cut = max(start, stop)
    return "".join((*parts, text[start:cut])), text[cut:]


def _first(text: str, values: Sequence[str], start: int) -> tuple[int, str] | None:
    """The first value in the text from there on; of those that begin at one place the longest."""
    hits = ((text.find(value, start), -len(value), value) for value in values)
    found = min((hit for hit in hits if hit[0] >= 0), default=None)
    return None if found is None else (found[0], found[2])
