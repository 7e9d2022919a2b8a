"""A script, desired or live: its records and closed sets of values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cocsync.model.content import Content
from cocsync.model.secret import Secret


class ScriptType(StrEnum):
    SHELL = "SHELL"
    PYTHON = "PYTHON"
    BAT = "BAT"


SUFFIXES = {".sh": ScriptType.SHELL, ".py": ScriptType.PYTHON, ".bat": ScriptType.BAT}


class RiskLevel(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class Status(StrEnum):
    """Review states that COC documents. A live status is kept as COC spells it, also where it is none of these."""

    PENDING_APPROVE = "PENDING_APPROVE"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class NotificationChannel(StrEnum):
    """How reviewers are notified."""

    DEFAULT = "DEFAULT"
    SMS = "SMS"
    EMAIL = "EMAIL"
    DING_TALK = "DING_TALK"
    WE_LINK = "WE_LINK"
    WECHAT = "WECHAT"
    CALLNOTIFY = "CALLNOTIFY"
    NOT_TO_NOTIFY = "NOT_TO_NOTIFY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """An IAM user. `id` may be empty: then the name decides who is meant."""

    name: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSource:
    """Where a sensitive value comes from. `value` is None where it is not available here."""

    ref: str
    """`env:NAME` or `file:PATH`: what may be printed."""
    version: str = ""
    value: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A positional parameter with its default. Of a sensitive one `value` is empty and `source` says the rest."""

    name: str
    value: str = ""
    description: str = ""
    sensitive: bool = False
    source: ValueSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a script is, desired or live. `description` is without mark. `protocol` is "" where nobody says it.

    `type`, `risk_level` and `protocol` are plain strings: a live value may be one that this version does not know.
    """

    name: str
    type: str
    description: str
    content: Content
    risk_level: str
    version: str
    reviewers: tuple[Reviewer, ...] = ()
    protocol: str = ""
    params: tuple[Param, ...] = ()

    @property
    def sensitive_params(self) -> tuple[Param, ...]:
        return tuple(p for p in self.params if p.sensitive)

    @property
    def sensitive_names(self) -> frozenset[str]:
        """The names of its sensitive params."""
        return frozenset(param.name for param in self.sensitive_params)
