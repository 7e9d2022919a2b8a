"""Whole outputs kept under tests/golden: compared byte for byte, written anew by `pytest --update-golden`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """The golden files; with `update` they are written instead of compared."""

    update: bool

    def check(self, name: str, text: str) -> None:
        """Fails where the text is not what the file of that name holds."""
        path = FOLDER / name
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"no tests/golden/{name} yet: run pytest --update-golden and read what it writes"
        assert text == path.read_bytes().decode(), f"tests/golden/{name} differs: pytest --update-golden, then git diff"
