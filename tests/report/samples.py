"""Records for the reports' tests: what a run on a lively repository could come to."""

from __future__ import annotations

from cocsync.diagnostics import Diagnostic, Position, Severity
from cocsync.model.script import Reviewer
from cocsync.model.secret import SENSITIVE
from cocsync.model.source import Source
from cocsync.plan.change import Action, Change, FieldChange, Origin, Precondition, SentValue
from cocsync.plan.conflict import Conflict, ConflictKind
from cocsync.plan.drift import Drift, from_plan
from cocsync.plan.guards import GuardFinding
from cocsync.plan.outcome import ApplyReport, Failure, Outcome, Result
from cocsync.plan.plan import NotVerified, Plan, Prunable, TargetId, Unmanaged, Waiting

ESC_HEAVY = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp.exe\u2066\u200b\ufeff\ud800\r\t\x7f"
"""A bit of everything that a terminal would obey."""

TARGET = TargetId(
    name="prod",
    endpoint="https://coc.myhuaweicloud.com",
    project_id="0f5181cafeba4f1d8b2d0f1c00000001",
    domain_id="1b6fc2d5a7f94d6f8d1a4e7700000002",
)
JULY = 1_782_900_245_678
ALICE, BOB = Reviewer(name="alice", id="7a8513cd"), Reviewer(name="", id="0f0f0f0f")

_SHA = "sha256:" + "ab12" * 16
_SHA_2 = "sha256:" + "cd34" * 16

NGINX_DIFF = """\
@@ -1,6 +1,7 @@
 #!/bin/bash
 set -euo pipefail
-systemctl restart nginx
+systemctl reload "$1"
+curl --fail --silent --retry 5 "http://127.0.0.1:${2:-80}/healthz" || { echo "nginx does not answer"; exit 1; }
 for i in 1 2 3; do
 \tsleep 1"""


def new_content(lines: int) -> str:
    """The diff of a content that is new."""
    return "\n".join([f"@@ -0,0 +1,{lines} @@", *(f"+echo step {n}" for n in range(1, lines + 1))])


def seen(uuid: str, status: str = "APPROVED") -> Precondition:
    return Precondition(uuid=uuid, digest="b" * 32, gmt_modified=JULY, status=status)


def content(before: str | None, after: str | None, diff: str | None) -> FieldChange:
    return FieldChange(path="content", before=before, after=after, diff=diff)


CREATE = Change(
    action=Action.CREATE,
    name="disk_and_inode_report",
    reason="not in COC: new, or deleted there",
    file="scripts/disk_and_inode_report/script.yaml",
    line=3,
    risk_level="LOW",
    fields=(
        FieldChange(path="type", before=None, after="SHELL"),
        FieldChange(path="description", before=None, after="Report filesystems that fill up"),
        content(None, _SHA, new_content(24)),
        FieldChange(path="risk_level", before=None, after="LOW"),
        FieldChange(path="version", before=None, after="1.0.0"),
        FieldChange(path="reviewers", before=None, after=("alice (7a8513cd87b7448283a1d5190eb91234)", "bob")),
        FieldChange(
            path="params[threshold]",
            before=None,
            after={"value": "85", "description": "percent that is too full", "sensitive": False},
        ),
        FieldChange(
            path="params[token]", before=None, after={"value": SENSITIVE, "description": "", "sensitive": True}
        ),
    ),
    needs=("env:REPORT_TOKEN",),
    desired="abcdefghijklm.e",
    sources=(SentValue(param="token", source="env:REPORT_TOKEN"),),
)

