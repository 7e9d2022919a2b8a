"""A script as COC keeps it, and the one table of what its fields are called, allowed and compared by.

Everything that must agree about fields (limits, schema tests, wire, diff, digest, export, read-back) reads `FIELDS`.
Limits come from the API reference 4.2.1 (create) and 4.2.4 (modify); all lengths count UTF-16 code units, as COC does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cocsync.model.content import Content
from cocsync.model.script import NotificationChannel, Param, Reviewer, RiskLevel, Script, ScriptType


def utf16_length(text: str) -> int:
    """Length as COC counts it: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Comparison(Enum):
    """How a field is compared, and so how a difference in it is shown."""

    TEXT = "text"
    CONTENT = "content"
    REVIEWERS = "reviewers"
    PARAMS = "params"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a script."""

    key: str
    """Attribute of `Script`, key in the manifest and path in every report."""
    wire: tuple[str, ...]
    """Path in COC's JSON."""
    comparison: Comparison = Comparison.TEXT
    digested: bool = True
    """Part of the mark's digest. The set of digested fields belongs to the mark's format."""
    always_shown: bool = True
    """COC returns it whenever it is set; else absence there means nothing."""
    modifiable: bool = True
    """A PUT can change it; else a change is a replace."""
    ignorable: bool = False
    """A manifest may leave it out of the comparison: COC may force it, and it is not what the script does."""
    max_length: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()
    default: str = ""
    """What COC takes where the field is absent: an absent value equals this one."""

    def of(self, script: Script) -> Any:
        return getattr(script, self.key)


NAME_PATTERN = r"^[A-Za-z0-9_\u4E00-\u9FA5-]+$"
"""API reference 4.2.1 has letters, digits and `_`; later definitions add U+4E00-9FA5; `-` is live but undocumented."""

PARAM_NAME_PATTERN = r"^[A-Za-z0-9_]+$"

PARAM_VALUE_PATTERN = r'^((?!\.{2,})[a-zA-Z0-9_\-\/\.\*\x20\?:",=+@\\\[\{\]\}#])*$'
"""API reference 4.2.1, as the later definitions print it intact, and `#`, which their newest text adds."""

NAME_MAX = 64

DESCRIPTION_MAX = 256

MARK_MAX = 68
"""The longest mark with the space before it; see docs/mark.md."""

MANIFEST_DESCRIPTION_MAX = DESCRIPTION_MAX - MARK_MAX

CONTENT_MAX_BYTES = 102_400
"""Of a create (UTF-8 bytes); some sites and every modify document `CONTENT_SAFE_LENGTH` only."""

CONTENT_SAFE_LENGTH = 4096

PARAM_NAME_MAX = 64

PARAM_VALUE_MAX = 4096

PARAM_VALUE_SAFE_LENGTH = 1024

PARAM_DESCRIPTION_MAX = 256

REVIEWER_NAME_MAX = 64

REVIEWER_ID_MAX = 32

FIELDS: tuple[Field, ...] = (
    Field(key="name", wire=("name",), modifiable=False, max_length=NAME_MAX, pattern=NAME_PATTERN),
    Field(key="type", wire=("type",), modifiable=False, values=tuple(ScriptType)),
    Field(key="description", wire=("description",), max_length=MANIFEST_DESCRIPTION_MAX, ignorable=True),
    Field(key="content", wire=("content",), comparison=Comparison.CONTENT),
    Field(key="risk_level", wire=("properties", "risk_level"), values=tuple(RiskLevel)),
    Field(key="version", wire=("properties", "version"), max_length=10, ignorable=True),
    Field(
        key="reviewers", wire=("properties", "reviewers"), comparison=Comparison.REVIEWERS, max_items=5, ignorable=True
    ),
    Field(
        key="protocol",
        wire=("properties", "protocol"),
        digested=False,
        always_shown=False,
        values=tuple(NotificationChannel),
        ignorable=True,
        default=NotificationChannel.DEFAULT,
    ),
    Field(key="params", wire=("script_params",), comparison=Comparison.PARAMS, max_items=20),
)

FIELD: dict[str, Field] = {f.key: f for f in FIELDS}
PROTOCOL = FIELD["protocol"]


def _same_reviewers(a: tuple[Reviewer, ...], b: tuple[Reviewer, ...]) -> bool:
    """Whether reviewers are equal as sets, by id where both sides have one, else by name."""

    def covered(some: tuple[Reviewer, ...], others: tuple[Reviewer, ...]) -> bool:
        return all(any(o.id == r.id if o.id and r.id else o.name == r.name for o in others) for r in some)

    return covered(a, b) and covered(b, a)


def _same_params(a: tuple[Param, ...], b: tuple[Param, ...]) -> bool:
    def visible(params: tuple[Param, ...]) -> list[tuple[str, str, str, bool]]:
        return [visible_param(p) for p in params]

    return visible(a) == visible(b)


def visible_param(param: Param) -> tuple[str, str, str, bool]:
    """What COC shows of a param: name, value ("" if sensitive), description, sensitive."""
    return param.name, "" if param.sensitive else param.value, param.description, param.sensitive


_SAME: dict[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.TEXT: str.__eq__,
    Comparison.CONTENT: Content.__eq__,
    Comparison.REVIEWERS: _same_reviewers,
    Comparison.PARAMS: _same_params,
}


def same(field: Field, a: Script, b: Script) -> bool:
    """Whether the two scripts agree in the field, as far as COC can show it. Sensitive values are not looked at."""
    return same_value(field, field.of(a), field.of(b))


def same_value(field: Field, one: Any, other: Any) -> bool:
    """Whether two values of the field are equal, where an absent one is the field's default."""
    if field.default:
        one, other = one or field.default, other or field.default
    return one is other or _SAME[field.comparison](one, other)
