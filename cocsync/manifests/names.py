"""Names across manifests: each script has one manifest, and each old name one heir."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cocsync.diagnostics import Diagnostic
from cocsync.manifests.fields import Fields
from cocsync.model.desired import Manifest

FieldsOf = Callable[[Manifest], Fields]


def name_problems(manifests: Sequence[Manifest], fields_of: FieldsOf) -> Iterator[Diagnostic]:
    """Problems with names of manifests for one target, in the order of their files; reported for the later one."""
    yield from _same_names(manifests, fields_of)
    yield from _previous_names(manifests, fields_of)


def _same_names(manifests: Sequence[Manifest], fields_of: FieldsOf) -> Iterator[Diagnostic]:
    exact: dict[str, Manifest] = {}
    folded: dict[str, Manifest] = {}
    for manifest in manifests:
        name = manifest.name
        if first := exact.get(name):
            message = f"`{name}` is also the name of {_place(first)}: rename or delete one"
            yield fields_of(manifest).document.error("duplicate-name", message, ("name",))
        elif first := folded.get(name.casefold()):
            message = f"`{name}` differs from `{first.name}`, {_place(first)}, in upper and lower case only"
            yield fields_of(manifest).document.warning("name-case", message, ("name",))
        exact.setdefault(name, manifest)
        folded.setdefault(name.casefold(), manifest)


def _previous_names(manifests: Sequence[Manifest], fields_of: FieldsOf) -> Iterator[Diagnostic]:
    names = {manifest.name: manifest for manifest in reversed(manifests)}
    claimed: dict[str, Manifest] = {}
    for manifest in manifests:
        for index, old in enumerate(manifest.previous_names):
            if old == manifest.name:
                fault = "is this script's own name: delete it"
            elif old in names:
                fault = f"is the name of {_place(names[old])}: a name has one script"
            elif old in claimed:
                fault = f"is also a previous name of {_place(claimed[old])}: keep it in one manifest"
            else:
                claimed[old] = manifest
                continue
            layer = fields_of(manifest).layer("previous_names")
            path = (*layer.path, "previous_names", index)
            yield layer.document.error("previous-name", f"previous name `{old}` {fault}", path)


def _place(manifest: Manifest) -> str:
    return f"the manifest at {manifest.file}:{manifest.line}"