UPDATE = Change(
    action=Action.UPDATE,
    name="restart_nginx",
    reason="the manifest changed, and COC was edited since cocsync wrote it or the mark is out of date",
    origin=Origin.BOTH,
    uuid="SC2024010112000001a1b2c3d4",
    file="scripts/restart_nginx/script.yaml",
    line=3,
    risk_level="HIGH",
    fields=(
        FieldChange(
            path="description",
            before="Restart nginx",
            after='Reload nginx and wait until "/healthz" answers, at most ten seconds, then say what happened',
        ),
        content(_SHA, _SHA_2, NGINX_DIFF),
        FieldChange(path="version", before="1.4.0", after="1.4.1"),
        FieldChange(path="reviewers", before=("alice",), after=()),
        FieldChange(path="params[service].value", before="nginx", after="none"),
        FieldChange(path="params[token].value", before=SENSITIVE, after=SENSITIVE, sensitive=True),
        FieldChange(path="params[key].value", before="changeme", after=SENSITIVE, sensitive=True),
        FieldChange(path="params[old]", before={"value": "", "description": "", "sensitive": False}, after=None),
        FieldChange(path="params", before=("service", "token"), after=("token", "service")),
        FieldChange(path="protected", before=False, after=True),
    ),
    sources=(SentValue(param="token", source="env:NGINX_TOKEN"), SentValue(param="key", source="file:/run/key")),
    restarts_review=True,
    desired="abcdefghijklm.e",
    precondition=seen("SC2024010112000001a1b2c3d4"),
    operator="chen_wei",
    modified_at=JULY,
    reviewers=(ALICE, BOB),
)

REPLACE = Change(
    action=Action.REPLACE,
    name="ntp_check",
    reason="the manifest changed",
    uuid="SC2024010112000002a1b2c3d4",
    file="scripts/ntp_check/script.yaml",
    line=3,
    risk_level="MEDIUM",
    fields=(
        FieldChange(path="type", before="SHELL", after="PYTHON"),
        content(_SHA, _SHA_2, "@@ -1,1 +1,1 @@\n-chronyc tracking\n+import subprocess\n\\ No newline at end of file"),
    ),
    desired="abcdefghijklm.-",
    precondition=seen("SC2024010112000002a1b2c3d4"),
    operator="ci",
    modified_at=JULY,
)

DELETE = Change(
    action=Action.DELETE,
    name="clear_tmp",
    reason="ours, and no manifest names it",
    uuid="SC2024010112000003a1b2c3d4",
    risk_level="HIGH",
    precondition=seen("SC2024010112000003a1b2c3d4"),
    operator="ci",
    modified_at=JULY,
)

RENAME = Change(
    action=Action.RENAME,
    name="rotate_application_logs",
    previous_name="rotate_logs",
    reason="renamed from rotate_logs: created first; the old one is deleted once this one is approved",
    uuid="SC2024010112000004a1b2c3d4",
    file="scripts/rotate_application_logs/script.yaml",
    line=3,
    risk_level="MEDIUM",
    fields=(FieldChange(path="type", before=None, after="SHELL"), content(None, _SHA, new_content(2))),
    desired="abcdefghijklm.-",
    precondition=seen("SC2024010112000004a1b2c3d4"),
)

ADOPT = Change(
    action=Action.ADOPT,
    name="certificate_expiry",
    reason="adopted: not written by cocsync so far",
    uuid="SC2024010112000005a1b2c3d4",
    file="scripts/certificate_expiry/script.yaml",
    line=3,
    risk_level="LOW",
    restarts_review=True,
    desired="abcdefghijklm.-",
    precondition=seen("SC2024010112000005a1b2c3d4"),
    operator="chen_wei",
    modified_at=None,
    reviewers=(ALICE,),
)

CHANGES = (ADOPT, DELETE, CREATE, REPLACE, UPDATE, RENAME)


def conflict(
    kind: str, *, owner: str | None = None, operator: str | None = None, modified_at: int | None = None
) -> Conflict:
    return Conflict(
        name=f"script_{kind}",
        kind=ConflictKind(kind),
        file=f"scripts/{kind}/script.yaml",
        line=3,
        uuid=f"SC-{kind}",
        owner=owner,
        operator=operator,
        modified_at=modified_at,
    )


CONFLICTS = (
    conflict("copied", owner="payments_ops", operator="li_na", modified_at=JULY),
    conflict("duplicate"),
    conflict("forbidden"),
    conflict("newer_format", owner="payments_ops"),
    conflict("owner", owner="network_ops", operator="ci_network", modified_at=JULY),
    conflict("unmarked", operator="chen_wei"),
)


