"""What proves that this repository had a script: the history of its manifests, and the reports of its own applies.

A script's mark proves nothing: whoever may edit scripts in COC can write one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cocsync.manifests import yaml_source, yaml_text
from cocsync.manifests.files import MANIFEST_SUFFIXES, Unreadable, read_file
from cocsync.model.history import Gap, History
from cocsync.system import git

REPORTS_READ = 500
"""Reports of earlier applies that are looked at for names, newest first."""

_REPORT_MAX = 64 << 20
_NAME = re.compile(r"^name:[ \t]+[\"']?([^\s\"'#]+)", re.MULTILINE)

_PARTIAL = Gap(
    cause="the clone lacks files of its history (a partial clone)", fix="clone the repository without `--filter`"
)


def history(root: Path, sources: Iterable[str], reports: str) -> History:
    """Names of scripts that this repository had: in a commit, or applied from this folder.

    `reports` is the folder, relative to `root`, of the JSON reports of earlier applies. They count only where git says
    that it tracks none of them, and where no link leads to them: what is in a commit says what its author likes.
    """
    applied = _names_applied(root, reports)
    if gap := git.gap(root):
        return History(names=applied, gap=gap)
    try:
        return History(names=applied | _names_committed(root, sources))
    except LookupError:
        return History(names=applied, gap=_PARTIAL)


def _names_committed(root: Path, sources: Iterable[str]) -> frozenset[str]:
    blobs = git.files_ever(root, sources, MANIFEST_SUFFIXES)
    if blobs is None:
        raise LookupError("git cannot show the history")
    names: set[str] = set()
    for text in git.texts(root, sorted(blobs), yaml_text.MAX_BYTES):
        written = set(_NAME.findall(text))
        if not written or written - names:  # reading each version of a manifest whose name is known takes long
            names.update(_script_names(text))
    return frozenset(names)


def _script_names(text: str) -> Iterator[str]:
    """Names of scripts only: a param has a name, too."""
    for document in yaml_source.parse(text.encode(), "")[0]:
        data = document.data
        if isinstance(data, dict) and data.get("kind") == "Script" and isinstance(data.get("name"), str):
            yield data["name"]


def _names_applied(root: Path, reports: str) -> frozenset[str]:
    """Names of applied scripts, from the reports that are kept beside the repository, as far as they can be read."""
    names: set[str] = set()
    folder = root / reports
    if git.tracks(root, reports) is not False or folder.resolve() != root.resolve() / reports:
        return frozenset()
    newest = sorted(path.name for path in folder.glob("*.json"))[-REPORTS_READ:]
    for name in newest:
        with suppress(Unreadable, ValueError, KeyError, TypeError, RecursionError):
            results = json.loads(read_file(folder, name, _REPORT_MAX))["results"]
            names |= {str(result["name"]) for result in results if result["outcome"] == "applied"}
    return frozenset(names)
