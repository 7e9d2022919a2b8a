"""A manifest's fields for one target: its overrides over the manifest over the project's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cocsync.diagnostics import Diagnostic, Position
from cocsync.manifests.project import Project
from cocsync.manifests.yaml_source import Document, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A mapping somewhere in a document."""

    document: Document
    path: Path = ()
    data: Mapping[str, Any]


class Fields:
    """Looks fields up by key, and collects in `found` what is said about them, each where it stands."""

    def __init__(self, document: Document, project: Project, target: str) -> None:
        self.document = document
        self.found: list[Diagnostic] = []
        defaults = project.document.data.get("defaults", {})
        self._layers = [
            Layer(document=document, data=document.data),
            Layer(document=project.document, path=("defaults",), data=defaults),
        ]
        override = self._override(target)
        shown = {key: value for key, value in override.data.items() if key != "params"}
        self._layers.insert(0, Layer(document=override.document, path=override.path, data=shown))
        self._merged = {**defaults, **document.data, **shown}
        self.param_overrides = Layer(
            document=override.document, path=(*override.path, "params"), data=override.data.get("params", {})
        )

    def _override(self, target: str) -> Layer:
        layer = self.layer("overrides")
        overrides = layer.data.get("overrides", {})
        return Layer(document=layer.document, path=(*layer.path, "overrides", target), data=overrides.get(target, {}))

    def layer(self, *keys: str) -> Layer:
        """The first that has one of the keys, else the manifest itself."""
        found = (layer for layer in self._layers if any(key in layer.data for key in keys))
        return next(found, Layer(document=self.document, data=self.document.data))

    def get(self, key: str, default: Any = None) -> Any:
        return self._merged.get(key, default)

    def position(self, key: str) -> Position:
        layer = self.layer(key)
        return layer.document.position((*layer.path, key))

    def error(self, code: str, message: str, key: str, *path: str | int) -> None:
        layer = self.layer(key)
        self.found.append(layer.document.error(code, message, (*layer.path, key, *path)))

    def warning(self, code: str, message: str, key: str, *path: str | int) -> None:
        layer = self.layer(key)
        self.found.append(layer.document.warning(code, message, (*layer.path, key, *path)))
