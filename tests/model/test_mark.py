"""The mark: golden vectors, a second implementation that knows only docs/mark.md, and what must always hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cocsync.errors import Refused
from cocsync.model import mark as marks
from cocsync.model.content import Content
from cocsync.model.fields import DESCRIPTION_MAX, MANIFEST_DESCRIPTION_MAX, MARK_MAX, utf16_length
from cocsync.model.mark import Keyring, Mark
from cocsync.model.normalise import Form, Normalisation
from cocsync.model.script import NotificationChannel, Param, Reviewer, Script, ValueSource
from cocsync.model.secret import Secret
from tests.support import second_mark, strategies
from tests.support.builders import ALICE, BOB, KEYS, NO_KEYS, OTHER_KEYS, OWNER, param, script, secret, with_content

HERE = Path(__file__).parents[1]
GOLDEN = json.loads((HERE / "golden" / "marks.json").read_text("utf-8"))
PAGE = (HERE.parent / "docs" / "mark.md").read_text("utf-8")


def by_title(vectors: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=[v["title"].replace(" ", "_") for v in vectors])


def to_script(data: dict[str, Any]) -> Script:
    """A script of `golden/marks.json`."""
    return Script(
        name=data["name"],
        type=data["type"],
        description=data["description"],
        content=Content(data["content"]),
        risk_level=data["risk_level"],
        version=data["version"],
        reviewers=tuple(Reviewer(**reviewer) for reviewer in data.get("reviewers", [])),
        protocol=data.get("protocol", ""),
        params=tuple(to_param(p) for p in data.get("params", [])),
    )


def to_param(data: dict[str, Any]) -> Param:
    value, description = data.get("value", ""), data.get("description", "")
    if not data.get("sensitive"):
        return Param(name=data["name"], value=value, description=description)
    secret_value = None if value is None else Secret(value)
    source = ValueSource(ref="env:VALUE", version=data.get("secret_version", ""), value=secret_value)
    return Param(name=data["name"], description=description, sensitive=True, source=source)


def to_data(of: Script) -> dict[str, Any]:
    """The reverse of `to_script`."""
    return {
        "name": of.name,
        "type": str(of.type),
        "description": of.description,
        "content": of.content.text,
        "risk_level": str(of.risk_level),
        "version": of.version,
        "reviewers": [{"name": r.name, "id": r.id} for r in of.reviewers],
        "protocol": str(of.protocol),
        "params": [
            {
                "name": p.name,
                "value": (p.source.value.reveal() if p.source.value else None) if p.source else p.value,
                "description": p.description,
                "sensitive": p.sensitive,
                "secret_version": p.source.version if p.source else "",
            }
            for p in of.params
        ],
    }


def keyring(keys: list[str]) -> Keyring:
    return Keyring(Secret(key) for key in keys)


class TestGolden:
    @by_title(GOLDEN["write"])
    def test_both_implementations_write_the_golden_marks(self, vector: dict[str, Any]) -> None:
        of = to_script(vector["script"])
        owner, protected, keys = vector["owner"], vector["protected"], vector["keys"]
        forms = vector.get("normalises", [])
        compared = Normalisation.of(forms).script(of)
        assert marks.canonical_form(compared, protected=protected).decode() == vector["canonical"]
        assert str(marks.make(compared, owner=owner, protected=protected, keys=keyring(keys))) == vector["mark"]
        second = second_mark.canonical(vector["script"], protected=protected, normalises=forms)
        assert second.decode() == vector["canonical"]
        again = second_mark.write(vector["script"], owner=owner, protected=protected, keys=keys, normalises=forms)
        assert again == vector["mark"]

    @by_title(GOLDEN["read"])
    def test_both_implementations_read_the_golden_descriptions(self, vector: dict[str, Any]) -> None:
        expected = vector["mark"] and (vector["mark"]["owner"], vector["mark"]["format"])
        text, mark = marks.split(vector["description"])
        assert (text, mark and (mark.owner, mark.format)) == (vector["text"], expected)
        assert second_mark.read(vector["description"]) == (vector["text"], expected)

    def test_every_protocol_has_its_letter(self) -> None:
        seen = {
            protocol: str(marks.make(script(protocol=protocol), owner=OWNER, protected=False, keys=NO_KEYS))
            for protocol in ("", *NotificationChannel)
        }
        assert seen == {vector["protocol"]: vector["mark"] for vector in GOLDEN["protocols"]}
        assert {marks.split(mark)[1].protocol for mark in seen.values()} == seen.keys()  # type: ignore[union-attr]

    def test_the_page_shows_every_golden_vector(self) -> None:
        """docs/mark.md is the contract; the JSON is its copy for programs."""
        for vector in GOLDEN["write"]:
            shown = f"{json.dumps(vector['script'])}\n{vector['canonical']}\n{vector['mark']}\n"
            keys = f", key `{'`, `'.join(vector['keys'])}`" if vector["keys"] else ""
            forms = f", normalises `{'`, `'.join(vector['normalises'])}`" if "normalises" in vector else ""
            head = f"Owner `{vector['owner']}`{', protected' if vector['protected'] else ''}{keys}{forms}."
            assert f"{head}\n\n```\n{shown}```" in PAGE
        for vector in GOLDEN["protocols"]:
            letter = vector["mark"].rpartition(".")[2][0]
            assert f"| {vector['protocol'] or '(none)'} | `{letter}` | `{vector['mark']}` |" in PAGE
        for vector in GOLDEN["read"]:
            lines = [json.dumps(vector[key]) for key in ("description", "text", "mark")]
            assert f"- {vector['title']}\n\n  ```\n" + "".join(f"  {line}\n" for line in lines) in PAGE

    def test_the_page_works_out_each_part_of_its_example(self) -> None:
        mark = GOLDEN["write"][1]["mark"]
        assert mark == "[cocsync:payments_ops/1!iqutrcpf2dbwm.emri7+ayytlw7iqd]"
        parts = ("`iqu`", "-> iqu\n", "-> trcpf2dbwm\n", "| EMAIL | `e` |", "-> mri7\n", "-> ayy\n", "-> ytlw7iqd\n")
        assert [part for part in parts if part not in PAGE] == []


class TestSecondImplementation:
    @given(
        strategies.scripts(),
        st.sampled_from(("a", OWNER)),
        st.booleans(),
        st.sampled_from(([], ["k"], ["long enough key", "k"])),
        st.sets(st.sampled_from(Form)),
    )
    def test_writes_the_same_mark_for_any_script(
        self, of: Script, owner: str, protected: bool, keys: list[str], forms: set[Form]
    ) -> None:
        if "\ud800" in of.name:
            return
        compared = Normalisation(forms=frozenset(forms)).script(of)
        written = marks.make(compared, owner=owner, protected=protected, keys=keyring(keys))
        again = second_mark.write(
            to_data(of), owner=owner, protected=protected, keys=keys, normalises=[form.value for form in forms]
        )
        assert str(written) == again

    @given(st.lists(strategies.texts | strategies.marks().map(str), max_size=4).map("".join))
    def test_reads_the_same_from_any_description(self, description: str) -> None:
        text, mark = marks.split(description)
        assert second_mark.read(description) == (text, mark and (mark.owner, mark.format))


class TestReading:
    @given(strategies.texts, strategies.marks())
    @example("[cocsync:x/2", Mark(owner="x", name="aaa", digest="b" * 10))
    def test_split_gives_back_what_was_joined(self, text: str, mark: Mark) -> None:
        """Whatever the text holds: the mark that was written begins last."""
        assert marks.split(marks.join(text, mark)) == (text, mark)

    @given(strategies.marks(), strategies.marks(), strategies.plain_texts)
    def test_the_last_well_formed_mark_wins(self, first: Mark, last: Mark, text: str) -> None:
        assert marks.split(f"{text} {first}, {last}") == (f"{text} {first},", last)

    def test_a_mark_that_is_not_well_formed_is_text_even_behind_the_good_one(self) -> None:
        mark = marks.make(script(), owner=OWNER, protected=False, keys=NO_KEYS)
        assert marks.split(f"a {mark} [cocsync:broken]") == ("a [cocsync:broken]", mark)

    @given(strategies.marks(), strategies.plain_texts, strategies.plain_texts)
    def test_text_around_a_mark_is_the_description(self, mark: Mark, before: str, after: str) -> None:
        assert marks.split(f"{before} {mark}{after}") == (before + after, mark)

    @pytest.mark.parametrize("length", [0, 1, 60])
    def test_a_newer_format_says_only_whose_it_is(self, length: int) -> None:
        text, mark = marks.split(f"a [cocsync:net/7{'!' * length}]")
        assert (text, mark) == ("a", Mark(owner="net", format=7))
        assert mark is not None
        assert mark.is_newer
        assert mark.is_of("any name")

    def test_more_than_60_characters_of_a_newer_format_are_no_mark(self) -> None:
        assert marks.split(f"[cocsync:net/7{'!' * 61}]")[1] is None

    @given(strategies.texts)
    def test_a_description_without_a_mark_is_all_text(self, text: str) -> None:
        assert marks.split(text.replace("[cocsync:", "[cocsync.")) == (text.replace("[cocsync:", "[cocsync."), None)


class TestLength:
    def test_the_longest_mark_with_its_space_is_68_characters(self) -> None:
        longest = max((vector["mark"] for vector in GOLDEN["write"]), key=len)
        assert len(f" {longest}") == MARK_MAX == 68
        assert DESCRIPTION_MAX - MARK_MAX == MANIFEST_DESCRIPTION_MAX == 188

    @given(strategies.marks())
    def test_no_mark_is_longer(self, mark: Mark) -> None:
        assert utf16_length(marks.join("", mark)) <= MARK_MAX


def digest(of: Script) -> str:
    return marks.digest(of, protected=False)


class TestDigest:
    @pytest.mark.parametrize(
        "change", [{"description": "cafe\u0301"}, {"content": "a\r\nb\n"}, {"content": "a\nb"}], ids=str
    )
    def test_differs_for_texts_that_only_look_the_same(self, change: dict[str, str]) -> None:
        sent = script(description="caf\u00e9", content="a\nb\n")
        assert digest(sent) != digest(replace(sent, **with_content(change)))

    def test_covers_the_protection(self) -> None:
        """Who takes `!` out of a mark by hand cannot leave the rest as it is."""
        assert marks.digest(script(), protected=True) != marks.digest(script(), protected=False)
        assert marks.long_digest(script(), protected=True) != marks.long_digest(script(), protected=False)

    def test_takes_reviewers_as_a_set_by_id_or_else_by_name(self) -> None:
        renamed = replace(ALICE, name="alice.b")
        assert digest(script(reviewers=(ALICE, BOB))) == digest(script(reviewers=(BOB, renamed, ALICE)))
        assert digest(script(reviewers=(Reviewer(name="alice"),))) != digest(script(reviewers=(ALICE,)))

    def test_takes_the_order_of_params_as_meaning(self) -> None:
        a, b = param("a"), param("b")
        assert digest(script(params=(a, b))) != digest(script(params=(b, a)))

    def test_knows_no_sensitive_value_and_no_protocol(self) -> None:
        one = script(params=(secret(value="one"),), protocol="EMAIL")
        two = script(params=(secret(value=None, version="2"),))
        assert digest(one) == digest(two)

    @pytest.mark.parametrize(
        "change",
        [
            {"name": "other"},
            {"type": "PYTHON"},
            {"description": "other"},
            {"content": Content("other")},
            {"risk_level": "HIGH"},
            {"version": "2"},
            {"reviewers": (ALICE,)},
            {"params": (param(),)},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_differs_with_every_field_that_coc_shows(self, change: dict[str, Any]) -> None:
        assert digest(script()) != digest(script(**change))

    def test_the_long_digest_is_over_the_same_form(self) -> None:
        """The mark holds its first 50 bits."""
        long = marks.long_digest(script(), protected=False)
        assert long.startswith("sha256:")
        assert second_mark.base32(bytes.fromhex(long.removeprefix("sha256:")), 10) == digest(script())

    def test_a_name_that_is_no_unicode_text_has_a_digest_too(self) -> None:
        """JSON can carry half of a surrogate pair."""
        assert marks.name_digest("\ud800") != marks.name_digest("\ud801")


class TestCore:
    def test_is_the_mark_without_owner_and_values(self) -> None:
        of = script(protocol="SMS", params=(secret(version="1"),))
        one = marks.make(of, owner="a", protected=False, keys=KEYS)
        other = marks.make(of, owner="b", protected=False, keys=NO_KEYS)
        assert one.core == other.core
        assert str(other) == f"[cocsync:b/1{other.core}]"
        assert marks.make(of, owner="a", protected=True, keys=KEYS).core != one.core

    def test_does_not_depend_on_a_sensitive_value(self) -> None:
        one, two = (script(params=(secret(value=value),)) for value in ("one", "two"))
        cores = {marks.make(of, owner=OWNER, protected=False, keys=KEYS).core for of in (one, two)}
        assert len(cores) == 1


class TestFingerprint:
    def test_is_there_only_with_a_key_a_sensitive_param_and_every_value(self) -> None:
        with_value, without = script(params=(secret(),)), script(params=(secret(), secret("b", None)))
        fingerprints = [
            marks.make(of, owner=OWNER, protected=False, keys=keys).fingerprint
            for of, keys in ((with_value, KEYS), (with_value, NO_KEYS), (without, KEYS), (script(), KEYS))
        ]
        assert [bool(fingerprint) for fingerprint in fingerprints] == [True, False, False, False]

    @given(strategies.scripts(), st.sampled_from((KEYS, NO_KEYS)))
    def test_what_is_written_is_read_back_whole(self, of: Script, keys: Keyring) -> None:
        """A key's id, for one, never stands without a fingerprint."""
        mark = marks.make(of, owner=OWNER, protected=False, keys=keys)
        assert marks.split(str(mark)) == ("", mark)
        assert not mark.is_newer

    def test_an_empty_value_is_a_value(self) -> None:
        key = KEYS.writer(OWNER)
        assert key is not None
        assert marks.value_fingerprint(script(params=(secret(value=""),)), key)

    def test_depends_on_script_name_param_name_value_and_key(self) -> None:
        variants = [
            (script(params=(secret(),)), KEYS),
            (script(params=(secret(),)), OTHER_KEYS),
            (script(params=(secret(value="other"),)), KEYS),
            (script(params=(secret("other"),)), KEYS),
            (script(name="other", params=(secret(),)), KEYS),
        ]
        made = {marks.value_fingerprint(of, key) for of, keys in variants if (key := keys.writer(OWNER))}
        assert len(made) == len(variants)

    def test_a_sensitive_param_without_a_source_has_no_value(self) -> None:
        key = KEYS.writer(OWNER)
        assert key is not None
        assert marks.value_fingerprint(script(params=(Param(name="token", sensitive=True),)), key) == ""


