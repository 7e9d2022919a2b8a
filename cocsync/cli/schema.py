"""`cocsync schema`."""

from __future__ import annotations

import click

from cocsync.cli.parts.run import Run, say, verb


@verb()
@click.argument("kind", required=False)
def schema(run: Run, kind: str | None) -> None:  # noqa: ARG001
    """Print the JSON Schema of KIND; without KIND, what kinds there are."""
    from cocsync.errors import UsageError
    from cocsync.manifests import schema as schemas

    if kind is None:
        say("\n".join(schemas.kinds()))
    elif kind in schemas.kinds():
        say(schemas.text(kind), nl=False)
    else:
        raise UsageError(f"no schema `{kind}`: there are {', '.join(schemas.kinds())}")