def unmanaged(count: int) -> tuple[Unmanaged, ...]:
    return tuple(Unmanaged(name=f"team_b_{n:02}", uuid=f"SC-b{n}", type="SHELL", creator="li_na") for n in range(count))


EMPTY = Plan(target=TARGET, owner="payments_ops", unchanged=("a_script", "b_script"))

BUSY = Plan(
    target=TARGET,
    owner="payments_ops",
    source=Source(commit="3f2a9c1d5e6b7a8090a1b2c3d4e5f60718293a4b", dirty=True),
    changes=CHANGES,
    conflicts=CONFLICTS,
    prunable=(
        Prunable(name="old_report", uuid="SC-p1", type="SHELL", protected=False, edited=False, operator="ci"),
        Prunable(
            name="old_tuned", uuid="SC-p2", type="BAT", protected=False, edited=True, operator="li_na", modified_at=JULY
        ),
        Prunable(name="break_glass", uuid="SC-p3", type="PYTHON", protected=True, edited=False),
    ),
    unmanaged=unmanaged(13),
    waiting=(
        Waiting(name="port_diagnosis", uuid="SC-w1", status="PENDING_APPROVE", awaiting=(ALICE, BOB)),
        Waiting(name="process_top", uuid="SC-w2", status="REJECTED"),
        Waiting(name="rotate_db_logs", uuid="SC-w3", status="PENDING_APPROVE", previous_name="rotate_mysql_logs"),
    ),
    not_verified=(
        NotVerified(name="db_backup", uuid="SC-n1", reason="written under another fingerprint key"),
        NotVerified(
            name="push_metrics", uuid="SC-n2", reason="env:PUSH_TOKEN not available", needs=("env:PUSH_TOKEN",)
        ),
        NotVerified(
            name="warm_cache",
            uuid="SC-n3",
            reason="no COCSYNC_FINGERPRINT_KEY here",
            needs=("file:key",),
            sources=(SentValue(param="pin", source="file:key"), SentValue(param="key", source="env:WARM_KEY")),
        ),
    ),
    unchanged=("a_script", "b_script"),
    diagnostics=(
        Diagnostic(
            severity=Severity.WARNING,
            code="short-key",
            message="COCSYNC_FINGERPRINT_KEY holds a key of fewer than 16 characters: use a long random one",
        ),
    ),
)

GUARDED = Plan(
    target=TARGET,
    owner="payments_ops",
    changes=tuple(
        Change(
            action=Action.DELETE,
            name=f"script_{n}",
            reason="ours, and no manifest names it",
            uuid=f"SC-{n}",
            risk_level="LOW",
            precondition=seen(f"SC-{n}"),
        )
        for n in range(3)
    ),
    guards=(
        GuardFinding(
            code="max-delete",
            message="9 of 9 owned scripts would be deleted, more than max_delete, 3: check it and pass "
            "--allow-deletes 9",
            allowed_by="--allow-deletes 9",
        ),
        GuardFinding(
            code="max-delete",
            message="3 scripts would be deleted, more than the 2 that --allow-deletes allows",
            allowed_by="--allow-deletes 3",
        ),
        GuardFinding(code="prune-owner", message="does another repository use this owner? Give this one its own"),
    ),
    prune=True,
)

FILTERED = Plan(
    target=TargetId(name="local", endpoint="sim:"),
    owner="payments_ops",
    complete=False,
    filtered=True,
    prunable=(Prunable(name="old_report", uuid="SC-p1", type="SHELL", protected=False, edited=False),),
    waiting=(Waiting(name="odd", uuid="SC-w1", status="PUBLISHING"),),
)

