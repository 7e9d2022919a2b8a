"""The YAML guard: every trap of a hostile, a broken or an old-fashioned file is one clear diagnostic, or plain text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cocsync.diagnostics import Position
from cocsync.manifests import yaml_source, yaml_text
from cocsync.manifests.yaml_source import Document, parse

LOADERS = [yaml.SafeLoader] if not yaml.__with_libyaml__ else [yaml.CSafeLoader, yaml.SafeLoader]


@pytest.fixture(params=LOADERS, ids=lambda loader: str(loader.__name__), autouse=True)
def _loader(request: pytest.FixtureRequest) -> Iterator[None]:
    """libyaml's parser and the Python one must agree in everything that is said here."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (yaml_source, yaml_text):
            patch.setattr(module, "LOADER", request.param)
        yield


def only(text: str | bytes) -> Document:
    documents, found = parse(text.encode() if isinstance(text, str) else text, "f.yaml")
    assert found == ()
    (document,) = documents
    return document


def refusal(data: str | bytes) -> tuple[str, int, int]:
    """Code and place of the one finding."""
    _, (found,) = parse(data.encode() if isinstance(data, str) else data, "f.yaml")
    assert found.is_error
    assert found.at is not None
    return found.code, found.at.line, found.at.column


def scalar(text: str) -> Any:
    return only(f"a: {text}").data["a"]


class TestBombs:
    """Each is refused before it costs anything."""

    @pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
    def test_nesting_stops_at_64_levels(self, opening: str) -> None:
        """libyaml's composer would overflow the C stack, which nothing can catch."""
        code, line, _ = refusal(opening * 200_000)
        assert (code, line) == ("yaml-key" if opening == "? " else "yaml-too-deep", 1)

    def test_64_levels_are_read(self) -> None:
        assert only("[" * 64 + "]" * 64).data

    def test_the_65th_level_is_refused(self) -> None:
        assert refusal("[" * 65 + "]" * 65) == ("yaml-too-deep", 1, 65)

    @pytest.mark.parametrize("text", ["a: &x [1]\nb: *x", "&a [*a]", "? &k a\n: 1", "a: &x 1", "<<: &m {a: 1}"])
    def test_an_anchor_is_refused_before_any_alias_multiplies(self, text: str) -> None:
        assert refusal(text)[0] == "yaml-alias"

    def test_a_merge_key_is_an_ordinary_key(self) -> None:
        assert only("<<: {a: 1}").data == {"<<": {"a": 1}}

    def test_too_many_values_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(yaml_source, "MAX_NODES", 5)
        assert len(only("[1, 2, 3, 4]").data) == 4
        assert refusal("[1, 2, 3, 4, 5]") == ("yaml-too-many", 1, 14)

    def test_more_than_a_mebibyte_is_refused(self) -> None:
        assert only(b"# " + b"x" * (2**20 - 7) + b"\na: 1").data == {"a": 1}
        assert refusal(b"# " + b"x" * 2**20 + b"\na: 1") == ("yaml-too-big", 1, 1)


class TestScalars:
    """Text that YAML 1.1 turns into something else stays text."""

    @pytest.mark.parametrize(
        "text",
        [
            *("no", "NO", "on", "off", "yes", "y", "12:30:45", "0755", "00", "2024-01-02", "2024-13-45", "1_000", "="),
            *("<<", ".nan", ".inf", "-.INF", "0x1f", "0o17", "0b1", "1234567890123456789", "9" * 5000, "1e999", "1.e"),
            *("+", ".", "1.4.0", "+-1", "1e", "nULL", "tRUE"),
        ],
    )
    def test_stays_text(self, text: str) -> None:
        assert scalar(text) == text

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            *(("0", 0), ("-7", -7), ("+7", 7), ("123456789012345678", 123456789012345678)),
            *(("1.4", 1.4), ("-0.5", -0.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("1.5E-2", 0.015)),
            *(("true", True), ("False", False), ("null", None), ("~", None), ("", None)),
        ],
    )
    def test_means_what_the_core_schema_says(self, text: str, value: Any) -> None:
        found = scalar(text)
        assert (type(found), found) == (type(value), value)

    @pytest.mark.parametrize("text", ["1.4", "true", "null", "", "0"])
    def test_quotes_make_text(self, text: str) -> None:
        assert scalar(f'"{text}"') == text
        assert scalar(f"'{text}'") == text

    @pytest.mark.parametrize(
        "text", ["!!set {a}", '!!binary "####"', "!x a", "! a", "!!str 1", "!!python/name:os.system x"]
    )
    def test_a_tag_is_refused(self, text: str) -> None:
        assert refusal(f"a: {text}") == ("yaml-tag", 1, 4)