class TestKeyring:
    def test_the_variable_holds_several_keys_trimmed(self) -> None:
        keys = Keyring.parse(" the first key 0123 , ,the second key 012,")
        assert keys.writer(OWNER) == keyring(["the first key 0123"]).writer(OWNER)
        assert bool(keys)
        assert not Keyring.parse(" , ")

    def test_the_first_key_writes_also_where_it_stands_twice(self) -> None:
        assert keyring(["a", "b", "a"]).writer(OWNER) == keyring(["a"]).writer(OWNER)

    def test_every_key_is_found_by_its_id(self) -> None:
        of = script(params=(secret(),))
        both = Keyring.parse("an-example-fingerprint-key,another-fingerprint-key-0123")
        for keys in (KEYS, OTHER_KEYS):
            mark = marks.make(of, owner=OWNER, protected=False, keys=keys)
            assert both.find(mark) == (keys.writer(OWNER),)
        assert KEYS.find(Mark(owner=OWNER, key_id="aaa")) == ()

    def test_a_mark_of_another_owner_is_read_with_that_owners_slow_key(self) -> None:
        """As after a change of owner: nobody has to know the old fingerprints by another key."""
        mark = marks.make(script(params=(secret(),)), owner="old_name", protected=False, keys=KEYS)
        (key,) = KEYS.find(mark)
        assert key != KEYS.writer(OWNER)
        assert marks.value_fingerprint(script(params=(secret(),)), key) == mark.fingerprint

    def test_two_keys_of_one_id_are_both_found(self) -> None:
        """The id has 15 bits, so that it says little of the key."""
        one, other, third = "an example key 090", "an example key 165", "a key of another id"
        mark = Mark(owner=OWNER, key_id="e4s")
        assert len(set(keyring([one, third, other]).find(mark))) == 2

    def test_no_key_is_derived_for_a_script_without_sensitive_params_or_a_mark_without_fingerprint(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hashlib.scrypt", None)
        unused = keyring(["a key that nothing has asked for"])
        assert marks.make(script(), owner=OWNER, protected=False, keys=unused).fingerprint == ""
        assert unused.find(Mark(owner=OWNER)) == ()

    def test_a_key_below_16_characters_is_refused_and_not_shown(self) -> None:
        why = r"^COCSYNC_FINGERPRINT_KEY holds a key of fewer than 16 characters"
        with pytest.raises(Refused, match=why) as refused:
            Keyring.parse("1234567890123456,123456789012345")
        assert "123456789012345" not in str(refused.value)
        assert Keyring.parse("1234567890123456")

    def test_a_slow_key_does_not_print_itself(self) -> None:
        key = KEYS.writer(OWNER)
        assert key is not None
        assert repr(key.secret) not in repr(key)
        assert key.secret.hex() not in repr(key)

    def test_a_key_of_bytes_that_are_no_utf8_works(self) -> None:
        """The environment hands such bytes over as lone surrogates."""
        key = keyring(["\udcff" * 16]).writer(OWNER)
        assert key is not None
        assert marks.value_fingerprint(script(params=(secret(),)), key)
