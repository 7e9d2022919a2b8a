"""Which fields differ between a desired and a live script, and how to show it. Pure.

The field table decides what is equal; DeepDiff only says what changed inside params, and never sees a sensitive value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cocsync.model.content import Content
from cocsync.model.fields import FIELDS, Comparison, Field, same
from cocsync.model.live import Live
from cocsync.model.mark import without_marks
from cocsync.model.normalise import forms_between
from cocsync.model.script import Param, Reviewer, Script
from cocsync.model.secret import SENSITIVE
from cocsync.plan.change import FieldChange, Shown
from cocsync.plan.unseen import folded, unseen

DIFF_MAX = 20_000
"""Characters of a content diff that a report carries."""

_CONTEXT_LINES = 3


def differences(desired: Script, live: Live, ignore: frozenset[str] = frozenset()) -> tuple[FieldChange, ...]:
    """Every field in which the live script differs from the desired one, as far as COC shows it.

    Both are given as they are compared (`Normalisation`). Sensitive values are not looked at here. A protocol that COC
    does not show is the mark's; where there is no mark either, it is not known and not a difference.
    """
    seen = replace(live.script, protocol=_live_protocol(live, desired))
    return tuple(
        change
        for field in FIELDS
        if field.key not in ignore and not same(field, desired, seen)
        for change in _explain(field, seen, desired)
    )


def contents(script: Script) -> tuple[FieldChange, ...]:
    """Every field of a script that is not there yet, with nothing before it."""
    blank = Script(name=script.name, type="", description="", content=Content(""), risk_level="", version="")
    return tuple(
        replace(change, before=None)
        for field in FIELDS
        if not same(field, blank, script)
        for change in _explain(field, blank, script)
    )


def _live_protocol(live: Live, desired: Script) -> str:
    is_known = live.script.protocol or (live.mark and not live.mark.is_newer)
    return live.protocol if is_known else desired.protocol


def _explain(field: Field, before: Script, after: Script) -> Iterator[FieldChange]:
    if field.comparison is Comparison.PARAMS:
        yield from _explain_params(before.params, after.params)
    elif field.comparison is Comparison.REVIEWERS:
        yield FieldChange(path=field.key, before=_names(before.reviewers), after=_names(after.reviewers))
    elif field.key == "content":
        yield _content_change(before.content, after.content)
    elif field.key == "description":
        yield _text_change(field.key, without_marks(before.description), after.description)
    else:
        yield _text_change(field.key, field.of(before), field.of(after))


def _text_change(path: str, before: str, after: str) -> FieldChange:
    forms = forms_between(before, after, of_content=False).names
    return FieldChange(path=path, before=before, after=after, forms=forms, note=unseen(before, after))


def _names(reviewers: tuple[Reviewer, ...]) -> Shown:
    return tuple(sorted(f"{r.name} ({r.id})" if r.id else r.name for r in reviewers))


def _content_change(before: Content, after: Content) -> FieldChange:
    old, new = before.text, after.text
    return FieldChange(
        path="content",
        before=f"sha256:{before.digest}",
        after=f"sha256:{after.digest}",
        diff=unified(*folded(old, new)) or None,
        forms=forms_between(old, new, of_content=True).names,
        note=unseen(old, new) if before else "",
    )


def unified(before: str, after: str) -> str:
    """A unified diff without file names, cut at a line end to `DIFF_MAX` characters with a word on what is cut."""
    lines = list(difflib.unified_diff(_lines(before), _lines(after), n=_CONTEXT_LINES, lineterm=""))[2:]
    size = 0
    for count, line in enumerate(lines):
        size += len(line) + 1
        if size > DIFF_MAX - 60:
            return "\n".join([*lines[:count], f"... {len(lines) - count} more lines of this diff are not shown"])
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    """Split at LF only; a last line without line end says so, as diff does."""
    if not text:
        return []
    lines = text.split("\n")
    if lines[-1] == "":
        return lines[:-1]
    return [*lines[:-1], lines[-1] + "\n\\ No newline at end of file"]


def _explain_params(before: tuple[Param, ...], after: tuple[Param, ...]) -> Iterator[FieldChange]:
    """Differences by param and property; the order, which is meaning, under the path `params`."""
    secrets = _secrets(before, after)
    old, new = _by_name(before, secrets), _by_name(after, secrets)
    for name, *rest in sorted(_places(old, new), key=str):
        if not rest:
            yield FieldChange(path=f"params[{name}]", before=old.get(name), after=new.get(name))
        else:
            key = rest[0]
            was, becomes, path = old[name][key], new[name][key], f"params[{name}].{key}"
            if isinstance(was, str) and isinstance(becomes, str):
                yield _text_change(path, was, becomes)
            else:
                yield FieldChange(path=path, before=was, after=becomes)
    order_before, order_after = [p.name for p in before], [p.name for p in after]
    kept = set(order_before) & set(order_after)
    if [n for n in order_before if n in kept] != [n for n in order_after if n in kept]:
        yield FieldChange(path="params", before=tuple(order_before), after=tuple(order_after))


def _places(old: dict[str, Any], new: dict[str, Any]) -> list[list[str]]:
    """The name of each param that came or went, and of each that changed with the property that did."""
    if not old:
        return [[name] for name in new]
    from deepdiff import DeepDiff

    tree = DeepDiff(old, new, view="tree", threshold_to_diff_deeper=0, ignore_private_variables=False)
    return [list(level.path(output_format="list")) for kind in tree.values() for level in kind]


def _secrets(before: tuple[Param, ...], after: tuple[Param, ...]) -> frozenset[str]:
    """Params whose values are not shown: sensitive on either side, or perhaps a sensitive one under another name."""
    sensitive = {p.name for p in (*before, *after) if p.sensitive}
    was, becomes = {p.name for p in before}, {p.name for p in after}
    renamed = was - becomes if sensitive & (becomes - was) else set()
    return frozenset(sensitive | renamed)


def _by_name(params: tuple[Param, ...], secrets: frozenset[str]) -> dict[str, dict[str, str | bool]]:
    """What is sensitive on either side is hidden on both: COC may show what a hand took the flag off."""
    return {
        p.name: {
            "value": SENSITIVE if p.name in secrets else p.value,
            "description": p.description,
            "sensitive": p.sensitive,
        }
        for p in params
    }
