"""A live script as a manifest and a content file: the form in which backups are kept. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import yaml

from cocsync.desired import Manifest
from cocsync.model import FIELDS, SUFFIXES, Kind, Param, Protocol, Reviewer, Script

MANIFEST_NAME = "script.yaml"

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")
"""File names that Windows keeps for devices."""

_PLAIN = re.compile(r"(?!(?:null|true|false)$)[A-Za-z_][A-Za-z0-9_ /()-]*(?<! )", re.IGNORECASE)
"""Text that every YAML reads as text without quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One folder's files. `manifest` names `content_name`, beside which it stands."""

    manifest: str
    content_name: str
    content: str


def export(script: Script, *, protected: bool = False) -> Exported:
    """The manifest that describes a live script. Of a sensitive param it holds a placeholder for the source."""
    suffix = next((suffix for suffix, kind in SUFFIXES.items() if kind == script.type), ".txt")
    content_name = safe_name(script.name) + suffix
    document: dict[str, Any] = {"apiVersion": "cocsync/v1", "kind": "Script"}
    for field in FIELDS:
        if field.key == "type" and SUFFIXES.get(suffix) == script.type:
            continue
        if field.key == "content":
            document["content_file"] = content_name
        elif value := _value(field.kind, field.of(script)):
            document[field.key] = value
    if document.get("protocol") == Protocol.DEFAULT:
        del document["protocol"]
    if protected:
        document["protected"] = True
    manifest = _dump(document)
    return Exported(manifest=manifest, content_name=content_name, content=script.content)


def render(manifest: Manifest) -> str:
    """What a target gets, as one YAML document with the content in it. Sensitive values stand as their sources."""
    script, document = manifest.script, dict[str, Any](apiVersion="cocsync/v1", kind="Script")
    for field in FIELDS:
        if value := _value(field.kind, field.of(script)):
            document[field.key] = value
    for param, shown in zip(script.params, document.get("params", ()), strict=True):
        if param.source:
            kind, _, place = param.source.ref.partition(":")
            shown["value_from"] = {kind: place}
            if param.source.version:
                shown["secret_version"] = param.source.version
    document |= {key: True for key in ("adopt", "protected") if getattr(manifest, key)}
    document |= {"previous_names": list(manifest.previous_names)} if manifest.previous_names else {}
    document |= {"ignore": sorted(manifest.ignore)} if manifest.ignore else {}
    return f"---  # {manifest.file}:{manifest.line}\n" + _dump(document)


def safe_name(name: str) -> str:
    """A file name for any script name: the name itself where that is harmless, else a part of it and a digest."""
    if _SAFE_NAME.fullmatch(name) and not _RESERVED.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:40]
    return f"{readable or 'script'}_{digest}"


def _value(kind: Kind, value: Any) -> Any:
    if kind is Kind.REVIEWERS:
        return [_reviewer(r) for r in value]
    if kind is Kind.PARAMS:
        return [_param(p) for p in value]
    return str(value)


def _reviewer(reviewer: Reviewer) -> dict[str, str]:
    return {"name": reviewer.name, "id": reviewer.id} if reviewer.id else {"name": reviewer.name}


def _param(param: Param) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": param.name}
    if param.sensitive:
        shown |= {"sensitive": True, "value_from": {"env": "APP_" + re.sub(r"[^A-Z0-9_]", "_", param.name.upper())}}
    elif param.value:
        shown["value"] = param.value
    if param.description:
        shown["description"] = param.description
    return shown


def _dump(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Plain only where no YAML could read something else, blocks for several lines, double quotes for the rest."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Lists are indented below their key, as people write them."""
        super().increase_indent(flow, indentless=False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if _PLAIN.fullmatch(text):
        style = None
    elif "\n" in text and text.isprintable() is False and not re.search(r"[^\n\x20-\x7e\xa0-\uffff]| \n", text):
        style = "|"
    else:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
