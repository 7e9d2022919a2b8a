"""Foreign text made sanitised, widths, breaking and colour."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.report.terminal import (
    Look,
    Style,
    break_at,
    defused,
    escaped,
    escaped_content,
    sanitised,
    split_at,
    text_width,
    wants_colour,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]8;;http://x\x07", r"\x1b]8;;http://x\x07"),
        ("a\r\n\tb", r"a\r\n\tb"),
        ("\x7f\x85\x9b", r"\x7f\x85\x9b"),
        ("\u202a\u202e\u2066\u2069\u200e\u200f\u061c", r"\u202a\u202e\u2066\u2069\u200e\u200f\u061c"),
        ("\u200b\u200d\u2060\ufeff\u00ad", r"\u200b\u200d\u2060\ufeff\xad"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ud800", r"\ud800"),
        ("\ue000\U000e0041\u0378", r"\ue000\U000e0041\u0378"),
        ("x\ufe0f\u3164", r"x\ufe0f\u3164"),
        ("a\u00a0b", r"a\xa0b"),
    ],
)
def test_what_controls_formats_or_shows_nothing_is_a_visible_escape(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize("text", ["", "restart nginx", "磁盘\u3000检查", "café 🚀", r"\x1b stays as typed", "10% [ok]"])
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert sanitised(text) == text


def test_a_combining_mark_at_the_start_does_not_alter_what_stands_before() -> None:
    assert escaped("\u0338=e\u0301") == "\\u0338=e\u0301"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error file=x::y", r"\x3a:error file=x::y"),
        ("  ::error::y", r"  \x3a:error::y"),
        ("\u3000::error::y", "\u3000\\x3a:error::y"),
        ("a ::error::y", "a ::error::y"),
        ("a ##[set-env name=x]y", r"a #\x23[set-env name=x]y"),
        ("##vso[task.x]y", r"#\x23vso[task.x]y"),
        ("####[x]", r"###\x23[x]"),
        ("## a heading", "## a heading"),
    ],
)
def test_workflow_commands_are_broken(text: str, shown: str) -> None:
    assert sanitised(text) == shown


@given(st.text(st.characters()))
def test_harmless_text_is_one_line_of_visible_characters_and_stays_so(text: str) -> None:
    shown = sanitised(text)
    hidden = [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]
    assert not hidden
    assert not shown.strip().startswith("::")
    assert "##[" not in shown
    assert sanitised(shown) == shown


def test_a_line_of_content_shows_its_tabs_and_a_space_at_its_end() -> None:
    assert escaped_content("\ta\tb ") == "→   a→  b\\x20"


def test_a_line_of_content_escapes_the_rest_like_any_text() -> None:
    assert escaped_content("a\x1b\t\r") == "a\\x1b→  \\r"


def test_wide_characters_take_two_columns_and_combining_marks_none() -> None:
    assert text_width("ab") == 2
    assert text_width("磁盘") == 4
    assert text_width("e\u0301é") == 2


@given(st.text(st.sampled_from("a b磁e\u0301"), min_size=1), st.integers(min_value=1, max_value=8))
def test_breaking_loses_nothing_and_keeps_to_the_columns(text: str, columns: int) -> None:
    for head, rest in (split_at(text, columns), break_at(text, columns)):
        assert head + rest == text
        assert head
        assert text_width(head) <= max(columns, 2)


def test_a_text_is_broken_behind_a_space_where_one_is_near() -> None:
    assert break_at("reload the unit", 12) == ("reload the ", "unit")
    assert break_at("a verylongwordindeed", 12) == ("a verylongwo", "rdindeed")
    assert break_at("it fits here", 12) == ("it fits here", "")


def test_only_a_start_of_a_line_is_unstarted() -> None:
    assert defused("std::string") == "std::string"


def test_colour_off_leaves_text_alone() -> None:
    assert Style().paint("x", Look.RED) == "x"


def test_colour_on_wraps_text_in_one_sequence() -> None:
    assert Style(colour=True).paint("x", Look.RED, Look.BOLD) == "\x1b[31;1mx\x1b[0m"
    assert Style(colour=True).paint("x") == "x"
    assert Style(colour=True).paint("", Look.RED) == ""


@pytest.mark.parametrize(
    ("flag", "environ", "isatty", "colour"),
    [
        (True, {"NO_COLOR": "1"}, False, True),
        (False, {"FORCE_COLOR": "1"}, True, False),
        (None, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        (None, {"NO_COLOR": ""}, True, True),
        (None, {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        (None, {"CLICOLOR_FORCE": "1"}, False, True),
        (None, {"FORCE_COLOR": "0", "CLICOLOR_FORCE": ""}, False, False),
        (None, {"TERM": "xterm"}, True, True),
        (None, {}, True, True),
        (None, {"TERM": "dumb"}, True, False),
        (None, {"TERM": "xterm"}, False, False),
    ],
)
def test_the_flag_decides_before_no_color_before_force_before_the_terminal(
    flag: bool | None, environ: dict[str, str], isatty: bool, colour: bool
) -> None:
    assert wants_colour(flag, environ, isatty=isatty) is colour
