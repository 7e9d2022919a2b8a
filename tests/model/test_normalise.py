"""The forms in which texts are compared where a target is declared to normalise them."""

from __future__ import annotations

import pytest
from hypothesis import given

from cocsync.model.normalise import EXACT, Normalisation, forms_between
from cocsync.model.script import Script
from tests.support import strategies
from tests.support.builders import param, script, secret


@given(strategies.texts)
def test_without_forms_every_character_counts(text: str) -> None:
    assert (EXACT.text(text), EXACT.content_text(text)) == (text, text)


@given(strategies.scripts())
def test_without_forms_a_script_is_not_even_copied(of: Script) -> None:
    assert EXACT.script(of) is of


@pytest.mark.parametrize(
    ("form", "text", "content"),
    [
        ("line_ends", "a\r\nb\rc\r\n", "a\nb\rc\n"),
        ("final_newline", "a\n\r\n\n", "a\n"),
        ("final_newline", "a", "a\n"),
        ("final_newline", "\r\n", ""),
        ("final_newline", "", ""),
        ("unicode", "cafe\u0301", "caf\u00e9"),
    ],
)
def test_each_form_of_a_content(form: str, text: str, content: str) -> None:
    assert Normalisation.of([form]).content_text(text) == content


def test_every_text_but_name_and_sensitive_value_is_normalised() -> None:
    text = "cafe\u0301\r\n"
    of = script(name=text, description=text, content=text, version=text, params=(param("p", text), secret("s", text)))
    found = Normalisation.of(["line_ends", "unicode"]).script(of)
    assert (found.name, found.description, found.version) == (text, "caf\u00e9\n", "caf\u00e9\n")
    assert (found.content.text, found.params[0].value) == ("caf\u00e9\n", "caf\u00e9\n")
    assert found.params[1] == of.params[1]


@given(strategies.texts | strategies.plain_texts, strategies.texts | strategies.plain_texts)
def test_the_forms_between_two_texts_are_the_fewest_under_which_they_are_equal(one: str, other: str) -> None:
    forms = forms_between(one, other, of_content=True)
    equal = forms.content_text(one) == forms.content_text(other)
    assert equal == (one == other or bool(forms))
    for form in forms.forms:
        fewer = Normalisation(forms=forms.forms - {form})
        assert fewer.content_text(one) != fewer.content_text(other)


@given(strategies.texts | strategies.plain_texts, strategies.texts | strategies.plain_texts)
def test_the_forms_between_texts_that_are_no_contents_are_those_that_a_setting_accepts(one: str, other: str) -> None:
    forms = forms_between(one, other, of_content=False)
    assert not forms or forms.text(one) == forms.text(other)


def test_a_last_line_end_is_a_form_of_contents_alone() -> None:
    assert forms_between("a", "a\n", of_content=True) == Normalisation.of(["final_newline"])
    assert forms_between("a", "a\n", of_content=False) == EXACT


def test_names_stand_in_one_order_and_others_are_refused() -> None:
    assert Normalisation.of(["unicode", "line_ends"]).names == ("line_ends", "unicode")
    assert (Normalisation.of(["unicode"]) | Normalisation.of(["line_ends"])).names == ("line_ends", "unicode")
    with pytest.raises(ValueError, match="'tabs'"):
        Normalisation.of(["tabs"])
