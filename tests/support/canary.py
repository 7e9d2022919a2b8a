"""The words that the sensitive values and keys of the tests hold, and the search for places where one got out.

`tests/conftest.py` fails a test when one is in what the test printed or logged, in what a process that it ran
printed, or in a file below its `tmp_path`, but for the simulator's database and the secret sources that it planted.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

CANARY = "CANARY7f3a"

WORDS = (CANARY, "s3cret", "an-example-fingerprint-key", "another-fingerprint-key-0123")
"""The others are those of the published golden marks, which tests of the pure core use too."""

_DATABASES = "*sim.db*"
"""COC is sent the values, so the simulator keeps them."""

sources: set[Path] = set()
"""Files of the running test that are meant to hold a value."""


def planted(label: str = "value") -> str:
    """A sensitive value or key for a test: long enough for a key, and taken by COC as a param's value."""
    return f"{CANARY}-{label}"


def plant(path: Path, text: str) -> Path:
    """Writes a file that is the source of a value."""
    path.write_text(text, encoding="utf-8", newline="")
    sources.add(path)
    return path


def _forms(word: str) -> Iterator[bytes]:
    """As it is, which is also how JSON has it, in hexadecimal, as a URL has it, and in base64 wherever it begins."""
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield "".join(f"%{byte:02X}" for byte in plain).encode()
    for offset in range(3):
        encoded = b64encode(bytes(offset) + plain)
        yield encoded[-(-offset * 8 // 6) : (offset + len(plain)) * 8 // 6]


FORMS = tuple(form for word in WORDS for form in _forms(word))


def is_in(data: str | bytes) -> bool:
    """Whether one of the words is there in any of its forms."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return any(form in raw for form in FORMS)


def leaks_below(folder: Path) -> list[Path]:
    """Files below the folder with one of the words in their name or their bytes."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [
        path
        for path in files
        if path not in sources
        and not fnmatchcase(path.name, _DATABASES)
        and (is_in(path.name) or is_in(path.read_bytes()))
    ]
