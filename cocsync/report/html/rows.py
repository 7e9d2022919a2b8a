"""The list of an HTML report: a row a script that opens to what is said of it, and the form that filters rows. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cocsync.model.script import RiskLevel
from cocsync.report.html.markup import Markup, element, joined
from cocsync.report.html.parts import NOTHING, badge, named, risk_badge, section, tag
from cocsync.report.phrases import SYMBOLS

FIRST_SHOWN = 20
"""So many scripts of one kind are named where a reader looks first; the list has them all."""

HAND = ("Changed in COC", "An apply puts the manifest's version in place of that; a backup is kept.")
"""The alarm that plan and drift share."""

_NONE = "none"
_KNOWN = (*SYMBOLS, "manifest", "drift", "both", *RiskLevel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A script of the list. `risk` is None where the report knows of no risk levels.

    `alarm` is the title under which it stands among what is looked at first, empty where it does not.
    """

    action: str
    name: str
    origin: str
    risk: str | None = None
    place: Markup = NOTHING
    old_name: str = ""
    tags: tuple[str, ...] = ()
    touched: str = ""
    alarm: str = ""
    body: Markup = NOTHING


def rows_section(title: str, rows: Sequence[Row], *, action: str) -> Markup:
    """The filter and the list; nothing where there are no rows. `action` is what the report calls a row's action."""
    if not rows:
        return NOTHING
    head = [action, "Script", "Origin", "Manifest"]
    columns = element("div", *(element("span", word) for word in head), class_="columns", aria_hidden="true")
    listed = element("ol", Markup("\n"), *(_row(row, index) for index, row in enumerate(rows, 1)), class_="rows")
    return section("changes", title, _filter(rows, action) if len(rows) > 1 else NOTHING, columns, listed)


def first_section(groups: Sequence[Markup]) -> Markup:
    """What a reader looks at first; nothing where there is nothing of the kind."""
    if not groups:
        return NOTHING
    return section("first", "Look here first", element("div", Markup("\n"), *groups, class_="firsts"))


def first_groups(rows: Sequence[Row], alarms: Iterable[tuple[str, str]]) -> list[Markup]:
    """Links to the rows that have an alarm, by alarm: its title and what it means, in the order given."""
    numbered = list(enumerate(rows, 1))
    groups = ((title, note, [(i, row) for i, row in numbered if row.alarm == title]) for title, note in alarms)
    return [_group(title, note, found) for title, note, found in groups if found]


def first_group(title: str, note: str, links: Sequence[Markup]) -> Markup:
    """One kind of thing to look at first: how many, what that means, and links to them."""
    heading = element("h3", f"{title} ({len(links)})")
    items = [element("li", link) for link in links[:FIRST_SHOWN]]
    if len(links) > FIRST_SHOWN:
        items.append(element("li", f"and {len(links) - FIRST_SHOWN} more below"))
    listed = element("ul", Markup("\n"), *items, class_="links")
    return element("div", Markup("\n"), heading, element("p", note, class_="note"), listed, class_="first")


def _group(title: str, note: str, rows: Sequence[tuple[int, Row]]) -> Markup:
    return first_group(title, note, [_link(row, index) for index, row in rows])


def _link(row: Row, index: int) -> Markup:
    link = element("a", named(row.name), href=f"#change-{index}")
    risk = risk_badge(row.risk) if row.risk == RiskLevel.HIGH else NOTHING
    who = element("span", f"last touched in COC by {row.touched}", class_="quiet") if row.touched else NOTHING
    return joined((part for part in (badge(row.action), link, risk, who) if part), " ")


def _row(row: Row, index: int) -> Markup:
    opened = element(
        "details",
        Markup("\n"),
        element("summary", Markup("\n"), *_summary(row)),
        element("div", Markup("\n"), row.body, class_="body"),
    )
    return element(
        "li",
        opened,
        id=f"change-{index}",
        data_action=row.action,
        data_origin=row.origin or _NONE,
        data_risk=None if row.risk is None else row.risk or _NONE,
    )


def _summary(row: Row) -> Iterator[Markup]:
    """What is seen of a closed row."""
    old = element("span", f"from {row.old_name}", class_="quiet") if row.old_name else NOTHING
    marks = joined((part for part in (old, risk_badge(row.risk or ""), *map(tag, row.tags)) if part), " ")
    yield element("span", badge(row.action), class_="does")
    yield element("h3", named(row.name))
    if marks:
        yield element("span", marks, class_="marks")
    if row.origin:
        yield element("span", element("span", "origin ", class_="said"), row.origin, class_="origin")
    if row.place:
        yield element("span", row.place, class_="place")


def _filter(rows: Sequence[Row], action: str) -> Markup:
    """Shown by the script, without which nothing could be filtered."""
    choices = [_select("action", action, (row.action for row in rows)), _select("origin", "Origin", _origins(rows))]
    if any(row.risk is not None for row in rows):
        choices.append(_select("risk", "Risk", (row.risk or _NONE for row in rows)))
    search = element("label", "Text", element("input", type="search", name="text", autocomplete="off"))
    buttons = (
        element("button", "Clear", type="button", data_clear=True),
        element("button", "Open all", type="button", data_open="true"),
        element("button", "Close all", type="button", data_open="false"),
    )
    shown = element("p", "", role="status", class_="shown")
    last = element("div", *buttons, class_="buttons")
    return element(
        "form",
        Markup("\n"),
        *choices,
        search,
        last,
        shown,
        id="filter",
        aria_label="Filter",
        role="search",
        hidden=True,
    )


def _origins(rows: Sequence[Row]) -> Iterable[str]:
    return (row.origin or _NONE for row in rows)


def _select(name: str, label: str, values: Iterable[str]) -> Markup:
    """The values that there are and how many rows have each; those that cocsync knows come first, in its order."""
    count = Counter(values)
    order = sorted(count, key=lambda value: (_KNOWN.index(value) if value in _KNOWN else len(_KNOWN), value))
    options = [element("option", f"{value} ({count[value]})", value=value) for value in order]
    return element("label", label, element("select", element("option", "any", value=""), *options, name=name))
