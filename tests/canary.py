"""The word that every sensitive value and key of the tests holds, and the search for places where it got out.

`tests/conftest.py` fails a test when the word is in what the test printed or logged, in what a process that it ran
printed, or in a file below its `tmp_path`, but for the simulator's database and the secret sources that it planted.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

CANARY = "CANARY7f3a"

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


def _forms() -> Iterator[bytes]:
    """As it is, which is also how a URL and JSON have it, in hexadecimal, and in base64 wherever it begins there."""
    plain = CANARY.encode()
    yield plain
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield "".join(f"%{byte:02X}" for byte in plain).encode()
    for offset in range(3):
        encoded = b64encode(bytes(offset) + plain)
        yield encoded[-(-offset * 8 // 6) : (offset + len(plain)) * 8 // 6]


FORMS = tuple(_forms())


def is_in(data: str | bytes) -> bool:
    """Whether the word is there in any of its forms."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return any(form in raw for form in FORMS)


def leaks_below(folder: Path) -> list[Path]:
    """Files below the folder with the word in their name or their bytes."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [
        path
        for path in files
        if path not in sources
        and not fnmatchcase(path.name, _DATABASES)
        and (CANARY in path.name or is_in(path.read_bytes()))
    ]