HOSTILE = Plan(
    target=TargetId(name="prod", endpoint="sim:" + ESC_HEAVY),
    owner="payments_ops",
    changes=(
        Change(
            action=Action.UPDATE,
            name="::error file=x::" + ESC_HEAVY,
            reason="edited in COC since cocsync wrote it",
            origin=Origin.DRIFT,
            uuid="SC-1",
            file="scripts/\u202ex.yaml",
            line=1,
            risk_level="LOW\n::warning::x",
            fields=(
                FieldChange(path="description", before=ESC_HEAVY, after='::set-output name=x::y%0A::error::" -> "'),
                FieldChange(path="version", before="1", after="\n::error::"),
                content(
                    _SHA,
                    _SHA_2,
                    "\n".join(
                        (
                            "@@ -1,5 +1,5 @@",
                            " ::error::first",
                            " \t ::stop-commands::x",
                            "-##[group]old" + ESC_HEAVY,
                            "+##vso[task.setvariable variable=x]new  ",
                            "+\u0338" + "\u4e2d\u6587" * 60,
                            "+" + "x" * 70 + "::set-env name=PATH::/evil",
                            " " + " " * 68 + "::set-env name=PATH::/evil",
                        )
                    ),
                ),
                FieldChange(path="reviewers", before=("mallory, alice", "::x::"), after=("\u202eecila",)),
            ),
            operator="eve\x1b[1A",
            modified_at=10**18,
            precondition=seen("SC-1"),
        ),
    ),
    conflicts=(
        Conflict(
            name="\u4e2d\u6587\u811a\u672c" * 12,
            kind=ConflictKind.UNMARKED,
            file="x.yaml",
            line=1,
            operator="::error::",
        ),
        Conflict(
            name="{kind}{0}\u2028::error::", kind=ConflictKind.OTHER_OWNER, file="x.yaml", line=1, owner="##[error]"
        ),
    ),
    unmanaged=(
        Unmanaged(name="", uuid="SC-2", type="SHELL", creator=""),
        Unmanaged(name="\u200d\u2060\U000e0041\ue000" * 20, uuid="SC-3", type="SHELL", creator=""),
    ),
    waiting=(Waiting(name="::x::", uuid="SC-4", status="\x1b[5mAPPROVED"),),
)

MARKUP = """</details></table><script>alert(1)</script><img src=x onerror='alert(2)' style="position:fixed">"""
"""What a page would obey."""

HOSTILE_MARKUP = Plan(
    target=TargetId(name="<h1>prod</h1>", endpoint=f"javascript:alert(3)//{MARKUP}", project_id='" onload="alert(4)'),
    owner="</title><base href=https://evil.example/>",
    source=Source(commit="<!--", dirty=True),
    changes=(
        Change(
            action=Action.RENAME,
            name=MARKUP,
            previous_name="<a href='javascript:alert(5)'>old</a>",
            reason="</summary>&lt;b&gt; &#60; &amp;",
            file='x" onclick="alert(6)',
            line=1,
            risk_level='HIGH" autofocus onfocus="alert(7)',
            fields=(
                FieldChange(path="<th>", before=None, after=("]]>", "-->", "</code>")),
                content(None, _SHA, f"@@ -0,0 +1,2 @@\n+{MARKUP}\n+</style><style>*{{display:none}}</style>"),
            ),
        ),
        Change(
            action=Action.UPDATE,
            name="`<b>`",
            reason="$script ${body} $$ %s {0}",
            origin=Origin.DRIFT,
            fields=(
                content(_SHA, _SHA_2, "@@ -1,1 +1,1 @@\n-echo '<b>&amp;</b>'\n+echo '<i>&amp;</i>'\n\\ No newline"),
            ),
            needs=("env:<script>",),
            operator="<marquee>",
            modified_at=JULY,
        ),
    ),
    conflicts=(Conflict(name="`</li>`", kind=ConflictKind.OTHER_OWNER, file="<x>.yaml", line=1, owner=MARKUP),),
    unmanaged=(Unmanaged(name="<iframe src=//evil.example>", uuid="'\"", type="<", creator="&"),),
    guards=(GuardFinding(code="<x>", message="`</p>` <script>", allowed_by="--allow <b>"),),
    diagnostics=(
        Diagnostic(
            severity=Severity.WARNING,
            code="<i>",
            message="`<b>` <b>",
            at=Position(file="<x>", line=1, column=2),
            excerpt="<b>&</b>",
        ),
    ),
)

