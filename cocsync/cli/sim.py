"""`cocsync sim`: the embedded simulator over a socket, the hand edits of somebody in COC's console, and its hosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cocsync.cli.parts.run import Run, say, verb
from cocsync.engine.feedback import Feedback
from cocsync.engine.simulated import simulator_of
from cocsync.engine.workspace import open_workspace
from cocsync.errors import LocalFailure, UsageError
from cocsync.sim import ConsoleError, InvalidFault, InvalidSetting, Simulator, StorageError


@click.group()
def sim() -> None:
    """Try things out without an account: the simulator of COC that `sim:` targets use."""


@contextmanager
def _simulator(run: Run) -> Iterator[Simulator]:
    """The target's simulator. What it refuses is the user's mistake."""
    simulator = simulator_of(open_workspace(run.place, run.environ, Feedback(note=run.note)))
    try:
        yield simulator
    except (ConsoleError, InvalidSetting, InvalidFault) as error:
        raise UsageError(str(error)) from None
    except StorageError as error:
        raise LocalFailure(str(error)) from None
    finally:
        simulator.close()


@verb()
@click.argument("name")
@click.option("--user", default="console_user", show_default=True, help="Who edits.")
@click.option("--description", help="New description, exactly as given: a mark that is not in it is gone.")
@click.option("--content", help="New content.")
@click.option("--content-file", type=click.Path(path_type=Path), help="New content, from a file.")
@click.option("--append", help="Text to add at the end of the content.")
@click.option("--risk-level", type=click.Choice(["LOW", "MEDIUM", "HIGH"]))
@click.option("--version", "version_", help="New version.")
def edit(run: Run, *, name: str, user: str, content_file: Path | None, append: str | None, **given: Any) -> None:
    """Edit a script by hand, as somebody would in COC's console."""
    fields = {key.rstrip("_"): value for key, value in given.items() if value is not None}
    if content_file:
        try:
            fields["content"] = content_file.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--content-file {content_file}: {error}") from None
    with _simulator(run) as simulator:
        if append:
            fields["content"] = simulator.script(name).content + append + "\n"
        if not fields:
            raise UsageError("nothing to edit: give --description, --content, --append, --risk-level or --version")
        simulator.edit(name, user=user, **fields)
    say(f"{name} edited by {user}")


@verb()
@click.argument("name")
@click.option("--user", default="reviewer", show_default=True, help="Who reviews.")
@click.option("--reject", is_flag=True, help="Reject it.")
def approve(run: Run, *, name: str, user: str, reject: bool) -> None:
    """Approve a script that awaits review, or reject it."""
    with _simulator(run) as simulator:
        simulator.review(name, approve=not reject, user=user)
    say(f"{name} {'rejected' if reject else 'approved'} by {user}")


@verb()
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A switch of the simulator; repeatable.")
def reset(run: Run, *, settings: tuple[str, ...]) -> None:
    """Empty the simulator. With --set it also behaves as given from now on."""
    from cocsync.sim.settings import parse_change

    with _simulator(run) as simulator:
        changes = dict(parse_change(text) for text in settings)
        simulator.reset()
        simulator.configure(**changes)
    say("The simulator is empty.")


@verb()
def hosts(run: Run) -> None:
    """List the hosts of the simulator and what each does with a script."""
    from cocsync.report.terminal import sanitised

    with _simulator(run) as simulator:
        found = simulator.hosts.all()
    rows = [("NAME", "REGION", "OS", "AGENT", "TAGS", "OUTCOME", "SECONDS")]
    for each in sorted(found, key=lambda host: (host.region_id, host.name)):
        tags = ",".join(f"{key}={value}" for key, value in each.tags.items())
        state = each.agent_state or "-"
        rows.append((each.name, each.region_id, each.os, state, tags, each.outcome, f"{each.seconds:g}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        say(sanitised("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()))


@verb()
@click.argument("name")
@click.option("--outcome", type=click.Choice(["ok", "fail", "hang", "offline"]), help="How a script ends on it.")
@click.option("--log", help="What a script prints on it.")
@click.option("--seconds", type=click.FloatRange(min=0), help="How long a script takes on it.")
def host(run: Run, *, name: str, **given: Any) -> None:
    """Decide what a host of the simulator does with a script: NAME is its name or its resource id."""
    changes = {key: value for key, value in given.items() if value is not None}
    if not changes:
        raise UsageError("nothing to change: give --outcome, --log or --seconds")
    with _simulator(run) as simulator:
        simulator.hosts.change(name, **changes)
    say(f"{name} changed")


@verb()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; everybody who reaches it can use the simulator.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8642, show_default=True, help="0 for any free one.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A switch of the simulator; repeatable.")
@click.option("--fault", "faults", multiple=True, metavar="FAULT", help="A fault to inject; repeatable.")
@click.option("--control", is_flag=True, help="Also answer the control API below /_sim/.")
def serve(run: Run, *, host: str, port: int, settings: tuple[str, ...], faults: tuple[str, ...], control: bool) -> None:
    """Serve the simulator over HTTP until interrupted: `cocsync --endpoint http://127.0.0.1:8642 plan` talks to it."""
    from cocsync.sim.http.server import serve as serve_simulator
    from cocsync.sim.settings import parse_change

    with _simulator(run) as simulator:
        simulator.configure(**dict(parse_change(text) for text in settings))
        simulator.inject(*faults)
        try:
            server = serve_simulator(simulator, host, port, with_control=control)
        except OSError as error:
            raise UsageError(f"cannot listen at {host}:{port}: {error.strerror}") from None
        with server:
            say(f"Serving the simulator at {server.url}; interrupt to stop.")
            server.wait()


for command in (serve, edit, approve, reset, hosts, host):
    sim.add_command(command)
