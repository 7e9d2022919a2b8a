"""An import for people: what was written, what was left, and what is to be provided. Pure."""

from __future__ import annotations

from cocsync.export.record import Import
from cocsync.report.terminal import escaped
from cocsync.report.view import View


def import_text(made: Import, _view: View) -> str:
    """A line a script, the sensitive values to provide, and as the last line how many there are and what is next."""
    cut = "  (its description was too long for the mark, and is cut)"
    lines = [f"  + imported  {escaped(script.folder)}{cut if script.cut else ''}" for script in made.imported]
    lines += [f"  ~ updated  {escaped(one.name)}" for one in made.updated if not one.why_not]
    lines += [f"  ! left  {escaped(one.name)} {one.why_not}" for one in made.updated if one.why_not]
    lines += [f"  ! not imported  {escaped(script.name)}: {escaped(script.why)}" for script in made.skipped]
    values = [f"{script.name}[{name}]" for script in made.imported for name in script.sources]
    if values:
        lines += ["", f"Sensitive values to provide (see each `value_from`): {escaped(', '.join(values))}"]
        lines += ['`secrets.env` of cocsync.yaml has to name their variables: `secrets: {env: ["APP_*"]}`']
    updated = sum(not one.why_not for one in made.updated)
    counts = [f"{len(made.imported)} imported", *([f"{updated} updated"] if updated else [])]
    counts += [f"{len(made.left)} left as they are", f"{len(made.skipped)} not possible"]
    lines += ["", f"Import: {', '.join(counts)}. Next: cocsync plan --adopt-all"]
    return "\n".join(lines) + "\n"
