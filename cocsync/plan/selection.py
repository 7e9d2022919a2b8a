"""Which scripts a run looks at. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Names given, and globs to include and exclude. Everything empty selects all."""

    names: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def is_filter(self) -> bool:
        return bool(self.names or self.include or self.exclude)

    def covers(self, name: str) -> bool:
        if self.names and name not in self.names:
            return False
        if self.include and not _any_match(name, self.include):
            return False
        return not _any_match(name, self.exclude)

    def excludes(self, name: str) -> bool:
        """Whether a name is kept out on purpose."""
        return _any_match(name, self.exclude)

    def without_match(self, names: Iterable[str]) -> tuple[str, ...]:
        """The given names and globs that match none of `names`: a filter that matches nothing is a mistake."""
        known = frozenset(names)
        missing = [name for name in self.names if name not in known]
        globs = (*self.include, *self.exclude)
        return (*missing, *(glob for glob in globs if not any(fnmatchcase(name, glob) for name in known)))


def _any_match(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
