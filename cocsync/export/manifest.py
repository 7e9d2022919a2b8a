"""A live script as a manifest and a content file: the form in which backups are kept. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from cocsync.export import variables
from cocsync.model.desired import Manifest
from cocsync.model.fields import FIELDS, Comparison, Field
from cocsync.model.script import SUFFIXES, Param, Reviewer, Script

MANIFEST_NAME = "script.yaml"

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")
"""File names that Windows keeps for devices."""

_PLAIN = re.compile(r"(?!(?:null|true|false)$)[A-Za-z_][A-Za-z0-9_ /().-]*(?<! )", re.IGNORECASE)
"""Text that every YAML reads as text without quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One folder's files. `manifest` names `content_name`, beside which it stands."""

    manifest: str
    content_name: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What a repository's project file says that a manifest in it need not say again.

    `variable` names the source of a sensitive value, from the names of script and param.
    """

    defaults: Mapping[str, Any] = field(default_factory=dict)
    people: frozenset[Reviewer] = frozenset()
    variable: Callable[[str, str], str] = variables.unique


def export(script: Script, *, protected: bool = False, conventions: Conventions | None = None) -> Exported:
    """The manifest that describes a live script. Of a sensitive param it holds a placeholder for the source.

    What is the default where the manifest is to stand is left out; what is empty there and not by default is said.
    """
    known = conventions or Conventions()
    suffix = next((suffix for suffix, kind in SUFFIXES.items() if kind == script.type), ".txt")
    content_name = safe_name(script.name) + suffix
    document: dict[str, Any] = {"apiVersion": "cocsync/v1", "kind": "Script"}
    for each in FIELDS:
        if each.key == "content":
            document["content_file"] = content_name
        elif (value := exported_value(each, script, known)) is not None:
            document[each.key] = value
    if SUFFIXES.get(suffix) == script.type and "type" not in known.defaults:
        del document["type"]
    if protected != bool(known.defaults.get("protected", False)):
        document["protected"] = protected
    return Exported(manifest=dump(document), content_name=content_name, content=script.content.text)


def exported_value(each: Field, script: Script, conventions: Conventions) -> Any:
    """A field as a manifest says it, None where it goes without saying."""
    value = _value(each.comparison, each.of(script), script.name, conventions)
    default = conventions.defaults.get(each.key)
    if each.default:
        return value if value and value != (default or each.default) else None
    return None if value == default or (not value and not default) else value


def render(manifest: Manifest) -> str:
    """What a target gets, as one YAML document with the content in it. Sensitive values stand as their sources."""
    script, document = manifest.script, dict[str, Any](apiVersion="cocsync/v1", kind="Script")
    for each in FIELDS:
        if value := _value(each.comparison, each.of(script), script.name, Conventions()):
            document[each.key] = value
    document |= {key: True for key in ("adopt", "protected") if getattr(manifest, key)}
    document |= {"previous_names": list(manifest.previous_names)} if manifest.previous_names else {}
    document |= {"ignore": sorted(manifest.ignore)} if manifest.ignore else {}
    return f"---  # {manifest.file}:{manifest.line}\n" + dump(document)


def safe_name(name: str) -> str:
    """A file name for any script name: the name itself where that is harmless, else a part of it and a digest."""
    if _SAFE_NAME.fullmatch(name) and not _RESERVED.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:40]
    return f"{readable or 'script'}_{digest}"


def _value(comparison: Comparison, value: Any, script: str, conventions: Conventions) -> Any:
    if comparison is Comparison.REVIEWERS:
        return [r.name if r in conventions.people else _reviewer(r) for r in value]
    if comparison is Comparison.PARAMS:
        return [_param(p, script, conventions) for p in value]
    return value.text if comparison is Comparison.CONTENT else str(value)


def _reviewer(reviewer: Reviewer) -> dict[str, str]:
    return {"name": reviewer.name, "id": reviewer.id} if reviewer.id else {"name": reviewer.name}


def _param(param: Param, script: str, conventions: Conventions) -> dict[str, Any]:
    """Each sensitive param has a variable of its own: two scripts' values must not be taken for one another."""
    shown: dict[str, Any] = {"name": param.name}
    if param.source:
        kind, _, place = param.source.ref.partition(":")
        shown |= {"sensitive": True, "value_from": {kind: place}}
        if param.source.version:
            shown["secret_version"] = param.source.version
    elif param.sensitive:
        shown |= {"sensitive": True, "value_from": {"env": conventions.variable(script, param.name)}}
    elif param.value:
        shown["value"] = param.value
    if param.description:
        shown["description"] = param.description
    return shown


def dump(document: dict[str, Any]) -> str:
    """YAML that every reader takes for the same: quotes wherever there could be two opinions."""
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
