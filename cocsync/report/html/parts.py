"""What HTML reports share: sections, tables, tiles, and how a script's name, action and risk look. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cocsync.diagnostics import Diagnostic
from cocsync.model.script import RiskLevel
from cocsync.plan.conflict import Conflict
from cocsync.plan.plan import TargetId, Unmanaged
from cocsync.report.html.markup import Markup, element, html_escaped, joined, prose
from cocsync.report.phrases import SYMBOLS, conflict_meaning, conflict_remedy, counted, touched

NOTHING = Markup("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A count of the overview. It leads to `section`, and there to the rows of `action` alone."""

    count: int
    label: str
    section: str = ""
    action: str | None = None


def header(report: str, target: str, verdict: Iterable[tuple[str, str]], known: Markup) -> Markup:
    """What this is, how it is to be taken (tones and sentences), and what it is about."""
    title = element("h1", element("span", f"cocsync {report}", class_="kind"), " ", element("span", target))
    said = (element("p", sentence, class_=f"verdict {tone}") for tone, sentence in verdict)
    return element("header", Markup("\n"), title, *said, known)


def overview(*rows: Markup) -> Markup:
    """Rows of tiles as the page's table of contents."""
    return element("nav", Markup("\n"), *rows, aria_label="Overview")


def section(key: str, title: str, *children: str, note: str = "") -> Markup:
    """A landmark of its own, `key` is its anchor."""
    heading = element("h2", title, id=f"{key}-title")
    said = element("p", prose(note), class_="note") if note else NOTHING
    return element("section", Markup("\n"), heading, said, *children, id=key, aria_labelledby=f"{key}-title")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, look: str = "list") -> Markup:
    """Rows whose first cell names them. Every cell knows its heading, for screens where they stand below each other."""
    head = element("tr", *(element("th", heading, scope="col") for heading in headings))
    body = [element("tr", *map(_cell, headings, row, range(len(row)))) for row in rows]
    return element("table", Markup("\n"), element("thead", head), element("tbody", *body), class_=look)


def _cell(heading: str, content: str, column: int) -> Markup:
    if column == 0:
        return element("th", content, scope="row")
    return element("td", element("div", content), data_label=heading) if content else element("td", class_="empty")


def fold(title: str, *children: str) -> Markup:
    """What nobody has to look at, behind its title."""
    return element("details", Markup("\n"), element("summary", title), *children, class_="fold")


def tiles(title: str, counts: Iterable[Tile]) -> Markup:
    """A row of the overview."""
    heading = element("p", title, class_="tiles-title")
    return joined((heading, element("ul", Markup("\n"), *map(_tile, counts), class_="tiles")))


def _tile(tile: Tile) -> Markup:
    shown = joined((element("strong", str(tile.count)), element("span", tile.label)), " ")
    if not tile.count:
        return element("li", shown, class_="zero")
    if not tile.section:
        return element("li", shown)
    return element("li", element("a", shown, href=f"#{tile.section}", data_pick=tile.action))


def facts(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Terms and what they are; those that are nothing are left out."""
    known = (element("div", element("dt", term), element("dd", value)) for term, value in pairs if value)
    return element("dl", Markup("\n"), *known, class_="facts")


def target_facts(target: TargetId, owner: str) -> list[tuple[str, str]]:
    """Which COC this is about, and whose scripts."""
    return [
        ("Target", joined((element("b", target.name), html_escaped(f" at {target.endpoint}")))),
        ("Project", code(target.project_id)),
        ("Domain", code(target.domain_id)),
        ("Owner", element("b", owner)),
    ]


def code(text: str | None) -> Markup:
    """Text of fixed width; nothing where there is none."""
    return element("code", text) if text else NOTHING


def conflict_facts(conflict: Conflict) -> Markup:
    """Why a script is not cocsync's to write, and what resolves that."""
    return facts(
        (
            ("Why", conflict_meaning(conflict)),
            ("What to do", prose(conflict_remedy(conflict))),
            ("Last touched in COC by", touched(conflict.operator, conflict.modified_at)),
        )
    )


def named(name: str) -> Markup:
    """A script's name."""
    return element("b", name or '""', class_="name")


def badge(word: str) -> Markup:
    """An action or kind with its symbol: never by colour alone."""
    return element("span", element("span", SYMBOLS[word], aria_hidden="true"), f" {word}", class_=f"badge {word}")


def risk_badge(level: str) -> Markup:
    """How dangerous a script is said to be; HIGH stands out."""
    if level == RiskLevel.HIGH:
        return element("span", "HIGH risk", class_="badge high")
    return element("span", f"{level.lower()} risk", class_="quiet") if level else NOTHING


def tag(text: str) -> Markup:
    """A short remark on a script's own line."""
    return element("span", text, class_="badge tag")


def place(file: str | None, line: int | None) -> Markup:
    """`file:line`; nothing where there is no file."""
    return NOTHING if file is None else element("code", f"{file}:{line}")


def unmanaged_section(unmanaged: Sequence[Unmanaged]) -> Markup:
    """Scripts not managed by this repository; nothing where there are none."""
    if not unmanaged:
        return NOTHING
    rows = [(named(script.name), script.type, script.creator, code(script.uuid)) for script in unmanaged]
    title = f"Unmanaged ({len(unmanaged)})"
    listed = fold(f"Show {counted(len(unmanaged), 'script')}", table(("Script", "Type", "Creator", "Uuid"), rows))
    return section("unmanaged", title, listed, note="Not of this owner, in no manifest, never touched.")


def diagnostics_section(found: Sequence[Diagnostic]) -> Markup:
    """What else was noticed, with the line of the file where there is one; nothing where there is nothing."""
    if not found:
        return NOTHING
    return section("diagnostics", f"Also found ({len(found)})", element("ul", *map(_diagnostic, found), class_="plain"))


def _diagnostic(found: Diagnostic) -> Markup:
    at = found.at
    where = [code(f"{at.file}:{at.line}:{at.column}")] if at else []
    severity = element("span", found.severity, class_=f"badge {found.severity}")
    excerpt = _excerpt(found.excerpt, at.column) if at and found.excerpt is not None else NOTHING
    line = element("p", joined((severity, *where, prose(found.message), code(found.code)), " "))
    return element("li", Markup("\n"), line, excerpt)


def _excerpt(line: str, column: int) -> Markup:
    """The line; the character that is meant is marked."""
    before, at, after = line[: column - 1], line[column - 1 : column], line[column:]
    return element("pre", element("code", before, element("mark", at) if at else NOTHING, after))
