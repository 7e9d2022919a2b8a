"""Differences that COC itself may have made of what was sent, and the setting that accepts them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from cocsync.diagnostics import Diagnostic, Severity
from cocsync.model.live import Live
from cocsync.model.normalise import EXACT, Form, Normalisation
from cocsync.plan.change import FieldChange

WORDS = {
    Form.LINE_ENDS: "line ends",
    Form.FINAL_NEWLINE: "the last line end",
    Form.UNICODE: "Unicode form",
}
_NAMES_SHOWN = 5


def forms_of(fields: Iterable[FieldChange]) -> Normalisation:
    """The forms in which alone all the fields differ; none where one of them differs in more."""
    found = [field.forms for field in fields]
    return Normalisation.of(name for forms in found for name in forms) if all(found) else EXACT


def only_forms(fields: Iterable[FieldChange], declared: Normalisation) -> str:
    """The reason for a difference that an edit or COC itself made, which look the same; empty where there is more."""
    forms = forms_of(fields)
    if not forms:
        return ""
    return (
        f"differs from what cocsync wrote only in {_words(forms)}: changed in COC by hand, or kept so by COC itself; "
        f"if COC does it, set `{setting(forms | declared)}` for this target in cocsync.yaml"
    )


def setting(forms: Normalisation) -> str:
    """The line for the target in the project file."""
    return f"normalises: [{', '.join(forms.names)}]"


def kept_otherwise(lives: Iterable[Live], declared: Normalisation) -> tuple[Diagnostic, ...]:
    """One note on the scripts of which COC keeps another form than was sent."""
    found = [live for live in lives if live.kept_as]
    if not found:
        return ()
    forms = Normalisation(forms=frozenset().union(*(live.kept_as.forms for live in found)))
    names = ", ".join(live.name for live in found[:_NAMES_SHOWN])
    more = f" and {len(found) - _NAMES_SHOWN} more" if len(found) > _NAMES_SHOWN else ""
    message = (
        f"COC changed {_words(forms)} of {names}{more} when cocsync wrote that, which counts as equal on this machine: "
        f"set `{setting(forms | declared)}` for this target in cocsync.yaml, so that every run knows it"
    )
    return (Diagnostic(severity=Severity.NOTE, code="normalised", message=message),)


def _words(forms: Normalisation) -> str:
    return " and ".join(WORDS[Form(name)] for name in forms.names)
