"""A value that must not be seen, and what stands in its place."""

from __future__ import annotations

from typing import Any

SENSITIVE = "(sensitive)"
"""What stands wherever a sensitive value would."""

MASK = "*" * 17
"""What COC returns in place of a sensitive value. Never sent, never taken for a value."""


class Secret:
    """A value that must not be seen: it prints, formats and compares without showing itself."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The value itself: only for the request that needs it and for keyed digests."""
        return self.__value

    def __repr__(self) -> str:
        return SENSITIVE

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not serialised")
