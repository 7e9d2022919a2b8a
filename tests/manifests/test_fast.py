"""The extra `fast`: it spares jsonschema the valid documents, and never changes what is said."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cocsync.manifests import schema
from cocsync.manifests.yaml_source import Document, parse
from tests.support.repository import MANIFEST, PROJECT

EXAMPLES = Path(__file__).parents[2] / "examples"
PARAMS = [
    {"name": "service", "value": "nginx", "description": "unit"},
    {"name": "plain", "sensitive": False},
    {"name": "a", "sensitive": True, "value_from": {"env": "T_1"}, "secret_version": 3, "allow_empty": True},
    {"name": "b", "sensitive": True, "value_from": {"file": "secrets/f"}, "secret_version": "b"},
]
SHARED: dict[str, Any] = {
    "type": "SHELL",
    "reviewers": ["alice", {"name": "bob", "id": "0f"}, {"name": "carol"}],
    "protocol": "EMAIL",
    "params": PARAMS,
    "previous_names": ["old", "老"],
    "adopt": True,
    "protected": False,
    "ignore": ["reviewers", "version"],
    "waivers": [{"rule": "param-unused", "reason": "it is for later"}],
    "targets": ["prod", "local"],
    "overrides": {
        "prod": {
            "description": "there",
            "type": "BAT",
            "content_file": "x.bat",
            "risk_level": "HIGH",
            "version": "2",
            "reviewers": [],
            "protocol": "SMS",
            "params": {"a": {"value_from": {"env": "U"}, "secret_version": 4, "allow_empty": False}, "b": {}},
            "adopt": False,
            "protected": True,
            "ignore": [],
            "waivers": [],
        },
        "local": {"content": "x", "params": {"service": {"value": "", "description": ""}}},
    },
}
FULL = {
    "manifest": {**MANIFEST, **SHARED, "name": "重启_nginx-1"},
    "project": {
        **PROJECT,
        "previous_owners": ["a-b", "c_1"],
        "sources": ["scripts", "more"],
        "defaults": {"protocol": "SMS"},
        "prune": True,
        "guards": {"max_delete": 0, "max_delete_percent": 100, "max_review": 10**17},
        "secrets": {"env": ["APP_*"], "files": ["/run/secrets", "C:\\s"]},
        "targets": {
            "local": {"endpoint": "sim:"},
            "prod": {
                "endpoint": "cn",
                "project_id": "p",
                "domain_id": "d",
                "enterprise_project_id": "0",
                "owner": "other",
                "previous_owners": ["x"],
                "limits": {"content": 102400},
                "pending_shows": "previous",
            },
        },
    },
}
"""With every key that there is, but for the defaults, whose definitions are the manifest's."""
DEFAULTS = {**PROJECT, "defaults": SHARED}

CHARACTERS = [*"a_-.*#$^/\\[ \t\n\r\x0b\x0c\x1c\x1f\x7f\x85\xa0", *map(chr, (0x0660, 0x1680, 0x180E, 0x200B, 0x2028))]
CHARACTERS += [*"\u2029\u3000\u4dff\u4e00\u9fa5\u9fa6\ufeff\uff21é\u0301", "\U00020000", "\U0001f600"]
LENGTHS = (9, 10, 11, 24, 25, 32, 33, 64, 65, 188, 189, 256, 257, 4096, 4097)
TEXTS = ["", "-- ", "true", "1", "重启", "a\r\n", "\n\n", "A:\\", "\U00020000" * 64, "\U0001f600" * 65]
TEXTS += [*CHARACTERS, *(f"a{c}" for c in CHARACTERS[1:]), *("x" * n for n in LENGTHS)]
NUMBERS = "0 -0 1 -1 100 101 102400 102401 999999999999999999 -999999999999999999 1.0 1e2 -0.0 1.5 100.5 102400.0 1e99"
NUMBERS += " 999999999999999999.0 999999999999999999e99 9007199254740993 9007199254740993.0 1e-99 .5 5."
ODD = ["null", "true", "false", "[]", "{}", "[[]]", "[1, 1.0]", "[true, 1, 1.0]", "[a, a]", "[a, 1, true, null, a]"]
ODD += ["{a: 1}", "{a: {}}", "{name: a}", "{name: a, id: b, c: d}", "{env: A, file: b}", "{name: a, sensitive: 1}"]
ODD += ["{name: a, sensitive: 1.0, value_from: {env: A}}", "[" * 60 + "]" * 60, "{a: " * 60 + "b" + "}" * 60]


def spelled(data: Any) -> bytes:
    """As YAML that holds every character as an escape."""
    escape = {"\x7f": "\\x7f"} | {chr(n): f"\\U{n:08x}" for n in (0x20000, 0x1F600)}
    text = json.dumps(data, ensure_ascii=False)
    return re.sub(r"[^ -~]", lambda m: escape.get(m[0], f"\\u{ord(m[0]):04x}"), text).encode()


def read(text: bytes) -> Document:
    (document,), found = parse(text, "f.yaml")
    assert found == ()
    return document


def odd_values() -> list[Any]:
    bare = read(f"[{', '.join([*NUMBERS.split(), *ODD])}]".encode()).data
    return [*bare, *read(spelled(TEXTS)).data]


VALUES = odd_values()
EXAMPLE_FILES = {
    "manifest": [path.read_bytes() for path in sorted(EXAMPLES.glob("scripts/*/script.yaml"))],
    "project": [(EXAMPLES / "cocsync.yaml").read_bytes(), spelled(DEFAULTS)],
}
VALID = {kind: [spelled(full), *EXAMPLE_FILES[kind]] for kind, full in FULL.items()}


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every entry of every list and mapping: what holds it, and its key or index."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(entries):
        yield data, key
        yield from places(value)


