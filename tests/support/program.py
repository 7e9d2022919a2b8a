"""The installed `cocsync`, run as its users run it: as a process, at a terminal, or in this process if that will do."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from unittest import mock

import jsonschema

from cocsync.system import state
from tests.support import canary, children

EXECUTABLE = Path(sys.executable).with_name("cocsync")
SCHEMAS = Path(__file__).parents[2] / "schemas"

_KEPT = ("PATH", "SYSTEMROOT", "TMPDIR", "LD_LIBRARY_PATH", "COVERAGE_", "COV_")
"""What a process needs from our own environment; everything else could change what it does."""


def report(kind: str, text: str) -> Any:
    """A JSON report, which is valid by its published schema."""
    found = json.loads(text)
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(found)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A run that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What is on stdout, as JSON."""
        return json.loads(self.out)

    def report(self, kind: str) -> Any:
        """The JSON report on stdout, which is valid by its published schema."""
        return report(kind, self.out)

    @property
    def last_line(self) -> str:
        return self.out.rstrip("\n").rpartition("\n")[2]


class Program:
    """Runs the command line in `folder` with a bare environment and `environ` over it.

    No result is handed out in which a planted value shows, nor one with a traceback.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
        self.environ |= {"HOME": str(home), "LANG": "C.UTF-8"}

    def memory(self, root: Path | None = None) -> Path:
        """The folder for what is remembered of a repository, of ours where none is given."""
        return state.memory(self.environ, Path(self.environ["HOME"]), root or self.folder)

    def __call__(self, *arguments: str, folder: Path | None = None, stdin: str = "", **environ: str) -> Done:
        """The run as a process of its own. Its stdin is no terminal."""
        done = children.run(
            [EXECUTABLE, *arguments],
            cwd=folder or self.folder,
            env=self.environ | environ,
            input=stdin.encode(),
            capture_output=True,
        )
        return _done(done.returncode, done.stdout, done.stderr)

    def here(self, *arguments: str, folder: Path | None = None, **environ: str) -> Done:
        """The same in this process, which is ten times as fast: for what does not depend on being a process."""
        from cocsync.cli.main import main

        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with (
            mock.patch.dict(os.environ, self.environ | environ, clear=True),
            mock.patch.object(sys, "argv", ["cocsync", *arguments]),
            mock.patch.object(sys, "stdin", io.StringIO()),
            contextlib.chdir(folder or self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            _signals_kept(),
        ):
            try:
                main()
                code: Any = 0
            except SystemExit as exit_:
                code = exit_.code
        return _done(int(code or 0), _bytes(out), _bytes(err))

    @contextlib.contextmanager
    def running(self, *arguments: str, **environ: str) -> Iterator[Running]:
        """The run while it goes on; ended at the latest with the block."""
        process = subprocess.Popen(
            [EXECUTABLE, *arguments],
            cwd=self.folder,
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with process:
            try:
                yield Running(process)
            finally:
                children.end(process)

    def on_terminal(
        self, *arguments: str, folder: Path | None = None, answer: str = "", prompt: str = "", **environ: str
    ) -> Done:
        """The run at a terminal of 80 columns, where `answer` is typed once `prompt` shows; stderr is in `out`."""
        import fcntl
        import pty
        import termios

        master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        process = subprocess.Popen(
            [EXECUTABLE, *arguments],
            cwd=folder or self.folder,
            env=self.environ | {"TERM": "xterm-256color"} | environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - so that ^C is Ctrl-C
        )
        os.close(slave)
        shown = b""
        deadline = time.monotonic() + children.SECONDS
        with process:
            try:
                while part := _part(master, deadline):
                    shown += part
                    if answer and prompt.encode() in shown:
                        os.write(master, answer.encode())
                        answer = ""
                process.wait(children.SECONDS)
            finally:
                children.end(process)
                os.close(master)
        return _done(process.returncode, shown, b"")


class Running:
    """A run that goes on. `wait` ends it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._read = {process.stdout: b"", process.stderr: b""}
        self._seen = {process.stdout: 0, process.stderr: 0}

    def await_line(self, text: str, *, on_stderr: bool = True) -> str:
        """The next line that holds the text. Raises AssertionError where none comes in time."""
        stream = self._process.stderr if on_stderr else self._process.stdout
        assert stream is not None
        deadline = time.monotonic() + children.SECONDS
        while line := self._next_line(stream, deadline):
            if text.encode() in line:
                return line.decode()
        raise AssertionError(f"{text!r} was never printed; printed was {self._read[stream]!r}")

    def _next_line(self, stream: IO[bytes], deadline: float) -> bytes:
        """Read past the stream's own buffer, of which `communicate` knows nothing. Empty at the end."""
        start = self._seen[stream]
        while (end := self._read[stream].find(b"\n", start) + 1) == 0:
            part = _part(stream.fileno(), deadline)
            self._read[stream] += part
            if not part:
                end = len(self._read[stream])
                break
        self._seen[stream] = end
        return self._read[stream][start:end]

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> Done:
        """Waits for its end. Raises subprocess.TimeoutExpired where that does not come in time."""
        out, err = self._process.communicate(timeout=children.SECONDS)
        return _done(
            self._process.returncode, self._read[self._process.stdout] + out, self._read[self._process.stderr] + err
        )


def _part(descriptor: int, deadline: float) -> bytes:
    """What can be read next, empty at the end. Raises AssertionError where nothing comes before the deadline."""
    ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
    assert ready, "nothing was printed for too long"
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux ends a terminal without a program with EIO
        return b""


def _done(code: int, out: bytes, err: bytes) -> Done:
    assert not canary.is_in(out), "a sensitive value is on stdout"
    assert not canary.is_in(err), "a sensitive value is on stderr"
    assert b"Traceback" not in err, err.decode(errors="replace")
    return Done(code=code, out=out.decode("utf-8"), err=err.decode("utf-8"))


def _bytes(stream: io.TextIOWrapper) -> bytes:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
