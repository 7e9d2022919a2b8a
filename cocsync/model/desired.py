"""Desired state: what the manifests say, for one target."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cocsync.diagnostics import Diagnostic
from cocsync.model.content import Content
from cocsync.model.normalise import Normalisation
from cocsync.model.script import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One manifest, with the target's overrides merged in and its content read.

    `file` and `content_file` are relative to the repository, with `/`; `line` is that of the document's `name`.
    `ignore` holds keys of `model.FIELDS` that are sent on a write and never compared. `waived` are rules of the policy.
    """

    script: Script
    file: str
    line: int
    content_file: str | None = None
    previous_names: tuple[str, ...] = ()
    adopt: bool = False
    protected: bool = False
    ignore: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.script.name

    def with_text(self) -> Manifest:
        """The same manifest with its content's text in memory. Raises `ContentChanged`."""
        return replace(self, script=replace(self.script, content=Content(self.script.content.text)))

    def under(self, normalisation: Normalisation) -> Manifest:
        """The same manifest with its texts as they are compared under these forms. Raises `ContentChanged`."""
        return replace(self, script=normalisation.script(self.script)) if normalisation else self

    @property
    def missing_values(self) -> tuple[str, ...]:
        """Where the sensitive values that are not available here would come from (`env:NAME`, `file:PATH`)."""
        sources = [p.source for p in self.script.sensitive_params]
        return tuple(dict.fromkeys(s.ref for s in sources if s is not None and s.value is None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """Every manifest for the target, by name, and what is to be said about the files.

    With an error among the diagnostics the set may be short, so nothing may be planned from it.
    """

    manifests: tuple[Manifest, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    def under(self, normalisation: Normalisation) -> Desired:
        """The same with each manifest's texts as they are compared under these forms. Raises `ContentChanged`."""
        if not normalisation:
            return self
        return replace(self, manifests=tuple(manifest.under(normalisation) for manifest in self.manifests))
