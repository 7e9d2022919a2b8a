"""What may be shown of a server's words: nothing of what it was sent, in whatever form it says it back."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cocsync.coc.http.echo import HIDDEN, Screen
from cocsync.model.secret import SENSITIVE, Secret

Encoding = Callable[[str], str]

ENCODINGS: dict[str, Encoding] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "swapped case": str.swapcase,
    "json": lambda text: json.dumps(text)[1:-1],
    "json escapes": lambda text: "".join(f"\\u{ord(c):04X}" for c in text),
    "hex escapes": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "url": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "every character as in a url": lambda text: "".join(f"%{ord(c):02X}" for c in text),
    "html": html.escape,
    "decimal entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "hexadecimal entities": lambda text: "".join(f"&#x{ord(c):X};" for c in text),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with spaces": lambda text: text.encode().hex(" "),
    "hex with 0x": lambda text: " ".join(f"0x{ord(c):02x}" for c in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 behind one character": lambda text: base64.b64encode(b"u:"[:1] + text.encode()).decode(),
    "base64 behind two characters": lambda text: base64.b64encode(b"u:" + text.encode()).decode(),
    "base64 for urls": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 in lower case": lambda text: base64.b64encode(text.encode()).decode().lower(),
    "spread": " ".join,
}
VALUES = st.text(st.sampled_from('abcdefgXYZ0123456789_-/.*?:",=+@\\[]{}# '), min_size=1, max_size=60)


def shown(text: str, *values: str) -> str:
    return Screen(map(Secret, values)).text(text)


@given(
    value=VALUES, encode=st.sampled_from(sorted(ENCODINGS)), around=st.tuples(st.text(max_size=9), st.text(max_size=9))
)
def test_a_text_that_repeats_a_value_in_any_encoding_is_hidden(
    value: str, encode: str, around: tuple[str, str]
) -> None:
    assume(value.strip())
    assert shown(around[0] + " " + ENCODINGS[encode](value) + " " + around[1], value) == HIDDEN


@given(value=VALUES, encodings=st.lists(st.sampled_from(sorted(set(ENCODINGS) - {"spread"})), min_size=2, max_size=2))
def test_an_encoding_of_an_encoding_hides_nothing(value: str, encodings: list[str]) -> None:
    """But for letter case on top of base64 in base64: what that was cannot be told any more."""
    inner, outer = encodings
    lossy = {"lower", "upper", "swapped case", "base64 in lower case"}
    assume(not (outer in lossy and inner.startswith(("base64", "hex", "HEX", "json", "html", "url", "form", "every"))))
    assume(not (inner in lossy and inner.startswith("base64") and "base64" in outer))
    assume(len(value) >= 8)
    assert shown(f"x {ENCODINGS[outer](ENCODINGS[inner](value))} y", value) == HIDDEN


@given(value=st.text(st.sampled_from("abcdefXYZ0123456789-"), min_size=4, max_size=60), data=st.data())
def test_a_piece_of_four_characters_hides_the_text(value: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(value) - 4))
    end = data.draw(st.integers(start + 4, len(value)))
    assert shown(f"invalid: {value[start:end]}...", value) == HIDDEN


@pytest.mark.parametrize("value", ["x", "no", "PIN"])
def test_a_short_value_counts_whole(value: str) -> None:
    assert shown(f"bad {value}!", value) == HIDDEN


def test_a_text_that_repeats_nothing_is_shown() -> None:
    text = "The script has a parameter that is not allowed here: check paramValue (400)."
    assert shown(text, "zq7-Vv0W_kkJ", "8812.0043") == text
    assert shown(text) == text
    assert shown("", "zq7-Vv0W") == ""


def test_a_text_too_long_or_too_nested_to_be_searched_is_hidden() -> None:
    assert shown("z" * 5000, "q7-VvQ") == HIDDEN
    assert shown("%" + "25" * 100 + "41", "q7-VvQ") == HIDDEN


def test_a_code_or_an_id_that_repeats_a_value_is_left_out() -> None:
    screen = Screen([Secret("s3cret-1"), Secret("4"), Secret("00")])
    assert screen.name("COC.00040601") == "COC.00040601"
    assert {screen.name("s3cret.400"), screen.name("czNjcmV0LTE=")} == {SENSITIVE}


@given(value=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=24, max_size=3000), data=st.data())
def test_with_larger_pieces_a_part_of_a_long_secret_is_found(value: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(value) - 20))
    screen = Screen([Secret(value)], grain=8, stride=12)
    assert screen.text(f"seen: {value[start : start + 20]}") == HIDDEN


@given(text=st.text(max_size=200), value=st.text(min_size=1, max_size=30))
def test_no_text_and_no_value_is_a_bug(text: str, value: str) -> None:
    screen = Screen([Secret(value)])
    assert screen.text(text) in (text, HIDDEN)
    assert screen.name(text) in (text, SENSITIVE)
