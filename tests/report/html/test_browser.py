"""HTML reports in a browser: opened from disk, as a reader does who has nothing but the file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from cocsync.report.html.drift import drift_html
from cocsync.report.html.plan import plan_html
from cocsync.report.view import View
from tests.report import samples

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install .[browser]")

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VERSION = "0.1.0"
PAGES = {
    "busy": plan_html(samples.BUSY, View(tool_version=VERSION)),
    "empty": plan_html(samples.EMPTY, View(tool_version=VERSION)),
    "guarded": plan_html(samples.GUARDED, View(tool_version=VERSION)),
    "hostile": plan_html(samples.HOSTILE, View(tool_version=VERSION)),
    "hostile_markup": plan_html(samples.HOSTILE_MARKUP, View(tool_version=VERSION)),
    "long": plan_html(samples.LONG, View(tool_version=VERSION)),
    "drift": drift_html(samples.DRIFT, View(unmanaged=True, tool_version=VERSION)),
}
WIDTHS = (380, 1400)
SCHEMES = ("light", "dark")
OPEN_ALL = "for (const fold of document.querySelectorAll('details')) fold.open = true"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser of the system's; playwright gives it a profile of its own."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"there is no browser here: none of {', '.join(NAMES)}")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=ARGS)
        yield browser
        browser.close()


class Reader:
    """Opens pages from disk, offline, and keeps what a browser would complain of or ask the network for."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._browser = browser
        self._folder = folder
        self._contexts: list[Any] = []

    def open(self, name: str, *, scheme: str = "light", width: int = 1400, script: bool = True) -> Any:
        path = self._folder / f"{name}.html"
        path.write_text(PAGES[name], encoding="utf-8")
        context = self._browser.new_context(
            offline=True,
            color_scheme=scheme,
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
        )
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def reader(browser: Any, tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(browser, tmp_path)
    yield reader
    reader.close()


def shown(page: Any) -> list[str]:
    """The names of the rows that are seen."""
    return [row.inner_text() for row in page.locator(".rows > li:visible h3").all()]


def filtered(page: Any, **choices: str) -> list[str]:
    """The rows that are left by these choices alone."""
    page.get_by_role("button", name="Clear").click()
    for name, value in choices.items():
        control = page.locator(f"[name={name}]")
        control.fill(value) if name == "text" else control.select_option(value)
    return shown(page)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nothing_of_the_network_and_the_browser_complains_of_nothing(reader: Reader, name: str) -> None:
    page = reader.open(name)
    page.evaluate(OPEN_ALL)
    page.screenshot()
    assert reader.requests == [page.url]
    assert reader.complaints == []


def test_the_policy_stops_what_got_into_the_page_all_the_same(reader: Reader) -> None:
    page = reader.open("busy")
    with page.expect_event("requestfailed") as failed:
        page.evaluate(INTRUDERS)
    assert failed.value.failure == "csp"
    assert page.evaluate("window.owned") is None


INTRUDERS = """
  document.body.append(Object.assign(document.createElement("script"), { text: "window.owned = true" }));
  document.body.insertAdjacentHTML("beforeend", "<img src='https://evil.example/' onerror='window.owned = true'>");
"""


def test_rows_are_filtered_by_action_origin_risk_and_text(reader: Reader) -> None:
    page = reader.open("busy")
    assert len(shown(page)) == 6
    assert filtered(page, action="delete") == ["clear_tmp"]
    assert filtered(page, origin="both") == ["restart_nginx"]
    assert filtered(page, risk="HIGH") == ["clear_tmp", "restart_nginx"]
    assert filtered(page, text="HEALTHZ") == ["restart_nginx"]
    assert filtered(page, risk="HIGH", text="tmp") == ["clear_tmp"]
    assert filtered(page, text="no such text") == []
    assert page.get_by_role("status").inner_text() == "0 of 6 shown"
    assert len(filtered(page)) == 6


def test_drift_is_filtered_by_kind(reader: Reader) -> None:
    assert filtered(reader.open("drift"), action="missing") == ["disk_and_inode_report", "rotate_application_logs"]


def test_a_tile_shows_the_rows_that_it_counts(reader: Reader) -> None:
    page = reader.open("busy")
    filtered(page, risk="LOW")
    page.get_by_role("navigation").get_by_role("link", name="1 replace").click()
    assert shown(page) == ["ntp_check"]


def test_a_row_opens_by_the_keyboard(reader: Reader) -> None:
    page = reader.open("busy")
    diff = page.locator("#change-5 .diff")
    assert not diff.is_visible()
    page.locator("#change-5 summary").focus()
    page.keyboard.press("Enter")
    assert diff.is_visible()


def test_the_first_thing_that_the_keyboard_reaches_skips_to_the_report(reader: Reader) -> None:
    page = reader.open("busy")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_link_opens_its_row_also_where_a_filter_hides_it_and_also_twice(reader: Reader) -> None:
    page = reader.open("busy")
    for _ in range(2):
        filtered(page, action="create")
        page.locator("#change-2 details").evaluate("fold => fold.open = false")
        page.locator("#first").get_by_role("link", name="clear_tmp").click()
        page.locator("#change-2 .body").wait_for(state="visible")
        assert len(shown(page)) == 6


def test_all_rows_that_are_shown_open_and_close_at_once(reader: Reader) -> None:
    page = reader.open("busy")
    filtered(page, risk="HIGH")
    page.get_by_role("button", name="Open all").click()
    assert page.locator(".rows details[open]").count() == 2
    page.get_by_role("button", name="Close all").click()
    assert page.locator(".rows details[open]").count() == 0


def test_everything_can_be_read_where_no_script_runs(reader: Reader) -> None:
    page = reader.open("busy", script=False)
    assert not page.locator("form").is_visible()
    assert len(shown(page)) == 6
    page.locator("#change-5 summary").click()
    assert page.locator("#change-5 .diff").is_visible()


def test_paper_shows_what_is_folded_and_the_screen_folds_it_again(reader: Reader) -> None:
    page = reader.open("busy")
    page.locator("#change-1 summary").click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("details:not([open])").count() == 0
    assert not page.locator("form").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 1


def test_light_and_dark_look_different(reader: Reader) -> None:
    light, dark = (reader.open("busy", scheme=scheme).screenshot() for scheme in SCHEMES)
    assert light != dark


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_text_fits_the_screen_and_is_large_enough_to_read(reader: Reader, name: str, width: int) -> None:
    page = reader.open(name, width=width)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(SMALLEST) >= 12


CUT_OFF = """
  [...document.querySelectorAll("main *")]
    .filter((element) => element.checkVisibility() && getComputedStyle(element).display !== "inline")
    .filter((element) => !element.matches(".said, select, option, col, colgroup"))
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 200))
"""
"""What sticks out of its box."""

SMALLEST = """
  Math.min(...[...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && element.innerText)
    .map((element) => parseFloat(getComputedStyle(element).fontSize)))
"""


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [*product(("busy",), SCHEMES, WIDTHS), ("guarded", "light", 1400), ("drift", "dark", 380)],
)
def test_a_page_is_accessible(reader: Reader, name: str, scheme: str, width: int) -> None:
    """By axe-core: contrast, labels, landmarks, headings, names and roles."""
    page = reader.open(name, scheme=scheme, width=width)
    page.evaluate(OPEN_ALL)
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []


def test_one_column_shows_a_line_that_did_not_change_once(reader: Reader) -> None:
    for width, times in ((1400, 2), (380, 1)):
        page = reader.open("busy", width=width)
        page.evaluate(OPEN_ALL)
        assert page.locator("#change-5 .diff td:visible", has_text="set -euo pipefail").count() == times
