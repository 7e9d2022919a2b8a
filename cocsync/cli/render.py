"""`cocsync render`."""

from __future__ import annotations

import click

from cocsync.cli.parts.run import Run, say, verb


@verb()
@click.argument("name", required=False)
def render(run: Run, *, name: str | None) -> None:
    """Print what the target gets: each manifest, or NAME's, with defaults and overrides merged in. Offline."""
    from cocsync.cli.parts.planning import read_desired
    from cocsync.engine.session import open_session
    from cocsync.errors import Refused
    from cocsync.export.manifest import render as render_manifest

    session = open_session(run)
    manifests = [m for m in read_desired(session).manifests if name in (None, m.name)]
    if name is not None and not manifests:
        raise Refused(f"there is no manifest {name} for target {session.target.name}")
    say("".join(render_manifest(manifest) for manifest in manifests), nl=False)