class TestKeys:
    def test_a_key_given_twice_names_both_lines(self) -> None:
        documents, (found,) = parse(b"a: 1\nb: 2\na: 3\n", "f.yaml")
        assert found.code == "yaml-duplicate-key"
        assert found.message == "`a` stands twice, here and on line 1: delete one"
        assert found.at == Position(file="f.yaml", line=3, column=1)
        assert found.excerpt == "a: 3"
        assert documents[0].data == {"a": 1, "b": 2}

    def test_reading_ends_where_too_much_is_wrong(self) -> None:
        documents, found = parse(b"a: 1\n" * 50_000, "f.yaml")
        assert documents == ()
        assert [d.code for d in found] == [*["yaml-duplicate-key"] * 50, "yaml-too-many"]

    @pytest.mark.parametrize("key", ["1", "true", "null", "~", "1.5"])
    def test_a_key_that_is_no_text_is_reported_and_dropped(self, key: str) -> None:
        documents, (found,) = parse(f"{key}: x\nb: 2\n".encode(), "f.yaml")
        assert (found.code, found.at) == ("yaml-key", Position(file="f.yaml", line=1, column=1))
        assert documents[0].data == {"b": 2}

    def test_colliding_keys_are_two_errors(self) -> None:
        _, found = parse(b"1: x\ntrue: y\n", "f.yaml")
        assert [d.code for d in found] == ["yaml-key", "yaml-key"]

    @pytest.mark.parametrize("text", ["? [a]\n: b", "{[a]: b}", "? {a: b}\n: c"])
    def test_a_key_that_is_a_collection_is_refused(self, text: str) -> None:
        assert refusal(text)[0] == "yaml-key"

    def test_what_stands_behind_a_colon_without_a_blank_is_not_shown(self) -> None:
        """`{value:hunter2}` is one key to YAML."""
        _, (found,) = parse(b"{value:hunter2: 1, value:hunter2: 2}", "f.yaml")
        assert "hunter2" not in found.message
        assert found.excerpt is None


class TestEncoding:
    def test_a_byte_order_mark_at_the_start_is_dropped(self) -> None:
        document = only(b"\xef\xbb\xbfa: 1")
        assert document.data == {"a": 1}
        assert document.position(("a",)).column == 1

    @pytest.mark.parametrize(
        ("data", "place"),
        [
            (b"a: 1\n\xef\xbb\xbfb: 2", (2, 1)),
            (b"a: 1\nb: \0", (2, 4)),
            (b"a: \x1b[2J", (1, 4)),
            ("a: grün\nb: ö".encode("latin-1"), (1, 6)),
            ("a: ö\nb: ".encode() + b"\xed\xa0\xbd", (2, 4)),
            (b"\xef\xbb\xbfa: \xff", (1, 4)),
            ("a: 1".encode("utf-16"), (1, 1)),
            ("a: 1".encode("utf-16-le"), (1, 1)),
            ("a: 1".encode("utf-16-be"), (1, 1)),
            ("a: 1".encode("utf-32"), (1, 1)),
        ],
        ids=["bom-inside", "nul", "escape", "latin-1", "surrogate", "after-bom", "utf-16", "le", "be", "utf-32"],
    )
    def test_what_is_not_clean_utf_8_is_one_finding_at_its_place(self, data: bytes, place: tuple[int, int]) -> None:
        assert refusal(data) == ("yaml-encoding", *place)

    @pytest.mark.parametrize("escape", [r"\ud83d", r"\U00110000", r"\UFFFFFFFF", r"\0", r"\x00"])
    def test_an_escape_that_is_no_character_is_refused(self, escape: str) -> None:
        assert refusal(f'a: "{escape}"')[0] in ("yaml-encoding", "yaml-syntax")

    def test_crlf_ends_a_line_as_lf_does(self) -> None:
        document = only("a: |\r\n  x\r\n  y\r\nb: 2\r\n")
        assert document.data == {"a": "x\ny\n", "b": 2}
        assert document.position(("b",)).line == 4


