"""A stand-in for curl and the GitLab behind it: as much as pipelines use, on the state of `tests.support.gitlab`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

GITLAB = Path(os.environ["FAKE_GITLAB"])
AUTHOR = {"id": 7}


def fields(given: argparse.Namespace) -> dict[str, str]:
    """The fields of the body; `NAME@FILE` of --data-urlencode takes a file's text."""
    found = dict(text.split("=", 1) for text in given.data)
    for text in given.data_urlencode:
        name, sign, value = text.partition("=")
        if not sign:
            name, _, file = text.partition("@")
            value = Path(file).read_text("utf-8")
        found[name] = value
    return found


def read(state: dict[str, Any], path: list[str], query: dict[str, str]) -> Any:
    """What GitLab answers to a GET; a path where it is a file, None where there is nothing."""
    match path:
        case ["merge_requests", iid, "notes"]:
            found: Any = [note for note in state["notes"] if note["noteable_iid"] == int(iid)]
        case ["repository", "commits", sha, "merge_requests"]:
            found = [one for one in state["merge_requests"] if sha in one["commits"]]
        case ["merge_requests", iid, "pipelines"]:
            found = [one for one in state["pipelines"] if one["merge_request"] == int(iid)]
        case ["pipelines", number, "jobs"]:
            wanted = {"pipeline": int(number), "status": query["scope[]"]}
            found = [job for job in state["jobs"] if wanted.items() <= job.items()]
        case ["jobs", number, "artifacts", *file]:
            found = GITLAB / "artifacts" / number / Path(*file)
        case ["issues"]:
            found = [issue for issue in state["issues"] if issue["state"] == query["state"]]
        case _:
            found = None
    return found


def write(state: dict[str, Any], method: str, path: list[str], body: dict[str, str]) -> Any:
    """What GitLab answers to a POST or PUT, None where it knows of no such thing."""
    match method, path:
        case "POST", ["merge_requests", iid, "notes"]:
            state["notes"].append({"id": len(state["notes"]) + 1, "noteable_iid": int(iid), "author": AUTHOR, **body})
        case "PUT", ["merge_requests", _, "notes", number]:
            next(note for note in state["notes"] if note["id"] == int(number)).update(body)
        case "POST", ["issues"]:
            new = len(state["issues"]) + 1
            state["issues"].append({"id": 100 + new, "iid": new, "state": "opened", "author": AUTHOR, **body})
        case "PUT", ["issues", number]:
            closed = {"state": "closed"} if body.pop("state_event", "") == "close" else {}
            next(issue for issue in state["issues"] if issue["iid"] == int(number)).update(body | closed)
        case _:
            return None
    return {}


def answer(state: dict[str, Any], method: str, address: str, body: dict[str, str]) -> Any:
    url = urlsplit(address)
    if url.path == "/api/v4/user":
        return AUTHOR
    path = url.path.removeprefix("/api/v4/projects/42/").split("/")
    return read(state, path, dict(parse_qsl(url.query))) if method == "GET" else write(state, method, path, body)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    for flag in ("--fail", "--silent", "--show-error"):
        parser.add_argument(flag, action="store_true", required=True)
    parser.add_argument("--header", required=True)
    parser.add_argument("--request")
    parser.add_argument("--data", action="append", default=[])
    parser.add_argument("--data-urlencode", action="append", default=[])
    parser.add_argument("--output")
    parser.add_argument("url")
    given = parser.parse_args(arguments)
    if given.header != "PRIVATE-TOKEN: token":
        sys.exit("curl: (22) The requested URL returned error: 401")
    body = fields(given)
    state = json.loads((GITLAB / "state.json").read_text("utf-8"))
    method = given.request or ("POST" if body else "GET")
    found = answer(state, method, given.url, body)
    if method != "GET":  # two requests of one pipe run at the same time
        (GITLAB / "state.json").write_text(json.dumps(state), "utf-8")
    if found is None:
        sys.exit("curl: (22) The requested URL returned error: 404")
    if isinstance(found, Path):
        shutil.copy(found, given.output)
    else:
        sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
