"""A user with keys of all kinds, a COC that keeps what it is sent, and what an attacker commits for them to clone."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import trustme

from cocsync.observe.reading import read
from cocsync.plan.writing import precondition
from cocsync.sim import Request, Response, Simulator
from cocsync.sim.http.server import serve
from tests.engine.test_forged_plan import sealed
from tests.support.canary import is_in, planted
from tests.support.engine import api_for
from tests.support.program import Done, Program
from tests.support.repository import Repository
from tests.system.test_programs import bare_repository, configure, program

KEYS: Mapping[str, Any] = {
    name: planted(name.lower().replace("_", "-"))
    for name in (
        "GH_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "VAULT_TOKEN",
        "HUAWEICLOUD_SDK_AK",
        "HUAWEICLOUD_SDK_SK",
        "COCSYNC_FINGERPRINT_KEY",
    )
}
PROOFS = ("authorization", "x-auth-token")
"""Headers that prove to COC who asks: the one place where an access key or a token belongs."""

APPLY, IMPORT, RESTORE = ("apply", "--yes"), ("import", "nginx"), ("restore", "backup")
VERBS = (("plan",), ("plan", "--prune"), ("drift",), APPLY, IMPORT, RESTORE)


class Recorder(Simulator):
    """A COC that keeps every request."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.sent.append(request)
        return super().handle(request)

    def holds_a_key(self) -> bool:
        bare = [replace(r, headers={k: v for k, v in r.headers.items() if k not in PROOFS}) for r in self.sent]
        return is_in(repr(bare))


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody with keys who runs the program in a checkout. The environment pins the endpoint, `url`."""

    program: Program
    coc: Recorder
    url: str
    files: Path

    def __call__(self, *arguments: str, folder: Path, **environ: Any) -> Done:
        before = self._outside(folder)
        done = self.program(*arguments, folder=folder, **{**KEYS, "COCSYNC_ENDPOINT": self.url, **environ})
        assert self._outside(folder) == before, "something outside the checkout changed"
        assert not self.coc.holds_a_key(), "a key was sent"
        return done

    def _outside(self, folder: Path) -> dict[Path, tuple[object, ...]]:
        checkout = self.files / folder.relative_to(self.files).parts[0]
        own = (checkout, self.files / "home" / ".cache")
        return {
            path: (found.st_mode, found.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path in sorted(self.files.rglob("*"))
            if not any(path.is_relative_to(folder) for folder in own) and (found := path.lstat())
        }


def link(repository: Repository, place: str, to: Path) -> None:
    """A link in place of what is there, which is moved to where it leads."""
    path = repository.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.rename(to)
    path.symlink_to(to)


def booby_trap(theirs: Repository, witness: Path) -> None:
    """Everything that a commit can hold by which a program or a module may be started."""
    theirs.manifest(content="#!/bin/bash\nls $1\n")
    trap = program(theirs.root / "trap.sh", f"env >> {witness}; cat")
    config = theirs.root / "trap.cfg"
    config.write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n")
    configure(config, trap)
    bare_repository(theirs.root, config)
    theirs.write(".gitattributes", "* filter=any diff=any\n")
    for name in ("git", "bash", "shellcheck", "hooks/post-index-change"):
        program(theirs.root / name, f"env >> {witness}")
    for name in ("sitecustomize.py", "usercustomize.py", "yaml.py", "httpx.py", "cocsync/__init__.py"):
        theirs.write(name, f"open({str(witness)!r}, 'a').write({name!r})\n")


def sensitive(source: Mapping[str, str]) -> dict[str, Any]:
    return {"name": "token", "description": "a token", "sensitive": True, "value_from": source}


@contextmanager
def elsewhere(folder: Path) -> Iterator[tuple[Recorder, str]]:
    """The attacker's COC at an address that is not this machine's own, with a certificate that the user trusts."""
    context, authority = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    authority.issue_cert("0.0.0.0").configure_cert(context)
    with Recorder() as coc, serve(coc, tls=context) as server:
        yield coc, server.url.replace("127.0.0.1", "0.0.0.0")


def forged(plan: dict[str, Any], coc: Simulator, kind: str) -> str:
    """A saved plan of an update of `disk_report`, made into something else, with checksum and id."""
    (change,) = plan["changes"]
    action, _, name = kind.partition(" ")
    if action == "junk":
        change["fields"] = [[None, {"a": "\ud800"}]]
        return sealed(plan)
    change["action"] = action
    if action == "delete":
        with api_for(coc, writable=False) as api:
            live = read(api, coc.script(name).uuid)
        assert live is not None
        change |= {"name": name, "uuid": live.uuid, "desired": None, "fields": []}
        change["precondition"] |= {"uuid": live.uuid, "digest": precondition(live, None).digest}
    return sealed({**plan, "summary": {**plan["summary"], "update": 0, action: 1}})
