"""A stand-in for GitHub's `gh`: as much of it as the pipelines here use, on the state of `tests.support.actions`.

Lists come in pages of two, so that whoever looks at the first page only is found out. A token says what it may do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

import jq

GITHUB = Path(os.environ["FAKE_GITHUB"])
AUTHOR = {"login": "github-actions[bot]"}
PAGE = 2


def fail(why: str) -> NoReturn:
    sys.exit(f"gh: {why}")


def need(permission: str, level: str = "read") -> None:
    """Ends the run where the token may not do that, as GitHub does."""
    if not os.environ.get("GH_TOKEN"):
        fail("set the GH_TOKEN environment variable")
    permissions = json.loads(os.environ["GH_TOKEN"])
    if permissions.get(permission) not in (level, "write"):
        fail(f"HTTP 403: resource not accessible by integration: {permission}: {level}")


class Api:
    """`gh api`: the requests that the pipelines make."""

    def __init__(self, state: dict[str, Any], fields: dict[str, str]) -> None:
        self._state, self._fields = state, fields

    def request(self, method: str, address: str) -> Any:
        """A list, of which the caller makes pages, or an object."""
        url = urlsplit(address)
        query = dict(parse_qsl(url.query))
        _, _, _, *rest = url.path.split("/")
        match method, rest:
            case "GET", ["issues", number, "comments"]:
                need("pull-requests")
                return [c for c in self._state["comments"] if c["issue"] == int(number)]
            case "POST", ["issues", number, "comments"]:
                need("pull-requests", "write")
                comment = {"id": len(self._state["comments"]) + 1, "issue": int(number), "user": AUTHOR}
                self._state["comments"].append(comment | self._fields)
                return comment
            case "PATCH", ["issues", "comments", number]:
                need("pull-requests", "write")
                (comment,) = (c for c in self._state["comments"] if c["id"] == int(number))
                comment.update(self._fields)
                return comment
            case "GET", ["commits", sha, "pulls"]:
                need("pull-requests")
                return [pull for pull in self._state["pulls"] if sha in pull["commits"]]
            case "GET", ["actions", "workflows", file, "runs"]:
                need("actions")
                wanted = {key: query[key] for key in ("event", "status", "head_sha")}
                runs = [run for run in self._state["runs"] if run["path"] == f".github/workflows/{file}"]
                return {"workflow_runs": [run for run in runs if wanted.items() <= run.items()]}
            case "GET", ["issues"]:
                need("issues")
                return [issue for issue in self._state["issues"] if issue["state"] == query["state"]]
        fail(f"HTTP 404: {method} {address}")


def api(state: dict[str, Any], arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--method")
    parser.add_argument("--jq", default=".")
    parser.add_argument("--field", action="append", default=[])
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--silent", action="store_true")
    given = parser.parse_args(arguments)
    fields = dict(text.split("=", 1) for text in given.field)
    fields = {name: Path(value[1:]).read_text("utf-8") if value[0] == "@" else value for name, value in fields.items()}
    found = Api(state, fields).request(given.method or ("POST" if fields else "GET"), given.path)
    pages = (
        [found[start : start + PAGE] for start in range(0, len(found), PAGE)] if isinstance(found, list) else [found]
    )
    for page in pages or [[]] if given.paginate else (pages or [[]])[:1]:
        for result in jq.compile(given.jq).input_value(page):
            if not given.silent:
                sys.stdout.write((result if isinstance(result, str) else json.dumps(result)) + "\n")


def run(_: dict[str, Any], arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["download"])
    parser.add_argument("number")
    parser.add_argument("--repo", required=True)
    parser.add_argument("--name")
    parser.add_argument("--dir")
    given = parser.parse_args(arguments)
    need("actions")
    artifact = GITHUB / "artifacts" / given.number / given.name
    if not artifact.exists():
        fail("no artifact matches any of the names or patterns provided")
    shutil.copytree(artifact, given.dir, dirs_exist_ok=True)


def issue(state: dict[str, Any], arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["create", "edit", "close"])
    parser.add_argument("number", nargs="?", type=int)
    for option in ("--title", "--body-file", "--comment"):
        parser.add_argument(option)
    given = parser.parse_args(arguments)
    need("issues", "write")
    if not os.environ.get("GH_REPO"):
        fail("set GH_REPO")
    body = {"body": Path(given.body_file).read_text("utf-8")} if given.body_file else {}
    if given.verb == "create":
        number = len(state["issues"]) + 1
        state["issues"].append({"number": number, "state": "open", "user": AUTHOR, "title": given.title, **body})
        return
    (found,) = (one for one in state["issues"] if one["number"] == given.number)
    found.update(body)
    if given.verb == "close":
        found.update(state="closed", comment=given.comment)


def main(arguments: list[str]) -> None:
    if secret := next((name for name in os.environ if name.startswith("HUAWEICLOUD_")), None):
        fail(f"{secret} is none of my business")
    state = json.loads((GITHUB / "state.json").read_text("utf-8"))
    verbs: dict[str, Callable[[dict[str, Any], list[str]], None]] = {"api": api, "run": run, "issue": issue}
    verbs[arguments[0]](state, arguments[1:])
    state["calls"].append(arguments)
    (GITHUB / "state.json").write_text(json.dumps(state), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
