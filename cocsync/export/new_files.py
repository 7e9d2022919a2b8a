"""Live scripts as manifests of a repository: which files would say what COC holds. Pure; nothing is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from cocsync.export.manifest import MANIFEST_NAME, Conventions, Exported, export, safe_name
from cocsync.export.record import Import, Imported, Skipped
from cocsync.manifests import schema, yaml_source
from cocsync.model import mark as marks
from cocsync.model.content import Content
from cocsync.model.desired import Manifest
from cocsync.model.fields import MANIFEST_DESCRIPTION_MAX, PROTOCOL, utf16_length
from cocsync.model.live import Live
from cocsync.model.script import Script, ScriptType

CRLF = (
    "its content has CRLF line ends, and cocsync sends SHELL and PYTHON with LF, so that it would differ: "
    "give it LF in COC, or write its manifest by hand and adopt it"
)


def plan_import(
    lives: tuple[Live, ...],
    manifests: Mapping[str, Manifest],
    *,
    folder: str,
    taken: frozenset[str],
    conventions: Conventions,
    modeline: str,
) -> Import:
    """New files for every script that has no manifest.

    `folder` is where they go, `taken` are the folders that are there. A script that no manifest could describe so that
    it comes back equal is skipped, with the reason. Live scripts are given as they are under the target's
    normalisation.
    """
    left, skipped, imported = list[str](), list[Skipped](), list[Imported]()
    names = Counter(live.name for live in lives)
    used = {path.casefold() for path in taken}
    for live in sorted(lives, key=lambda each: (each.name, each.uuid)):
        if live.name in manifests:
            left.append(live.name)
            continue
        if names[live.name] > 1:
            skipped.append(Skipped(name=live.name, why="COC has several scripts of this name"))
            continue
        place = _free(f"{folder}/{safe_name(live.name)}", used)
        used.add(place.casefold())
        script, cut = describable(live)
        exported = export(script, protected=bool(live.mark and live.mark.protected), conventions=conventions)
        if why := _problem(exported, live):
            skipped.append(Skipped(name=live.name, why=why))
            continue
        imported.append(_imported(place, script, exported, modeline, cut=cut))
    return Import(imported=tuple(imported), left=tuple(dict.fromkeys(left)), skipped=tuple(skipped))


def describable(live: Live) -> tuple[Script, bool]:
    """The script as a manifest can say it, and whether its description had to be cut for that.

    A description that held nothing but the mark becomes the name; whatever else looks like a mark goes.
    """
    whole = marks.without_marks(live.script.description) or live.name
    text = whole
    while utf16_length(text) > MANIFEST_DESCRIPTION_MAX:
        text = text[:-1]
    content = live.script.content.text
    if live.script.type != ScriptType.BAT:
        content = content.replace("\r\n", "\n")
    protocol = live.protocol or (PROTOCOL.default if live.mark else "")
    return replace(live.script, description=text, content=Content(content), protocol=protocol), text != whole


def _imported(place: str, script: Script, exported: Exported, modeline: str, *, cut: bool) -> Imported:
    return Imported(
        name=script.name,
        folder=place,
        files={
            f"{place}/{exported.content_name}": exported.content,
            f"{place}/{MANIFEST_NAME}": modeline + exported.manifest,
        },
        cut=cut,
        sources=tuple(p.name for p in script.sensitive_params),
    )


def _free(path: str, used: set[str]) -> str:
    """A folder that is not there yet, also where upper and lower case are one."""
    candidate, number = path, 2
    while candidate.casefold() in used:
        candidate, number = f"{path}_{number}", number + 1
    return candidate


def _problem(exported: Exported, live: Live) -> str:
    """Why no manifest can describe it, or ""."""
    try:
        exported.content.encode()
        data = exported.manifest.encode()
    except UnicodeEncodeError:
        return "it holds characters that no file can"
    if not exported.content or "\0" in exported.content or exported.content.startswith("\ufeff"):
        return "its content is empty, or holds a NUL or a byte order mark"
    if Content(exported.content) != live.script.content:
        return CRLF
    documents, found = yaml_source.parse(data, MANIFEST_NAME)
    for document in documents:
        found += schema.validate("manifest", document)
    return "; ".join(diagnostic.message for diagnostic in found)
