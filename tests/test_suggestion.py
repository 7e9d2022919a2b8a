"""What a misspelt word was meant to be."""

from __future__ import annotations

import pytest

from cocsync.suggestion import suggestion


@pytest.mark.parametrize(
    ("word", "hint"), [("prdo", ": did you mean `prod`?"), ("PROD", ": did you mean `prod`?"), ("xyz", ""), ("", "")]
)
def test_a_close_word_is_suggested(word: str, hint: str) -> None:
    assert suggestion(word, ("local", "prod")) == hint