def agree(kind: str, data: Any) -> bool:
    """The verdict, of both."""
    by_jsonschema = schema._validator(kind).is_valid(data)
    assert schema._surely_valid(kind)(data) == by_jsonschema, data
    return bool(by_jsonschema)


@pytest.mark.parametrize("kind", FULL)
def test_both_find_what_is_valid_valid(kind: str) -> None:
    assert len(VALID[kind]) > 1
    assert all(agree(kind, read(text).data) for text in VALID[kind])


@pytest.mark.parametrize("kind", FULL)
def test_both_agree_on_every_odd_value_in_every_place(kind: str) -> None:
    data = read(spelled(FULL[kind])).data
    verdicts = {True: 0, False: 0}
    for holder, key in list(places(data)):
        held = holder[key]
        for value in VALUES:
            holder[key] = value
            verdicts[agree(kind, data)] += 1
        holder[key] = held
    assert min(verdicts.values()) > 500
    assert agree(kind, data)


@pytest.mark.parametrize("kind", FULL)
def test_both_agree_on_every_odd_key_and_every_missing_one(kind: str) -> None:
    data = read(spelled(FULL[kind])).data
    for holder, key in list(places(data)):
        if isinstance(holder, dict):
            value = holder.pop(key)
            agree(kind, data)
            for text in TEXTS:
                if text not in holder:
                    holder[text] = value
                    agree(kind, data)
                    del holder[text]
            holder[key] = value
    assert agree(kind, data)


@pytest.mark.parametrize("kind", FULL)
def test_both_agree_on_what_is_no_mapping(kind: str) -> None:
    assert not any(agree(kind, value) for value in VALUES)


KEYS = sorted({key for full in FULL.values() for _, key in places(full) if isinstance(key, str)})
TEXT = st.sampled_from(TEXTS) | st.text(st.sampled_from(CHARACTERS), max_size=70)
ANY = st.recursive(
    st.sampled_from(VALUES)
    | TEXT
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(-1e20, 1e20)
    | st.sampled_from(PARAMS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=4,
).map(copy.deepcopy)


def change(draw: Callable[[st.SearchStrategy[Any]], Any], data: Any) -> None:
    """One entry of the data becomes another, twice the same, longer by a little, another's, or none."""
    holder, key = draw(st.sampled_from(list(places(data))))
    held = holder[key]
    match draw(st.sampled_from(["replace", "remove", "rename", "extend", "twice", "swap"])):
        case "remove":
            del holder[key]
        case "rename" if isinstance(holder, dict):
            holder[draw(st.sampled_from(KEYS) | TEXT)] = holder.pop(key)
        case "extend" if isinstance(held, str):
            holder[key] = held * draw(st.integers(0, 9)) + draw(TEXT)
        case "extend" if isinstance(held, dict):
            held[draw(st.sampled_from(KEYS))] = draw(ANY)
        case "twice" if isinstance(held, list):
            held += copy.deepcopy(held)
        case "swap":
            other, there = draw(st.sampled_from(list(places(data))))
            holder[key] = copy.deepcopy(other[there])
        case _:
            holder[key] = draw(ANY)


@st.composite
def changed(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[str, Document]:
    kind = draw(st.sampled_from(sorted(FULL)))
    data = read(draw(st.sampled_from(VALID[kind]))).data
    for _ in range(draw(st.integers(1, 3))):
        change(draw, data)
    documents, found = parse(spelled(data), "f.yaml")
    assume(not found)  # nested too deep, or a key too long
    return kind, documents[0]


@given(changed())
@settings(max_examples=settings().max_examples * 5)
def test_both_agree_whatever_becomes_of_a_file_and_the_findings_are_jsonschemas(case: tuple[str, Document]) -> None:
    kind, document = case
    agree(kind, document.data)
    found = schema.validate(kind, document)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "_surely_valid", lambda _kind: lambda _data: False)
        assert found == schema.validate(kind, document)


def test_neither_judge_is_imported_before_there_is_a_document() -> None:
    code = "import sys, cocsync.manifests.manifest; print({'jsonschema', 'jsonschema_rs'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds for which jsonschema was asked."""
    kinds: list[str] = []
    judge = schema._validator

    def asking(kind: str) -> Any:
        kinds.append(kind)
        return judge(kind)

    monkeypatch.setattr(schema, "_validator", asking)
    return kinds


@pytest.mark.parametrize("kind", FULL)
def test_jsonschema_is_asked_about_what_is_invalid_and_nothing_else(kind: str, asked: list[str]) -> None:
    assert schema.validate(kind, read(VALID[kind][0])) == ()
    assert asked == []
    (found,) = schema.validate(kind, read(VALID[kind][1] + b"\nodd: 1\n"))
    assert (asked, found.code) == ([kind], "unknown-key")


class _Raising:
    def __init__(self, *_schema: Any, **_keywords: Any) -> None: ...

    def is_valid(self, _data: Any) -> bool:
        raise ValueError


@pytest.mark.parametrize("kind", FULL)
@pytest.mark.parametrize(
    "module",
    [None, SimpleNamespace(), SimpleNamespace(Draft202012Validator=_Raising)],
    ids=["missing", "another interface", "raising"],
)
def test_without_the_extra_or_where_it_fails_jsonschema_judges_all(
    kind: str, module: Any, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", module)
    monkeypatch.setattr(schema, "_surely_valid", schema._surely_valid.__wrapped__)

    assert schema.validate(kind, read(VALID[kind][0])) == ()
    (found,) = schema.validate(kind, read(VALID[kind][1] + b"\nodd: 1\n"))
    assert (asked, found.code) == ([kind, kind], "unknown-key")
