"""`cocsync init`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cocsync.cli.common import Run, verb

_FILES = {
    "cocsync.yaml": "cocsync.yaml",
    "scripts/hello/script.yaml": "script.yaml",
    "scripts/hello/hello.sh": "hello.sh",
    ".github/workflows/plan.yml": "workflows/plan.yml",
    ".github/workflows/apply.yml": "workflows/apply.yml",
    ".github/workflows/drift.yml": "workflows/drift.yml",
}
_LINES = {".gitignore": "gitignore", ".gitattributes": "gitattributes"}


@verb()
@click.option("--owner", help="Name under which this repository owns scripts; the folder's name otherwise.")
def init(run: Run, owner: str | None) -> None:
    """Begin a repository: a project file, one script, schemas for editors, workflows. Overwrites nothing."""
    from cocsync.errors import LocalFailure, UsageError

    root = (run.directory or Path.cwd()).resolve()
    name = owner or _owner(root.name)
    if not re.fullmatch(r"[a-z0-9_-]{1,24}", name):
        raise UsageError(f"--owner {name}: use 1 to 24 of a-z, 0-9, `_` and `-`")
    try:
        for path, text in _contents(name).items():
            _write_new(run, root / path, path, text)
        for path, template in _LINES.items():
            _add_lines(run, root / path, path, _template(template))
    except OSError as error:
        raise LocalFailure(f"{error.filename} cannot be written: {error.strerror}") from None
    run.note("Next: cocsync validate, cocsync plan, cocsync apply. They use the simulator until you add a target.")


def _contents(owner: str) -> dict[str, str]:
    from cocsync import __version__
    from cocsync.manifests import schema

    filled = {"{owner}": owner, "{version}": __version__}
    files = {path: _filled(_template(name), filled) for path, name in _FILES.items()}
    return files | {f"schemas/{kind}.schema.json": schema.text(kind) for kind in ("project", "manifest")}


def _template(name: str) -> str:
    return (Path(__file__).parent.parent / "templates" / name).read_text(encoding="utf-8")


def _filled(template: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        template = template.replace(placeholder, value)
    return template


def _owner(folder: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", folder.lower()).strip("_")[:24] or "my_team"


def _write_new(run: Run, path: Path, shown: str, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        run.note(f"  left     {shown}")
    else:
        run.note(f"  created  {shown}")


def _add_lines(run: Run, path: Path, shown: str, lines: str) -> None:
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    missing = [line for line in lines.splitlines() if line not in before.splitlines()]
    if not missing:
        run.note(f"  left     {shown}")
        return
    gap = "" if before.endswith("\n") or not before else "\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(gap + "\n".join(missing) + "\n")
    run.note(f"  {'extended' if before else 'created'}  {shown}")
