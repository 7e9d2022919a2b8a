"""`cocsync init`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cocsync.cli.parts.run import Run, verb
from cocsync.system import storage

_FILES = {
    "cocsync.yaml": "cocsync.yaml",
    "scripts/hello/script.yaml": "script.yaml",
    "scripts/hello/hello.sh": "hello.sh",
    ".github/workflows/plan.yml": "workflows/plan.yml",
    ".github/workflows/apply.yml": "workflows/apply.yml",
    ".github/workflows/drift.yml": "workflows/drift.yml",
}
_LINES_MAX_BYTES = 1 << 20
_LINES = {".gitignore": "gitignore", ".gitattributes": "gitattributes"}


@verb()
@click.option("--owner", help="Name under which this repository owns scripts; the folder's name otherwise.")
def init(run: Run, owner: str | None) -> None:
    """Begin a repository: a project file, one script, schemas for editors, workflows. Overwrites nothing."""
    from cocsync.errors import UsageError

    root = (run.directory or Path.cwd()).resolve()
    name = owner or _owner(root.name)
    if not re.fullmatch(r"[a-z0-9_-]{1,24}", name):
        raise UsageError(f"--owner {name}: use 1 to 24 of a-z, 0-9, `_` and `-`")
    for path, text in _contents(name).items():
        _write_new(run, root / path, path, text)
    for path, template in _LINES.items():
        _add_lines(run, root, path, _template(template))
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
    try:
        _write(path, text.encode(), exclusive=True)
    except FileExistsError:
        run.note(f"  left     {shown}")
    else:
        run.note(f"  created  {shown}")


def _add_lines(run: Run, root: Path, shown: str, lines: str) -> None:
    """Adds the lines that a file lacks; one that cannot be read is left, and that is said."""
    from cocsync.manifests import files

    try:
        before = files.read_file(root, shown, _LINES_MAX_BYTES)
    except files.Unreadable as unreadable:
        if not unreadable.missing:
            run.note(f"  left     {shown}, which {unreadable}")
            return
        before = b""
    there = before.decode("utf-8", "replace").splitlines()
    missing = [line for line in lines.splitlines() if line not in there]
    if not missing:
        run.note(f"  left     {shown}")
        return
    gap = b"" if before.endswith(b"\n") or not before else b"\n"
    _write(root / shown, before + gap + "\n".join(missing).encode() + b"\n")
    run.note(f"  {'extended' if before else 'created'}  {shown}")


def _write(path: Path, data: bytes, *, exclusive: bool = False) -> None:
    """Raises `LocalFailure` where the file cannot be written, FileExistsError where an exclusive one is there."""
    from cocsync.errors import LocalFailure

    try:
        storage.write(path, data, exclusive=exclusive)
    except FileExistsError:
        raise
    except OSError as error:
        raise LocalFailure(f"{path} cannot be written: {error.strerror}") from None
