"""Hypothesis strategies for records as reports get them, full of text that would break things."""

from __future__ import annotations

from hypothesis import strategies as st

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.model.script import Reviewer, Status
from cocsync.model.secret import SENSITIVE
from cocsync.model.source import Source
from cocsync.plan.change import Action, Change, FieldChange, Origin, Precondition, SentValue
from cocsync.plan.conflict import Conflict, ConflictKind
from cocsync.plan.guards import Allowances, GuardFinding
from cocsync.plan.outcome import ApplyReport, Failure, Outcome, Result
from cocsync.plan.plan import NotVerified, Plan, Prunable, TargetId, Unmanaged, Waiting
from tests.support.strategies import texts

_COMMANDS = ("::set-output name=x::y", "##[error]", "##vso[x]", "::", "#", "\u3000", "\n", "\t", "磁盘" * 30, "x" * 90)
_MARKUP = (
    "<script>x()</script>",
    "</details>",
    '" onload="x()',
    "' href=javascript:x()",
    "<!--",
    "&lt;",
    "`",
    "\n```\n",
    "$title",
    "|",
    "\\|",
    "@octocat",
    " #12 ",
    "https://x.y",
    " www.x.y",
    "**",
)

hostile = st.lists(texts | st.sampled_from(_COMMANDS + _MARKUP), max_size=4).map("".join)
maybe = st.none() | hostile
times = st.none() | st.integers(min_value=-(10**20), max_value=10**20)
lines = st.integers(min_value=1, max_value=10**6)
lists = st.lists(hostile, max_size=3).map(tuple)
flags = st.booleans()

params = st.fixed_dictionaries({"value": hostile, "description": hostile, "sensitive": flags})
shown = st.none() | flags | hostile | st.just(SENSITIVE) | lists | params
diffs = st.lists(
    st.tuples(st.sampled_from(" +-@\\"), hostile.map(lambda text: text.replace("\n", ""))), max_size=30
).map(lambda pairs: "\n".join(sign + text for sign, text in pairs))
fields = st.builds(FieldChange, path=hostile, before=shown, after=shown, sensitive=flags, diff=st.none() | diffs)

reviewers = st.builds(Reviewer, name=hostile, id=hostile)
preconditions = st.builds(
    Precondition, uuid=hostile, digest=hostile, gmt_modified=st.none() | st.integers(), status=hostile
)
sent = st.lists(st.builds(SentValue, param=hostile, source=hostile), max_size=2).map(tuple)
changes = st.builds(
    Change,
    action=st.sampled_from(Action),
    name=hostile,
    reason=hostile,
    origin=st.sampled_from(Origin),
    uuid=maybe,
    file=maybe,
    line=lines,
    risk_level=st.sampled_from(("LOW", "HIGH", "")) | hostile,
    previous_name=maybe,
    fields=st.lists(fields, max_size=3).map(tuple),
    needs=lists,
    restarts_review=flags,
    value_only=flags,
    desired=maybe,
    precondition=st.none() | preconditions,
    operator=maybe,
    modified_at=times,
    reviewers=st.lists(reviewers, max_size=2).map(tuple),
    sources=sent,
)

conflicts = st.builds(
    Conflict,
    name=hostile,
    kind=st.sampled_from(ConflictKind),
    file=hostile,
    line=lines,
    uuid=maybe,
    owner=maybe,
    operator=maybe,
    modified_at=times,
)
prunables = st.builds(
    Prunable,
    name=hostile,
    uuid=hostile,
    type=hostile,
    protected=flags,
    edited=flags,
    operator=maybe,
    modified_at=times,
)
waitings = st.builds(
    Waiting,
    name=hostile,
    uuid=hostile,
    status=st.sampled_from(Status) | hostile,
    previous_name=maybe,
    awaiting=st.lists(reviewers, max_size=2).map(tuple),
)
unmanaged = st.builds(Unmanaged, name=hostile, uuid=hostile, type=hostile, creator=hostile)
not_verified = st.builds(NotVerified, name=hostile, uuid=hostile, reason=hostile, needs=lists, sources=sent)
guards = st.builds(GuardFinding, code=hostile, message=hostile, allowed_by=maybe)

positions = st.builds(Position, file=hostile, line=lines, column=st.integers(min_value=1, max_value=200))
diagnostics = st.builds(
    Diagnostic,
    severity=st.sampled_from(Severity),
    code=hostile,
    message=hostile,
    at=st.none() | positions,
    excerpt=maybe,
)


def _few(items: st.SearchStrategy[object], most: int = 2) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=most).map(tuple)


plans = st.builds(
    Plan,
    target=st.builds(TargetId, name=hostile, endpoint=hostile, project_id=maybe, domain_id=maybe),
    owner=hostile,
    source=st.builds(Source, commit=maybe, dirty=st.none() | flags),
    complete=flags,
    changes=_few(changes),
    conflicts=_few(conflicts),
    prunable=_few(prunables),
    unmanaged=_few(unmanaged, 12),
    waiting=_few(waitings),
    not_verified=_few(not_verified),
    unchanged=lists,
    guards=_few(guards),
    diagnostics=_few(diagnostics),
    allowances=st.just(Allowances()),
    prune=flags,
    filtered=flags,
)

failures = st.builds(Failure, message=hostile, code=hostile, request_id=hostile)
results = st.builds(
    Result,
    change=changes,
    outcome=st.sampled_from(Outcome),
    already=flags,
    uuid=maybe,
    status=maybe | st.sampled_from(Status),
    normalised=lists,
    error=st.none() | failures,
    awaiting=_few(reviewers),
    wrote=flags,
)
applies = st.builds(
    ApplyReport,
    results=_few(results, 4),
    conflicts_left=st.integers(min_value=0, max_value=9),
    interrupted=flags,
)
