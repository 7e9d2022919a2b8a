"""What COC holds brought into a manifest that is there: only the keys that differ are written anew. Pure.

Comments, order and layout of everything else stay. What cannot be done that way is left, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cocsync.export.manifest import Conventions, dump, exported_value
from cocsync.export.new_files import describable
from cocsync.manifests.yaml_source import Document
from cocsync.model.desired import Manifest
from cocsync.model.fields import FIELD
from cocsync.model.live import Live
from cocsync.plan.diff import differences


class Unmergeable(Exception):
    """The text says why, going on from the manifest's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The manifest's and the content file's new texts, None where one stays as it is."""

    name: str
    manifest: str | None = None
    content: str | None = None


def merge(live: Live, manifest: Manifest, document: Document, text: str, conventions: Conventions) -> Merged | None:
    """The texts that make the manifest say what is live; None where it does. Raises `Unmergeable`.

    `text` is the whole file that `document` is of. Live script and manifest are given as they are under the target's
    normalisation.
    """
    script, _ = describable(live)
    if script.content != live.script.content:
        raise Unmergeable("has CRLF line ends in COC, and cocsync sends SHELL and PYTHON with LF: give it LF in COC")
    found = differences(manifest.script, replace(live, script=script), manifest.ignore)
    changed = dict.fromkeys(change.path.partition("[")[0].partition(".")[0] for change in found)
    if not changed:
        return None
    overridden = set(document.data.get("overrides", {})) and changed.keys() & _overridden(document)
    if overridden:
        raise Unmergeable(f"has overrides of {', '.join(sorted(overridden))}: edit it by hand")
    content = changed.keys() & {"content"} and manifest.content_file is not None
    values = {key: _said(key, live, document, conventions) for key in changed if not (key == "content" and content)}
    if "content" in values:
        values["content"] = script.content.text
    return Merged(
        name=live.name,
        manifest=with_keys(text, document, values) if values else None,
        content=script.content.text if content else None,
    )


def with_keys(text: str, document: Document, values: Mapping[str, Any]) -> str:
    """The file's text with these top-level keys of the document set, or taken out where the value is None."""
    lines = text.splitlines(keepends=True)
    starts = {key: document.position((key,)) for key in document.data}
    if any(at.column != 1 for at in starts.values()):
        raise Unmergeable("is not written a key a line: edit it by hand")
    ends = _ends(lines, sorted(at.line for at in starts.values()))
    new = {key: dump({key: value}) if value is not None else "" for key, value in values.items()}
    last = max(ends.values())
    added = "".join(new[key] for key in new if key not in starts)
    if added:
        gap = "" if lines[last - 1].endswith("\n") else "\n"
        lines[last - 1] += gap + added
    for key in sorted(new.keys() & starts.keys(), key=lambda k: -starts[k].line):
        begin = starts[key].line
        tail = lines[ends[begin] - 1].removeprefix(text.splitlines(keepends=True)[ends[begin] - 1])
        lines[begin - 1 : ends[begin]] = [new[key] + tail]
    return "".join(lines)


def _ends(lines: list[str], starts: list[int]) -> dict[int, int]:
    """The last line of each key's block, by its first; comments and blank lines before the next key are not in it."""
    ends = {}
    for start, following in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        end = start
        for number in range(start + 1, following):
            line = lines[number - 1]
            if line.startswith(("---", "...")):
                break
            if line[:1] in (" ", "\t", "-"):
                end = number
        ends[start] = end
    return ends


def _overridden(document: Document) -> set[str]:
    return {key for override in document.data["overrides"].values() for key in override}


def _said(key: str, live: Live, document: Document, conventions: Conventions) -> Any:
    script, _ = describable(live)
    value = exported_value(FIELD[key], script, conventions)
    if key != "params" or value is None:
        return value
    known = {p["name"]: p for p in document.data.get("params", ()) if p.get("sensitive")}
    return [_with_source(param, known.get(param["name"], {})) for param in value]


def _with_source(param: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """COC cannot say where a sensitive value comes from, the manifest can."""
    if not param.get("sensitive"):
        return param
    return param | {key: known[key] for key in ("value_from", "secret_version", "allow_empty") if key in known}
