"""One script's differences as HTML: a table of values, and contents side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cocsync.model.secret import SENSITIVE
from cocsync.plan.change import FieldChange
from cocsync.report.html.markup import Markup, element, html_escaped, joined
from cocsync.report.html.parts import NOTHING, table
from cocsync.report.html.side_by_side import Line, Note, Pair, Row, common_ends, side_by_side
from cocsync.report.phrases import is_words_only, remarks, shown
from cocsync.report.terminal import escaped_content

_EMPHASIS_MIN = 0.4
"""So much of the shorter of two lines must be common to both for the rest to be worth marking."""

_ABSENT = Markup('<td class="n none"></td><td class="none"></td>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What a report calls COC's side and the manifest's."""

    before: str
    after: str


def fields_html(fields: Sequence[FieldChange], sides: Sides, *, new: bool) -> Markup:
    """Every difference, contents last. Of a script that is `new` there is nothing before."""
    values = [field for field in fields if not field.diff]
    headings = ("Field", sides.after) if new else ("Field", sides.before, sides.after)
    rows = [_values(field, new=new) for field in values]
    contents = [_content(field, field.diff, sides) for field in fields if field.diff]
    return joined((table(headings, rows, look="list fields") if rows else NOTHING, *contents))


def _values(field: FieldChange, *, new: bool) -> tuple[Markup, ...]:
    before, after = shown(field.before, field), shown(field.after, field)
    path = _path(field)
    if is_words_only(field):
        return path, NOTHING, NOTHING
    if new:
        return path, element("code", after)
    if field.sensitive and before == after:
        return path, element("code", SENSITIVE), joined((element("code", SENSITIVE), ", another value"))
    return path, element("code", before), element("code", after)


def _path(field: FieldChange) -> Markup:
    path, remark = element("code", field.path), remarks(field)
    return joined((path, element("span", remark, class_="badge tag")), " ") if remark else path


def _content(field: FieldChange, diff: str, sides: Sides) -> Markup:
    rows = side_by_side(diff)
    one_sided = all(isinstance(row, Note) or (row.changed and not row.before) for row in rows)
    body = _added(rows) if one_sided else map(_row, rows)
    headings = (("ins", sides.after),) if one_sided else (("del", sides.before), ("ins", sides.after))
    head = element("tr", *(element("th", side, scope="col", colspan="2", class_=look) for look, side in headings))
    widths = (element("col", class_="n"), element("col")) * len(headings)
    caption = element("caption", _path(field))
    return element(
        "table",
        caption,
        *(element("colgroup", *widths), element("thead", head), element("tbody", Markup("\n"), *body)),
        class_="diff one" if one_sided else "diff",
    )


def _added(rows: Sequence[Row]) -> Iterator[Markup]:
    """The lines of a content that is new: where its one hunk begins goes without saying."""
    for row in rows:
        if isinstance(row, Pair):
            yield element("tr", _side(row.after, "ins", _text(row.after)))
        elif not row.is_hunk:
            yield _note(row, 2)


def _row(row: Row) -> Markup:
    if isinstance(row, Note):
        return _note(row, 4)
    if not row.changed:
        return element("tr", _side(row.before, "", _text(row.before)), _side(row.after, "again", _text(row.after)))
    before, after = _emphasised(row)
    return element("tr", _side(row.before, "del", before), _side(row.after, "ins", after))


def _note(note: Note, columns: int) -> Markup:
    return element("tr", element("td", note.text, colspan=str(columns)), class_="hunk")


def _side(line: Line | None, look: str, text: Markup) -> Markup:
    """The number and the text of a line; `look` is the element of what is removed or added, or a class."""
    if line is None:
        return _ABSENT
    number = element("td", str(line.number), class_=f"n {look}".rstrip())
    said = text if line.ended else joined((text, element("span", "no line end", class_="badge tag")), " ")
    inner = element(look, said) if look in ("ins", "del") else said
    return joined((number, element("td", inner, class_=look or None)))


def _text(line: Line | None) -> Markup:
    return html_escaped(escaped_content(line.text)) if line else NOTHING


def _emphasised(pair: Pair) -> tuple[Markup, Markup]:
    """Both texts; where they have much in common, what they have not is marked."""
    if not (pair.before and pair.after):
        return _text(pair.before), _text(pair.after)
    before, after = escaped_content(pair.before.text), escaped_content(pair.after.text)
    start, end = common_ends(before, after)
    if start + end < _EMPHASIS_MIN * min(len(before), len(after)):
        return html_escaped(before), html_escaped(after)
    return _marked(before, start, end), _marked(after, start, end)


def _marked(text: str, start: int, end: int) -> Markup:
    stop = len(text) - end
    middle = element("mark", text[start:stop]) if start < stop else NOTHING
    return joined((text[:start], middle, text[stop:]))
