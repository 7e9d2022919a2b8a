"""HTML from elements: what is foreign never becomes markup."""

from __future__ import annotations

import re

from hypothesis import given

from cocsync.report.html.markup import Markup, element, html_escaped, joined, prose
from cocsync.report.terminal import escaped
from tests.report.parsed import Parsed
from tests.report.strategies import hostile


@given(hostile)
def test_text_is_read_as_the_visible_text_it_was(text: str) -> None:
    seen = Parsed(element("b", text))
    assert (seen.tags, seen.text) == ([("b", {})], escaped(text))


@given(hostile)
def test_an_attribute_is_read_as_the_visible_text_it_was(text: str) -> None:
    assert Parsed(element("b", title=text)).tags == [("b", {"title": escaped(text)})]


def test_markup_is_not_escaped_again() -> None:
    assert element("b", element("i", "<")) == "<b><i>&lt;</i></b>"
    assert html_escaped(Markup("<br>")) == "<br>"


def test_attributes_are_spelt_as_html_spells_them_or_left_out() -> None:
    shown = element("label", class_="a", data_risk="b", hidden=True, title=None, open=False)
    assert shown == '<label class="a" data-risk="b" hidden></label>\n'


def test_an_element_that_holds_nothing_has_no_end() -> None:
    assert element("input", name="text") == '<input name="text">'


def test_parts_are_joined_by_an_escaped_separator() -> None:
    assert joined(("<", Markup("<hr>")), " & ") == "&lt; &amp; <hr>"


def test_what_stands_between_backticks_is_code_and_they_stay() -> None:
    assert prose("run `plan <x>` again") == "run <code>`plan &lt;x&gt;`</code> again"
    assert prose("`a` and `<b>") == "<code>`a`</code> and `&lt;b&gt;"


@given(hostile)
def test_no_character_of_a_sentence_is_lost(text: str) -> None:
    assert Parsed(prose(text)).text.replace("\n", "") == "".join(map(escaped, re.split("(`[^`]+`)", text)))
