"""A Run: one wish to execute a script once, as its manifest declares it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from cocsync.model.running import Selection
from cocsync.model.script import Param
from cocsync.run.gates import Expected
from cocsync.run.strategy import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class RunManifest:
    """A Run for one target. `digest` is that of the parsed manifest, `script_digest` the reviewed script's, or empty.

    `params` are all of the script's, in its order, with the Run's values. `not_before` and `expires` are epoch
    milliseconds. `file` is relative to the repository; `line` is that of the document's `name`.
    """

    name: str
    script: str
    digest: str
    file: str
    line: int
    hosts: Selection
    strategy: Strategy
    expires: int
    script_digest: str = ""
    expected: Expected | None = None
    params: tuple[Param, ...] = ()
    not_before: int | None = None

    @property
    def missing_values(self) -> tuple[str, ...]:
        """Where the sensitive values that are not available here would come from."""
        sources = [param.source for param in self.params if param.sensitive]
        return tuple(dict.fromkeys(s.ref for s in sources if s is not None and s.value is None))
