"""Hypothesis strategies for what the stages of cocsync hand to each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from cocsync.model.content import Content
from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.model.mark import Mark
from cocsync.model.script import NotificationChannel, Param, Reviewer, RiskLevel, Script, ScriptType, ValueSource
from cocsync.model.secret import Secret
from tests.support import builders

HOSTILE = (
    "",
    " ",
    "\r\n",
    "\r\r\n",
    "cafe\u0301",
    "e\u0301\u0302",
    "\u212b\u00c5",
    "\x1b[31mred\x1b]0;title\x07",
    "::error file=x::y",
    "\u202egpj.exe\u2066",
    "<script>alert(1)</script>",
    "| a | b |\n```",
    "[cocsync:",
    "[cocsync:x/2",
    "[cocsync:x/2]",
    " [cocsync:payments_ops/1aaabbbbbbbbbb.-]",
    "]",
    "*****************",
    "(sensitive)",
    "\ud800",
    "\U0001f680",
    "\x00\x7f\x85\u2028",
)

texts = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=12)
"""Any text, with a liking for those that break things."""

plain_texts = st.text("abc é\n", max_size=8)
"""Text out of few letters, so that two are often equal."""

owners = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=24)
names = st.text("abz_09磁盘", min_size=1, max_size=6)
param_names = st.text("ab_1", min_size=1, max_size=4)
protocols = st.sampled_from(("", *NotificationChannel))


@st.composite
def params(draw: st.DrawFn, /, text: st.SearchStrategy[str] = texts) -> Param:
    name, description = draw(param_names), draw(text)
    if not draw(st.booleans()):
        return Param(name=name, value=draw(text), description=description)
    value = draw(st.none() | text.map(Secret))
    source = ValueSource(ref=f"env:{name.upper()}", version=draw(st.sampled_from(("", "1", "2"))), value=value)
    return Param(name=name, description=description, sensitive=True, source=source)


@st.composite
def scripts(draw: st.DrawFn, /, text: st.SearchStrategy[str] = texts, **fixed: Any) -> Script:
    """A desired script; `fixed` are fields with a given value. Names of params are distinct."""
    reviewers = st.builds(Reviewer, name=st.sampled_from(("alice", "bob")), id=st.sampled_from(("", "1", "2")))
    drawn: dict[str, Any] = {
        "name": draw(names),
        "type": draw(st.sampled_from(tuple(ScriptType))),
        "description": draw(text),
        "content": draw(text.map(Content)),
        "risk_level": draw(st.sampled_from(tuple(RiskLevel))),
        "version": draw(st.sampled_from(("1.0.0", "2.0.0"))),
        "reviewers": tuple(draw(st.lists(reviewers, max_size=2))),
        "protocol": draw(protocols),
        "params": tuple(draw(st.lists(params(text), max_size=3, unique_by=lambda p: p.name))),
    }
    return Script(**(drawn | builders.with_content(fixed)))


@st.composite
def manifests(draw: st.DrawFn, /, text: st.SearchStrategy[str] = plain_texts, **fixed: Any) -> Manifest:
    """A manifest; `fixed` are fields of its script."""
    script = draw(scripts(text, **fixed))
    return Manifest(script=script, file=f"scripts/{script.name}.yaml", line=1, protected=draw(st.booleans()))


@st.composite
def marks(draw: st.DrawFn) -> Mark:
    """A well-formed mark of format 1."""

    def base32(length: int) -> st.SearchStrategy[str]:
        return st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=length, max_size=length)

    with_values = draw(st.booleans())
    return Mark(
        owner=draw(owners),
        protected=draw(st.booleans()),
        name=draw(base32(3)),
        digest=draw(base32(10)),
        protocol=draw(protocols),
        versions=draw(st.just("") | base32(4)),
        key_id=draw(base32(3)) if with_values else "",
        fingerprint=draw(base32(7)) if with_values else "",
    )


@st.composite
def lives(draw: st.DrawFn, /, text: st.SearchStrategy[str] = plain_texts, **fixed: Any) -> Live:
    """A live script: ours, another's, or nobody's; as it was written, or edited since. `fixed` are its script's."""
    manifest = draw(manifests(text, **fixed))
    live = builders.written(
        manifest,
        owner=draw(st.sampled_from((builders.OWNER, "net"))),
        keys=draw(st.sampled_from((builders.NO_KEYS, builders.KEYS, builders.OTHER_KEYS))),
        protocol=draw(st.booleans()),
        status=draw(st.sampled_from(("APPROVED", "PENDING_APPROVE", "REJECTED"))),
        uuid=f"SC{draw(st.integers(min_value=0, max_value=10**9))}",
    )
    if draw(st.booleans()):
        live = builders.edited(live, content=draw(text))
    return live if draw(st.booleans()) else replace(live, mark=None)
