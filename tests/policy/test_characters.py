"""The first line, and characters that make a script look otherwise than it runs."""

from __future__ import annotations

import pytest

from cocsync.policy import characters
from cocsync.policy.rules import Finding
from tests.policy.samples import lines, reading, rules


class TestShebang:
    @pytest.mark.parametrize(
        ("kind", "first"),
        [
            *(("SHELL", f"#!{line}") for line in ("/bin/sh", "/bin/bash -eu", "/usr/bin/env bash", " /bin/dash", "sh")),
            ("SHELL", "#!/usr/bin/env -S LANG=C bash -x"),
            ("SHELL", "#!/bin/busybox sh"),
            ("SHELL", "echo '#!/usr/bin/perl'"),
            ("PYTHON", "#!/usr/bin/env python3"),
            ("PYTHON", "#!/usr/bin/python3.11 -u"),
            ("PYTHON", "#!/opt/pypy3"),
            ("PYTHON", "import sys"),
            ("BAT", "@echo off"),
        ],
    )
    def test_agrees_with_the_type(self, kind: str, first: str) -> None:
        assert rules(characters.find, f"{first}\nx\n", kind) == []

    @pytest.mark.parametrize(
        ("kind", "first"),
        [
            ("SHELL", "#!/usr/bin/python3"),
            ("SHELL", "#!/usr/bin/env perl"),
            ("SHELL", "#!/usr/bin/fish"),
            ("SHELL", "#!"),
            ("SHELL", "#!/usr/bin/env"),
            ("PYTHON", "#!/bin/sh"),
            ("PYTHON", "#!/usr/bin/env bash"),
            ("BAT", "#!/bin/sh"),
        ],
    )
    def test_disagrees_with_the_type(self, kind: str, first: str) -> None:
        (found,) = characters.find(reading(f"{first}\nx\n", kind))
        assert found == Finding(rule="shebang-type", message=found.message, line=1)
        assert kind in found.message

    @pytest.mark.parametrize("kind", ["SHELL", "PYTHON"])
    def test_that_ends_in_crlf_is_found_by_no_system(self, kind: str) -> None:
        first = {"SHELL": "#!/bin/sh", "PYTHON": "#!/usr/bin/env python3"}[kind]
        (found,) = characters.find(reading(f"{first}\r\nx\r\n", kind))
        assert found == Finding(rule="shebang-crlf", message=found.message, line=1, column=len(first) + 1)

    def test_other_lines_may_end_in_crlf(self) -> None:
        assert rules(characters.find, "#!/bin/sh\nx\r\n") == []
        assert rules(characters.find, "x\r\n") == []


class TestBidi:
    @pytest.mark.parametrize("character", [chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))])
    def test_is_found_where_it_stands(self, character: str) -> None:
        (found,) = characters.find(reading(f"echo\nif {character} x", "PYTHON"))
        assert (found.rule, found.line, found.column) == ("bidi-character", 2, 4)
        assert f"U+{ord(character):04X}" in found.message

    def test_once_a_line(self) -> None:
        assert lines(characters.find, "\u202e\u202e\nx\n\u2066 \u2066\n") == [1, 3]


class TestInvisible:
    @pytest.mark.parametrize(
        "character", ["\u200b", "\u200e", "\u2060", "\u00ad", "\u3164", "\U000e0041", "\ufeff", "\u200d"]
    )
    def test_is_found_where_it_stands(self, character: str) -> None:
        (found,) = characters.find(reading(f"pass{character}word=1"))
        assert (found.rule, found.line, found.column) == ("invisible-character", 1, 5)

    @pytest.mark.parametrize("text", ["\ufeffecho", "👩‍👩‍👧", "می‌خواهم", "é ü 重启", "\t\f\r\n", "\u00a0"])
    def test_what_people_write_is_fine(self, text: str) -> None:
        assert rules(characters.find, text) == []
