"""Where a run's reports go, and how each is to look there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cocsync.cli.parts.run import Run, say
from cocsync.engine.workspace import find_root
from cocsync.errors import LocalFailure, unforeseen
from cocsync.report.registry import render
from cocsync.report.terminal import PLAIN
from cocsync.report.view import COMMENT_BUDGET, STEP_SUMMARY_BUDGET
from cocsync.system import storage

if TYPE_CHECKING:
    from cocsync.report.view import View


def emit(run: Run, record: object, *, summary: bool = False, unmanaged: bool = False) -> None:
    """Writes the record in every wanted format. `summary` and `unmanaged` are those of `View`.

    Raises `LocalFailure` where one cannot be made or written, after the others are.
    """
    failed: list[str] = []
    for name, path in run.outputs:
        try:
            text = render(record, name, replace(_view(run, path), summary=summary, unmanaged=unmanaged))
            if path is None:
                say(text, nl=False)
            else:
                storage.write_named(path, text.encode("utf-8", "backslashreplace"))
        except LocalFailure as error:
            failed.append(str(error))
        except OSError as error:
            failed.append(f"the report {path} cannot be written: {error.strerror}")
        except Exception as error:  # noqa: BLE001 - the other reports are written all the same
            failed.append(f"the report {name} cannot be made: {unforeseen(error)}")
    if failed:
        raise LocalFailure("; ".join(failed))


def _view(run: Run, path: Path | None) -> View:
    return replace(
        run.view,
        style=run.view.style if path is None else PLAIN,
        folder=_folder(run),
        budget=STEP_SUMMARY_BUDGET if _is_step_summary(run, path) else COMMENT_BUDGET,
    )


def _folder(run: Run) -> str:
    """The folder of the project file in its Git repository, with `/` at the end; empty where it is the same."""
    root = find_root(run.directory)
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return "" if top == root else f"{root.relative_to(top).as_posix()}/"


def _is_step_summary(run: Run, path: Path | None) -> bool:
    summary = run.environ.get("GITHUB_STEP_SUMMARY")
    return bool(path and summary) and path == Path(str(summary))
