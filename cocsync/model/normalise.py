"""What a target's COC makes of texts: the forms under which both sides are compared and digested. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from cocsync.model.content import Content
from cocsync.model.script import Param, Reviewer, Script


class Form(StrEnum):
    """A property of a text that COC may change when it stores it."""

    LINE_ENDS = "line_ends"
    FINAL_NEWLINE = "final_newline"
    UNICODE = "unicode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalisation:
    """Forms that do not count. Without any, texts are equal only where their bytes are.

    `line_ends`: CR LF is LF. `unicode`: a text is its normalisation form C. Both concern every text of a script but
    its name. `final_newline`: all line ends at the end of a content are one LF.
    """

    forms: frozenset[Form] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str]) -> Normalisation:
        """The forms of these names. Raises ValueError for a name that is not a form's."""
        return cls(forms=frozenset(map(Form, names)))

    def __bool__(self) -> bool:
        return bool(self.forms)

    def __or__(self, other: Normalisation) -> Normalisation:
        return Normalisation(forms=self.forms | other.forms)

    @property
    def names(self) -> tuple[str, ...]:
        """The forms' names, in the order of `Form`."""
        return tuple(form.value for form in Form if form in self.forms)

    def text(self, text: str) -> str:
        """The text of any field but a content."""
        if Form.UNICODE in self.forms:
            text = unicodedata.normalize("NFC", text)
        return text.replace("\r\n", "\n") if Form.LINE_ENDS in self.forms else text

    def content_text(self, text: str) -> str:
        """The text of a content. One of nothing but line ends is empty under `final_newline`."""
        text = self.text(text)
        if Form.FINAL_NEWLINE not in self.forms:
            return text
        kept = text.rstrip("\r\n")
        return kept and kept + "\n"

    def content(self, content: Content) -> Content:
        """The content; one that was left in its file is left there. Raises `ContentChanged`."""
        return content.changed(self.content_text) if self.forms else content

    def script(self, script: Script) -> Script:
        """The script as it is compared and digested. Sensitive values stay as they are. Raises `ContentChanged`."""
        if not self.forms:
            return script
        return replace(
            script,
            description=self.text(script.description),
            content=self.content(script.content),
            version=self.text(script.version),
            reviewers=tuple(map(self._reviewer, script.reviewers)),
            params=tuple(map(self._param, script.params)),
        )

    def _reviewer(self, reviewer: Reviewer) -> Reviewer:
        return replace(reviewer, name=self.text(reviewer.name))

    def _param(self, param: Param) -> Param:
        return replace(param, value=self.text(param.value), description=self.text(param.description))


EXACT = Normalisation()
"""Every character counts."""


def forms_between(one: str, other: str, *, of_content: bool) -> Normalisation:
    """The fewest forms without which the two texts are equal; none where they are equal, or differ in more.

    `of_content`: they are contents, which alone have the form of the last line end.
    """
    possible = [form for form in Form if of_content or form is not Form.FINAL_NEWLINE]
    for count in range(1, len(possible) + 1):
        for forms in combinations(possible, count):
            under = Normalisation(forms=frozenset(forms))
            if one != other and under.content_text(one) == under.content_text(other):
                return under
    return EXACT
