"""Git as a program: started with a small environment, without a terminal to ask at, and with a time limit."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cocsync.errors import CocsyncError

SECONDS = 60.0
"""How long one command may take, unless the caller says otherwise."""

_STDERR_SHOWN = 400
_PASSED_ON = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "XDG_CONFIG_HOME"),
        *("SSH_AUTH_SOCK", "SSH_ASKPASS", "GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT"),
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
        *("GH_TOKEN", "GITHUB_TOKEN", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    )
)
"""What git, ssh and a credential helper need. Nothing of COC's credentials and of the scripts' values is among it, and
no `GIT_DIR` of a hook that started cocsync."""

_CONFIG_BY_VARIABLE = re.compile(r"GIT_CONFIG_(?:COUNT|KEY_\d+|VALUE_\d+)")
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")

# No maintenance that outlives the command, and nothing of the user's settings that adds to what is pushed or fetched.
_SETTINGS = (
    *("gc.auto=0", "maintenance.auto=false", "push.followTags=false", "push.gpgSign=false"),
    *("push.recurseSubmodules=no", "fetch.recurseSubmodules=no", "fetch.prune=false", "core.hooksPath=/dev/null"),
)


class GitFailed(CocsyncError):
    """A git command could not be started, did not end in time, or failed; what it did may be unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended. `err` is bounded and without user names and passwords of addresses."""

    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.decode("utf-8", "replace").splitlines()


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """Runs git in a folder. `environ` is the whole environment, of which git gets only what it needs."""

    root: Path
    environ: Mapping[str, str]
    seconds: float = SECONDS

    def __call__(self, *arguments: str, data: bytes = b"", identity: Mapping[str, str] | None = None) -> Done:
        """The end of the command, whatever its code. Raises `GitFailed` where it did not start or end in time."""
        settings = (part for setting in _SETTINGS for part in ("-c", setting))
        command = ["git", "-C", str(self.root), *settings, *arguments]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment() | dict(identity or {}),
                start_new_session=True,  # no terminal to ask at, and an interrupt does not cut a push
            )
        except OSError as error:
            raise GitFailed(f"git cannot be started: {error.strerror}. Install git, or correct PATH") from None
        return self._ended(process, arguments[0], data)

    def checked(self, *arguments: str, data: bytes = b"", identity: Mapping[str, str] | None = None) -> Done:
        """As a call, but a code other than 0 raises `GitFailed` with what git wrote."""
        done = self(*arguments, data=data, identity=identity)
        if done.code:
            raise GitFailed(f"git {arguments[0]} failed: {done.err or f'it ended with {done.code}'}")
        return done

    def _ended(self, process: subprocess.Popen[bytes], verb: str, data: bytes) -> Done:
        try:
            out, err = process.communicate(data, timeout=self.seconds)
        except subprocess.TimeoutExpired:
            raise GitFailed(f"git {verb} did not end within {self.seconds:g} seconds: try again") from None
        finally:
            _end(process)
        return Done(code=process.returncode, out=out, err=shown(err.decode("utf-8", "replace")))

    def _environment(self) -> dict[str, str]:
        kept = {n: v for n, v in self.environ.items() if n in _PASSED_ON or _CONFIG_BY_VARIABLE.fullmatch(n)}
        return kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def shown(text: str) -> str:
    """What git wrote, fit for a message: one bounded line, without user names and passwords of addresses."""
    line = " ".join(_USER_INFO.sub("", text).split())
    return line if len(line) <= _STDERR_SHOWN else f"{line[:_STDERR_SHOWN]}..."


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a command that still runs, with the programs that it started."""
    if process.poll() is not None:
        return
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
