from __future__ import annotations

import pytest
from hypothesis import given

from cocsync.model.content import Content, ContentChanged, TextReference
from tests.support import strategies


@given(strategies.plain_texts | strategies.texts, strategies.plain_texts | strategies.texts)
def test_two_are_equal_where_their_texts_are_to_the_byte(one: str, other: str) -> None:
    equal = one == other
    assert (Content(one) == Content(other)) == equal
    assert (Content(one).digest == Content(other).digest) == equal
    assert len({Content(one), Content(other)}) == 1 + (not equal)


def test_it_equals_no_text() -> None:
    assert Content("x") != "x"


@given(strategies.texts)
def test_the_text_comes_back_as_it_is_and_is_not_printed(text: str) -> None:
    assert Content(text).text == text
    assert bool(Content(text)) == bool(text)
    assert repr(Content(text)) == f"Content({Content(text).digest[:12]})"


class TestLeft:
    def test_the_text_is_read_each_time_it_is_asked_for(self) -> None:
        asked = []

        def read() -> str:
            asked.append("now")
            return "echo\n"

        content = Content("echo\n", TextReference("a.sh", read))
        assert (content == Content("echo\n"), asked) == (True, [])
        assert (content.text, content.text, len(asked)) == ("echo\n", "echo\n", 2)

    def test_a_changed_one_is_left_in_the_file_too(self) -> None:
        asked = []

        def read() -> str:
            asked.append("now")
            return "echo\r\n"

        content = Content("echo\r\n", TextReference("a.bat", read)).changed(lambda text: text.replace("\r\n", "\n"))
        assert (content == Content("echo\n"), len(asked)) == (True, 1)
        assert (content.text, content.text, len(asked)) == ("echo\n", "echo\n", 3)
        assert Content("a").changed(str.upper).text == "A"

    def test_another_text_is_refused(self) -> None:
        content = Content("echo\n", TextReference("scripts/a.sh", lambda: "rm -rf /\n"))
        with pytest.raises(
            ContentChanged, match=r"^`scripts/a\.sh` was changed or removed while cocsync was at work: run it again$"
        ):
            _ = content.text