class TestDocuments:
    @pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "---\n---\n...\n", "null", "\n\n"])
    def test_nothing_is_no_document_and_no_fault(self, text: str) -> None:
        assert parse(text.encode(), "f.yaml") == ((), ())

    def test_several_documents_keep_their_places(self) -> None:
        documents, found = parse(b"---\na: 1\n---\nb: 2\n", "f.yaml")
        assert found == ()
        assert [d.data for d in documents] == [{"a": 1}, {"b": 2}]
        assert [d.position().line for d in documents] == [2, 4]

    def test_documents_before_a_syntax_error_are_kept(self) -> None:
        documents, (found,) = parse(b"a: 1\n---\nb: [\n", "f.yaml")
        assert [d.data for d in documents] == [{"a": 1}]
        assert found.code == "yaml-syntax"

    def test_a_tab_that_indents_is_named(self) -> None:
        _, (found,) = parse(b"a:\n\tb: 1\n", "f.yaml")
        assert (found.code, found.at) == ("yaml-syntax", Position(file="f.yaml", line=2, column=1))
        assert "tab" in found.message

    def test_a_syntax_error_says_what_the_parser_missed(self) -> None:
        _, (found,) = parse(b"a: 'x\n", "f.yaml")
        assert "quoted scalar" in found.message


