"""`cocsync render`."""

from __future__ import annotations

import click

from cocsync.cli.common import Run, say, verb


@verb()
@click.argument("name", required=False)
def render(run: Run, *, name: str | None) -> None:
    """Print what the target gets: each manifest, or NAME's, with defaults and overrides merged in. Offline."""
    from cocsync.cli.planning import read_desired
    from cocsync.cli.session import open_session
    from cocsync.errors import UsageError
    from cocsync.exporter import render as render_manifest

    session = open_session(run)
    manifests = [m for m in read_desired(session).manifests if name in (None, m.name)]
    if not manifests:
        what = f"manifest {name}" if name else "manifest"
        raise UsageError(f"there is no {what} for target {session.target.name}")
    say("".join(render_manifest(manifest) for manifest in manifests), nl=False)
