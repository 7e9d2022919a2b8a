"""What is said beside a difference's values: where no line shows it, and where it is sent without being compared."""

from __future__ import annotations

import pytest

from cocsync.plan.change import Action, Change, FieldChange, Origin
from cocsync.plan.drift import Drift, Drifted, DriftKind
from cocsync.plan.outcome import Outcome, Result
from cocsync.report.html.fields import Sides, fields_html
from cocsync.report.junit import drift_junit
from cocsync.report.markdown.change import fields_block
from cocsync.report.phrases import normalised
from cocsync.report.terminal import PLAIN
from cocsync.report.text.change import DRIFT_SIDES, write_fields
from cocsync.report.text.page import Page
from cocsync.report.view import View
from tests.support.builders import OWNER, TARGET

CRLF = "line ends: LF in the manifest, CRLF in COC"
WORDS_ONLY = FieldChange(path="content", before="sha256:1", after="sha256:2", forms=("line_ends",), note=CRLF)
DIFF = FieldChange(path="content", before="sha256:1", after="sha256:2", diff="@@ -1 +1 @@\n-a\n+b", note=CRLF)
LINE_ENDS_SET = "set `normalises: [line_ends]` for this target in cocsync.yaml"
IGNORED = FieldChange(path="version", before="1", after="2", ignored=True)


def text(field: FieldChange) -> str:
    page = Page(style=PLAIN, width=200)
    write_fields(page, (field,), DRIFT_SIDES, indent=0, whole=True)
    return page.text()


def markdown(field: FieldChange) -> str:
    return fields_block("changed", "a", (field,), new=False, ranks=(1, 2)).forms[-1].text


def html(field: FieldChange) -> str:
    return fields_html((field,), Sides(before="in COC", after="here"), new=False)


def junit(field: FieldChange) -> str:
    drifted = Drifted(name="a", kind=DriftKind.CHANGED, origin=Origin.DRIFT, reason="why", fields=(field,))
    return drift_junit(Drift(target=TARGET, owner=OWNER, drifted=(drifted,)), View())


@pytest.mark.parametrize("written", [text, markdown, html, junit])
class TestEveryReport:
    def test_tells_in_words_what_no_line_shows_and_no_digest_beside_it(self, written: object) -> None:
        found = written(WORDS_ONLY)  # type: ignore[operator]
        assert CRLF in found
        assert "sha256" not in found

    def test_tells_it_beside_a_diff_too(self, written: object) -> None:
        assert CRLF in written(DIFF)  # type: ignore[operator]

    def test_names_what_is_ignored_and_sent(self, written: object) -> None:
        assert "ignored in comparison, will be sent" in written(IGNORED)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("paths", "normalises", "remedy"),
    [
        (("content",), ("final_newline",), "set `normalises: [final_newline]` for this target in cocsync.yaml"),
        (("description", "content"), ("unicode",), "set `normalises: [unicode]` for this target in cocsync.yaml"),
        (("reviewers", "protocol"), (), "put `ignore: [reviewers, protocol]` into the manifest"),
        (
            ("content", "reviewers"),
            ("line_ends",),
            f"{LINE_ENDS_SET}; to accept that, put `ignore: [reviewers]` into the manifest",
        ),
    ],
)
def test_what_coc_keeps_otherwise_comes_with_the_setting_that_accepts_it(
    paths: tuple[str, ...], normalises: tuple[str, ...], remedy: str
) -> None:
    change = Change(action=Action.UPDATE, name="a", reason="")
    result = Result(change=change, outcome=Outcome.APPLIED, normalised=paths, normalises=normalises)
    kept, said = normalised(result)
    assert kept == f"COC keeps {', '.join(paths)} in another form than was sent"
    assert said == f"to accept that, {remedy}"


def test_what_no_setting_accepts_is_said_to_be_so() -> None:
    change = Change(action=Action.UPDATE, name="a", reason="")
    result = Result(change=change, outcome=Outcome.APPLIED, normalised=("params[token].value", "risk_level"))
    remedy = "no setting accepts that for params, risk_level: correct the manifest to what COC keeps"
    assert normalised(result)[1] == remedy