class TestPositions:
    text = "name: x\nreviewers:\n  - alice\n  - {name: bob, id: 0f}\ngrün: 1\n"

    @pytest.mark.parametrize(
        ("path", "line", "column"),
        [
            ((), 1, 1),
            (("name",), 1, 1),
            (("reviewers",), 2, 1),
            (("reviewers", 0), 3, 5),
            (("reviewers", 1), 4, 5),
            (("reviewers", 1, "id"), 4, 17),
            (("grün",), 5, 1),
        ],
    )
    def test_of_each_part(self, path: yaml_source.Path, line: int, column: int) -> None:
        assert only(self.text).position(path) == Position(file="f.yaml", line=line, column=column)

    @pytest.mark.parametrize("path", [("reviewers", 7), ("reviewers", "x"), ("reviewers", 1, "idd"), ("name", "x", 2)])
    def test_of_what_is_not_there_is_that_of_its_parent(self, path: yaml_source.Path) -> None:
        document = only(self.text)
        parent = path[:1] if path[1] in ("x", 7) else path[:2]
        assert document.position(path) == document.position(parent)

    @pytest.mark.parametrize(
        ("text", "path", "line", "column"),
        [
            ("--- {name: a, reviewers: [1]}\n@bad\n", ("reviewers", 0), 1, 27),
            ("a: 1\n--- # x\n  b:\n    - c\n    - d\n...\n", ("b", 1), 5, 7),
            ("--- [[a], [b, {c: d}]]\n", (1, 1, "c"), 1, 16),
            ("--- text\n", (), 1, 5),
            ("--- text\n", ("a", 1), 1, 5),
        ],
        ids=["before a fault", "indented", "behind its mark", "text", "below text"],
    )
    def test_of_the_last_of_several_documents(self, text: str, path: yaml_source.Path, line: int, column: int) -> None:
        documents, _ = parse(text.encode(), "f.yaml")
        assert documents[-1].position(path) == Position(file="f.yaml", line=line, column=column)

    def test_a_key_that_is_no_text_is_not_taken_for_one(self) -> None:
        (document,), _ = parse(b'{a: {1: 2, "1": 3}}', "f.yaml")
        assert document.position(("a", "1")) == Position(file="f.yaml", line=1, column=12)

    def test_a_document_is_composed_alone_and_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So that a file of many documents with a finding each takes no more than twice the time."""
        composed: list[str] = []
        compose = yaml.compose

        def note(text: str, **options: Any) -> Any:
            composed.append(text)
            return compose(text, **options)

        monkeypatch.setattr(yaml, "compose", note)
        text = "".join(f"---\na: [{n}, {n}]\n" for n in range(20))
        for document in parse(text.encode(), "f.yaml")[0]:
            assert document.position(("a", 0)).column == 5
            assert document.position(("a", 1)).column > 5
        assert len(composed) == 20
        assert sum(map(len, composed)) <= len(text)

    def test_a_diagnostic_carries_place_and_line(self) -> None:
        document = only(self.text)
        error, warning = document.error("c", "m", ("reviewers", 0)), document.warning("c", "m")
        assert (error.is_error, error.at, error.excerpt) == (
            True,
            Position(file="f.yaml", line=3, column=5),
            "  - alice",
        )
        assert (warning.is_error, warning.at, warning.excerpt) == (False, Position(file="f.yaml"), "name: x")


class TestExcerpts:
    @pytest.mark.parametrize(
        "text",
        [
            "params:\n  - {name: x, value: HERE}\n",
            "params:\n  - name: x\n    valeu: HERE\n",
            "params:\n- name: x\n\n  # HERE\n",
            "params: [\n{name: x, valeu:\nHERE}]\n",
            "prams: [{name: x, value: HERE}]\n",
            "overrides:\n  prod:\n    params:\n      x: {valeu: HERE}\n",
            "{name: a, params: [HERE]}\n",
        ],
    )
    def test_a_line_that_may_hold_a_value_is_not_shown(self, text: str) -> None:
        (line,) = [number for number, line in enumerate(text.splitlines(), 1) if "HERE" in line]
        assert only(text).excerpt(line) is None

    def test_lines_around_params_are_shown(self) -> None:
        document = only("name: a\nparams:\n  - {name: x}\nversion: b\nreviewers:\n  - alice\n")
        assert [document.excerpt(line) for line in (1, 4, 5, 6)] == ["name: a", "version: b", "reviewers:", "  - alice"]

    def test_a_long_line_is_cut(self) -> None:
        assert len(only("a: " + "x" * 1000).excerpt(1) or "") == 160

    @pytest.mark.parametrize("line", [0, 3, -1])
    def test_a_line_that_is_not_there_has_none(self, line: int) -> None:
        assert only("a: 1\n").excerpt(line) is None


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    documents, found = parse(data, "f.yaml")
    assert all(d.position(("a", 0)).line >= 1 for d in documents)
    assert all(d.at and d.at.line >= 1 and d.at.column >= 1 for d in found)


YAML_ISH = st.lists(
    st.sampled_from(
        [*"[]{}:,-?!&*|>'\"%@`#\\ \t\n", "a", "1", "---", "...", "\n- ", ": ", "<<", "\u2028", "é", "\\x", "!!"]
    ),
    max_size=60,
).map("".join)


@given(YAML_ISH | st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    """Neither where it is read nor where anything in it is pointed to."""
    documents, _ = parse(text.encode("utf-8", "surrogatepass"), "f.yaml")
    for document in documents:
        assert all(document.position(path).line >= 1 for path in paths(document.data))


def paths(data: Any, path: yaml_source.Path = ()) -> Iterator[yaml_source.Path]:
    """Of every part."""
    yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in entries:
        yield from paths(value, (*path, step))


def places(node: yaml.Node, mark: yaml.Mark | None = None) -> Iterator[tuple[int, int]]:
    """Of every part, by another way: from nodes that were composed with all of the file."""
    at = mark or node.start_mark
    yield at.line + 1, at.column + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from places(value, key.start_mark)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from places(value)


TEXT = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters="\0\x7f"), max_size=9)
JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(JSON_LIKE)
def test_json_means_what_json_says(data: Any) -> None:
    documents, found = parse(json.dumps(data).encode(), "f.yaml")
    assert found == ()
    assert [d.data for d in documents] == ([] if data is None else [data])


@given(
    st.lists(JSON_LIKE, min_size=1, max_size=4),
    st.sampled_from([None, True, False]),
    st.integers(2, 6),
    st.sampled_from(["", "# a comment\n", "\n\n"]),
)
def test_every_position_is_that_in_the_whole_file(
    documents: list[Any], flow: bool | None, indent: int, between: str
) -> None:
    dumped = [
        yaml.safe_dump(one, default_flow_style=flow, indent=indent, allow_unicode=True, sort_keys=False)
        for one in documents
    ]
    text = between.join(f"---{' ' if flow else chr(10)}{one}" for one in dumped)
    found = [
        (at.line, at.column)
        for document in parse(text.encode(), "f.yaml")[0]
        for at in map(document.position, paths(document.data))
    ]
    nodes = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node.tag != "tag:yaml.org,2002:null"]
    assert found == [place for node in nodes for place in places(node)]


@pytest.mark.parametrize("line", ["description:now", "description:\u00a0now"])
def test_a_colon_without_a_space_is_shown_on_its_own_line(line: str) -> None:
    _, (found,) = parse(f"name: a\n{line}\nversion: 1.0\n".encode(), "f.yaml")
    assert found.at is not None
    assert (found.at.line, found.at.column) == (2, 1)
    assert "not `key: value`" in found.message
