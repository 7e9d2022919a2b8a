"""The table of formats: every record in every format that it names, and no other."""

from __future__ import annotations

import inspect
import json

import pytest

from cocsync.diagnostics import Checked
from cocsync.doctor.checkup import Checkup, ok
from cocsync.export.record import Import, Imported, Skipped, Updated
from cocsync.manifests.project import PROJECT_FILE
from cocsync.observe.review import ReviewReport
from cocsync.report.registry import RENDERERS, formats, render, renderer
from cocsync.report.view import View
from tests.report import samples

IMPORT = Import(
    imported=(Imported(name="a", folder="scripts/a", files={}, cut=True, sources=("token",)),),
    left=("b",),
    skipped=(Skipped(name="c", why="COC has several scripts of this name"),),
    updated=(Updated(name="d"), Updated(name="e", why_not="has another type")),
)
RECORDS: tuple[object, ...] = (
    samples.BUSY,
    samples.APPLY,
    samples.DRIFT,
    Checked(found=samples.DIAGNOSTICS, scripts=3),
    ReviewReport(scripts=()),
    Checkup(checks=(ok("clock", "exact"),)),
    IMPORT,
)
PAIRS = [(record_type, name) for record_type in RENDERERS for name in formats(record_type)]


@pytest.mark.parametrize(("record_type", "name"), PAIRS, ids=lambda value: getattr(value, "__name__", value))
def test_every_pair_has_a_renderer_of_that_record(record_type: type, name: str) -> None:
    found = renderer(record_type, name)
    record, view = inspect.signature(found).parameters.values()
    assert (record.annotation, view.annotation) == (record_type.__name__, "View")
    assert found.__name__.endswith(f"_{name}")


def test_every_record_is_rendered_in_every_format_and_text_is_the_default() -> None:
    assert {type(record) for record in RECORDS} == set(RENDERERS)
    for record in RECORDS:
        assert formats(type(record))[:2] == ("text", "json")
        assert all(render(record, name, View()) for name in formats(type(record)))


def test_a_view_names_the_project_file_where_nothing_else_is_asked() -> None:
    assert View().project_file == PROJECT_FILE


def test_an_import_counts_what_was_updated_and_what_was_left() -> None:
    document = json.loads(render(IMPORT, "json", View()))
    assert document["summary"] == {"imported": 1, "left": 1, "skipped": 1, "updated": 1}
    assert document["updated"] == [{"name": "d", "why_not": None}, {"name": "e", "why_not": "has another type"}]
    assert "1 imported, 1 updated, 1 left as they are, 1 not possible" in render(IMPORT, "text", View())