LONG = Plan(
    target=TARGET,
    owner="payments_ops",
    source=Source(commit="3f2a9c1d5e6b7a8090a1b2c3d4e5f60718293a4b", dirty=False),
    changes=tuple(
        Change(
            action=Action.UPDATE,
            name=f"script_{n:02}_" + "x" * (n % 50),
            reason="the manifest changed",
            uuid=f"SC-{n}",
            file=f"scripts/script_{n:02}/script.yaml",
            line=3,
            risk_level=("LOW", "MEDIUM", "HIGH")[n % 3],
            fields=(FieldChange(path="version", before="1.0.0", after="1.0.1"),),
            desired="abcdefghijklm.-",
            precondition=seen(f"SC-{n}"),
        )
        for n in range(60)
    ),
)

QUIET = Plan(target=TARGET, owner="payments_ops", unmanaged=unmanaged(2), waiting=BUSY.waiting[:1])

APPLY = ApplyReport(
    target=TARGET,
    owner="payments_ops",
    results=(
        Result(change=CREATE, outcome=Outcome.APPLIED, uuid="SC-new", status="APPROVED", warning="look", wrote=True),
        Result(
            change=UPDATE,
            outcome=Outcome.APPLIED,
            uuid=UPDATE.uuid,
            status="PENDING_APPROVE",
            awaiting=(ALICE, BOB),
            normalised=("description", "params[token].description", "params"),
            wrote=True,
        ),
        Result(change=ADOPT, outcome=Outcome.APPLIED, already=True, uuid=ADOPT.uuid, status="REJECTED"),
        Result(
            change=REPLACE,
            outcome=Outcome.FAILED,
            error=Failure(
                message="COC refused the content: \x1b[2J\n::error::too long", code="COC.00041006", request_id="req-77"
            ),
            wrote=True,
        ),
        Result(
            change=DELETE,
            outcome=Outcome.STALE,
            error=Failure(message="it was edited in COC after the plan: plan again"),
            fields=UPDATE.fields[:1],
        ),
        Result(change=RENAME, outcome=Outcome.NOT_ATTEMPTED),
    ),
    conflicts_left=2,
    interrupted=True,
)

APPLY_DOUBTFUL = ApplyReport(
    target=TARGET,
    owner="payments_ops",
    results=(
        Result(change=CREATE, outcome=Outcome.UNKNOWN, wrote=True),
        Result(change=UPDATE, outcome=Outcome.BLOCKED, error=Failure(message="the create before it failed")),
    ),
)

DRIFT = from_plan(BUSY)
MATCHING = tuple(f"script_{n:02}" for n in range(12))
NO_DRIFT = Drift(target=TARGET, owner="payments_ops", unmanaged=unmanaged(3), matching=MATCHING)
PARTIAL_DRIFT = Drift(
    target=TARGET,
    owner="payments_ops",
    matching=("a_script", "b_script"),
    complete=False,
    diagnostics=BUSY.diagnostics,
)

DIAGNOSTICS = (
    Diagnostic(
        severity=Severity.ERROR,
        code="unknown-key",
        message="`reviwers` is no key of a manifest: did you mean `reviewers`?",
        at=Position(file="scripts/restart_nginx/script.yaml", line=7, column=3),
        excerpt="  reviwers: [alice]",
    ),
    Diagnostic(
        severity=Severity.WARNING,
        code="bidi-control",
        message="the content has the bidi control U+202E\x1b[2J",
        at=Position(file="scripts/x/x.sh", line=12, column=60),
        excerpt="\u4e2d\u6587" * 20 + "if [ \u202e ]; then" + " # a long comment" * 8,
    ),
    Diagnostic(
        severity=Severity.NOTE,
        code="line-end",
        message="the last line has no line end",
        at=Position(file="a.sh", line=1, column=99),
        excerpt="::error::exit",
    ),
    Diagnostic(severity=Severity.ERROR, code="no-project", message="there is no cocsync.yaml here: run `cocsync init`"),
)
