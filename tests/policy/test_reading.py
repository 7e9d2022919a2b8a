"""A script read once for all rules."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cocsync.policy import params, python_source, shell_redirects, shell_tree
from cocsync.policy.check import evaluate
from cocsync.policy.rules import Policy
from tests.policy.samples import reading, script
from tests.support import builders


def test_a_type_that_is_not_known_has_no_commands() -> None:
    assert reading("rm -rf /", "PERL").commands == ()


def test_the_parser_is_loaded_for_shell_scripts_alone() -> None:
    program = (
        "import sys\n"
        "from cocsync.policy.check import evaluate\nfrom cocsync.policy.rules import Policy\n"
        "from tests.support import builders\n"
        "for kind, text in (('PYTHON', 'import os; os.system(str(1))'), ('BAT', 'dir %1')):\n"
        "    list(evaluate(builders.script(type=kind, content=text), text, Policy(), waived={}))\n"
        "sys.exit('tree_sitter' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("SHELL", "rm -rf /srv;" + "$(" * 3_000 + "rm -rf /" + ")" * 3_000),
        ("SHELL", "rm -rf / " + "{" * 3_000),
        ("SHELL", "bash -c '" * 40 + "rm -rf /" + "'" * 40),
        ("SHELL", "rm -rf / " + "${x:-" * 3_000 + "}" * 3_000),
        ("SHELL", "rm -rf / $((" + "(" * 3_000 + "1" + ")" * 3_000 + "))"),
        ("SHELL", "rm -rf / <<<\nx"),
        ("SHELL", "eval " * 200 + "rm -rf /"),
        ("SHELL", "sudo " * 3_000 + "rm -rf /"),
        ("SHELL", "rm -rf /" + "{a,b}" * 30),
        ("SHELL", "".join(f"f{n}() {{ f{n + 1}; }}\n" for n in range(500)) + "rm -rf /\n"),
        ("SHELL", 'r() { "$@"; }\n' + "r " * 3_000 + "rm -rf /"),
        ("PYTHON", "x" + ".x" * 20_000 + "\nos.system(x)"),
        ("PYTHON", "x = 1\n" + "f(\n" * 300 + "exec(x)"),
        ("PYTHON", "exec(a0)\n" + "".join(f"a{n} = a{n + 1}\n" for n in range(100))),
        ("PYTHON", "x = '\0'\nos.system('x')"),
        ("BAT", "if x " * 3_000 + "del /s /q C:\\"),
        ("BAT", 'cmd /c "' * 50 + "del /s /q C:\\"),
    ],
)
def test_what_is_nested_without_end_is_judged_all_the_same(kind: str, text: str) -> None:
    list(evaluate(script(text, kind), text, Policy(), waived={}))


def test_python_that_cannot_be_read_at_all_is_nothing() -> None:
    assert python_source.parsed("\n".join(f"if x{n}: (" for n in range(100))) is None
    text = "\n".join(f"if argv[{n}]: (" for n in range(100))
    assert reading(text, "PYTHON").commands == ()
    assert list(params.find(reading(text, "PYTHON", params=(builders.param(),)))) == []


def test_a_here_document_that_the_grammar_does_not_make_out_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = shell_tree.Tree("cat x")
    assert shell_tree.here_document(tree, tree.root) is None
    monkeypatch.setattr(shell_redirects, "here_document", lambda *_: None)
    assert [command.name for command in reading("bash <<E\nrm -rf /\nE\n").commands] == ["bash"]
