"""Plans at the limits of a comment: none or hundreds of changes, a big content, text that attacks Markdown."""

from __future__ import annotations

from dataclasses import replace

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.model.script import Reviewer
from cocsync.plan.change import Action, Change, FieldChange, Origin, SentValue
from cocsync.plan.conflict import Conflict, ConflictKind
from cocsync.plan.diff import unified
from cocsync.plan.guards import GuardFinding
from cocsync.plan.plan import NotVerified, Plan, Prunable, TargetId, Waiting
from tests.report import samples

_KINDS: tuple[Change, ...] = (
    *(
        replace(
            samples.UPDATE,
            name="rotate_logs",
            reason="the manifest changed",
            origin=Origin.MANIFEST,
            file="scripts/rotate_logs/script.yaml",
            risk_level="MEDIUM",
            fields=samples.UPDATE.fields[2:3],
            restarts_review=False,
            reviewers=(),
        ),
    )
    * 12,
    *(replace(samples.CREATE, needs=(), fields=samples.CREATE.fields[:6]),) * 4,
    *(samples.UPDATE, samples.REPLACE, samples.DELETE, samples.ADOPT),
)


def many(count: int) -> Plan:
    """So many changes of all kinds, most of them dull."""
    changes = tuple(replace(_KINDS[n * 7 % 20], name=f"{_KINDS[n * 7 % 20].name}_{n:03}") for n in range(count))
    return replace(samples.EMPTY, changes=tuple(sorted(changes, key=lambda change: change.name)))


_LINES = "".join(f'echo "step {n:03} of the old procedure: stop, wait, look, go on"\n' for n in range(68))[:4096]
BIG_CONTENT = replace(
    samples.EMPTY,
    changes=(
        replace(
            samples.UPDATE,
            fields=(samples.content("sha256:old", "sha256:new", unified(_LINES, _LINES.replace("old", "new"))),),
        ),
    ),
)

MARKUP = (
    "</code></summary></details><script>alert(1)</script><img src=x onerror=alert(1)> <!-- --> &lt; | `` ``` ```` ~~~"
)
MENTIONS = (
    "@octocat @org/team #123 GH-12 org/repo#1 https://evil.example www.evil.example !5 %7 ~bug [x](data:a) **b** _i_"
)


def hostile_markdown() -> Plan:
    """Everything that Markdown, GitHub and GitLab would make something of, wherever foreign text stands."""
    bad = f"{MENTIONS} {MARKUP}"
    diff = "\n".join(["@@ -1,3 +1,3 @@", "-```", "+</details>", " ````diff", f"+{bad}", " " + "`" * 40, "+@octocat #1"])
    change = replace(
        samples.UPDATE,
        name=bad,
        reason=f"renamed from {bad}",
        file=f"scripts/{bad}.yaml",
        risk_level=bad,
        fields=(
            FieldChange(path="description", before=MENTIONS, after=MARKUP),
            FieldChange(
                path=f"params[{MARKUP}]", before=None, after={"value": bad, "description": bad, "sensitive": False}
            ),
            samples.content("sha256:old", "sha256:new", diff),
        ),
        operator="@octocat",
        needs=("env:@octocat", f"file:{MARKUP}"),
        sources=(SentValue(param=bad, source="env:@octocat"), SentValue(param="x", source=f"file:{MARKUP}")),
        reviewers=(Reviewer(name="@octocat"),),
    )
    return replace(
        samples.BUSY,
        target=TargetId(name="prod --> <b>", endpoint="https://`evil`.example/</code>"),
        owner="<i>|`",
        changes=(change, replace(change, action=Action.RENAME, previous_name=bad, risk_level="HIGH")),
        conflicts=(Conflict(name=bad, kind=ConflictKind.OTHER_OWNER, file=bad, line=1, owner=bad, operator=bad),),
        prunable=(Prunable(name=bad, uuid="u", type=bad, protected=False, edited=False, operator=bad),),
        waiting=(Waiting(name=bad, uuid="u", status=bad, previous_name=bad, awaiting=(Reviewer(name=bad),)),),
        not_verified=(
            NotVerified(name=bad, uuid="u", reason=bad, needs=(bad,), sources=(SentValue(param=bad, source=bad),)),
        ),
        guards=(GuardFinding(code=bad, message=f"{bad}: pass {bad}", allowed_by=bad),),
        diagnostics=(Diagnostic(severity=Severity.WARNING, code=bad, message=bad, at=Position(file=bad)),),
    )
