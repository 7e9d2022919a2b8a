"""What the simulated tenant and service are like: one switch for each thing that nobody knows of the real COC."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from cocsync.sim.faults.script import InvalidFault, parse
from cocsync.sim.switches import CHOICES, Switches

AUTH_MODES = ("none", "token", "aksk", "any")


class InvalidSetting(ValueError):
    """A setting that does not exist, or a value that it cannot have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Switches):
    """All switches of a simulator, with the defaults that the sources make most likely.

    Raises InvalidSetting for a value of the wrong type or outside its choices.
    """

    api_user: str = "cocsync"
    """Name under which the API writes, unless a token or the header `X-Sim-User` names another user."""

    ids_ascending: bool = False
    """Lists run from the oldest script to the newest; published examples show the newest first."""

    modified_null_until_edit: bool = True
    """`gmt_modified` and `operator` are null until the first edit; otherwise they equal time and name of creation."""

    shows_protocol: bool = False
    """`properties.protocol` is returned on reads."""

    pending_shows_previous: bool = False
    """A script that awaits review still shows the version approved last, under the status PENDING_APPROVE."""

    put_clears_omitted: bool = False
    """A modification without params, reviewers or protocol clears them; otherwise it keeps what was there."""

    mask_keeps_value: bool = False
    """The mask of a sensitive value sent back leaves the value as it was; otherwise 17 asterisks are stored."""

    forced_review_levels: tuple[str, ...] = ()
    """Risk levels whose scripts the tenant sends to `forced_reviewers`, whatever the request said."""

    forced_reviewers: tuple[str, ...] = ("tenant_reviewer",)
    """Names that are added to the reviewers of a script with a risk level of `forced_review_levels`."""

    reviewers_only: bool = False
    """A review by somebody who is no reviewer of the script is answered with `false` and changes nothing."""

    review_modifies: bool = False
    """A review moves `gmt_modified` and `operator`."""

    trims_descriptions: bool = False
    """White space around a description is dropped when it is stored."""

    drops_last_newline: bool = False
    """Line ends at the end of a content are dropped when it is stored."""

    stores_lf: bool = False
    """CRLF in a content becomes LF when it is stored."""

    stores_nfc: bool = False
    """Description and content are stored in Unicode's normalisation form C."""

    returns_crlf: bool = False
    """LF in a content becomes CRLF when it is read."""

    sorts_reviewers: bool = False
    """Reviewers come back sorted by name."""

    omits_empty: bool = False
    """Empty lists are absent from answers."""

    numeric_project_ids: bool = False
    """`enterprise_project_id` is a number where it consists of digits."""

    forbidden: tuple[str, ...] = ()
    """Names or uuids of scripts that the caller may see in lists and not read, modify, delete or review: 403."""

    read_lag: int = 0
    """Number of reads (of the script, or of any list page) that still show the state before a write."""

    create_content_bytes: int = 102400
    """Longest content at creation, in bytes of UTF-8."""

    modify_content_units: int = 4096
    """Longest content at modification, in UTF-16 code units."""

    put_params_max: int = 20
    """Most params at modification; the published schema says 5, its text 20."""

    param_value_max: int = 1024
    """Longest param value, in UTF-16 code units; a newer schema says 4096."""

    hash_in_values: bool = False
    """`#` is allowed in a param value."""

    checks_param_order: bool = True
    """`param_order` is required, runs from 1 without a gap and decides the order; otherwise the list's order does."""

    hyphen_in_names: bool = False
    """`-` is allowed in the name of a script created through the API."""

    not_found_status: int = 400
    """HTTP status of an answer about a script that does not exist; 500 in 2023."""

    not_found_code: str = "COC.00040603"
    """Error code of that answer; COC.00040601 and COC.00040604 are known as well."""

    marker_zero_is_first: bool = True
    """Marker 0 asks for the first page; otherwise it is an id like any other, so that descending pages are empty."""

    like_has_wildcards: bool = False
    """`%` and `_` are wildcards in `name_like`."""

    like_ignores_case: bool = True
    """`name_like` ignores the case of ASCII letters."""

    latency: float = 0.0
    """Seconds before every answer."""

    rate_limit: float = 0.0
    """Requests allowed a second; 0 for no limit."""

    rate_burst: int = 20
    """Requests that may come at once under `rate_limit`."""

    retry_after: str = "seconds"
    """Form of `Retry-After` in an answer to too many requests: `seconds`, `date`, `none`, or any text sent as it is."""

    auth: str = "none"
    """What a request must carry: `none`, `token`, `aksk` (a signature), or `any` of the two."""

    access_keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Pairs of access key and secret key that may sign."""

    security_tokens: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Pairs of a temporary access key and the security token that must come with it."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    """Tokens that are valid for ever, beside those that `POST /v3/auth/tokens` gives out."""

    users: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Pairs of user name and password that get a token; with none, every user with a password does."""

    token_lifetime: float = 86400.0
    """Seconds for which a token given out is valid."""

    max_skew: float = 900.0
    """Seconds by which the date of a signed request may differ from the clock."""

    faults: tuple[str, ...] = ()
    """Faults in their text form (see `cocsync.sim.faults.script`), armed when a simulator opens, and on a change."""

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, _checked(each.name, getattr(self, each.name), each.default))
        for name, choices in {"auth": AUTH_MODES, **CHOICES}.items():
            if getattr(self, name) not in choices:
                raise InvalidSetting(f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}")
        try:
            for text in self.faults:
                parse(text)
        except InvalidFault as error:
            raise InvalidSetting(f"faults: {error}") from error

    def changed(self, changes: Mapping[str, object]) -> Settings:
        """These settings with some of them changed."""
        unknown = sorted(changes.keys() - NAMES)
        if unknown:
            raise InvalidSetting(f"there is no setting {unknown[0]!r}; known are: {', '.join(sorted(NAMES))}")
        untyped: dict[str, Any] = dict(changes)
        return replace(self, **untyped)

    def dump(self) -> str:
        """The settings as JSON text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def load(cls, text: str) -> Settings:
        """The settings that `dump` wrote; one that is new since then has its default, one that is gone is dropped."""
        return cls().changed({name: value for name, value in json.loads(text).items() if name in NAMES})


NAMES = frozenset(each.name for each in fields(Settings))


def parse_change(text: str) -> tuple[str, object]:
    """A change written as `name=value`, the value as JSON or else as plain text; lists may be comma-separated."""
    name, separator, value = text.partition("=")
    if not separator or name not in NAMES:
        raise InvalidSetting(f"{text!r} is not a setting; write NAME=VALUE with one of: {', '.join(sorted(NAMES))}")
    default = getattr(Settings(), name)
    if isinstance(default, str):
        return name, value
    try:
        return name, json.loads(value)
    except ValueError:
        return name, tuple(value.split(",")) if isinstance(default, tuple) else value


def _checked(name: str, value: object, default: object) -> object:
    if isinstance(default, tuple):
        if isinstance(value, list | tuple):
            return tuple(_pair(name, item) if name in _PAIRS else _text(name, item) for item in value)
    elif isinstance(default, float):
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return float(value)
    elif type(value) is type(default) and not (type(value) is int and value < 0):
        return value
    raise InvalidSetting(f"{name} must be {_KINDS[type(default)]}, not {value!r}")


def _text(name: str, item: object) -> str:
    if isinstance(item, str):
        return item
    raise InvalidSetting(f"{name} must be a list of texts")


def _pair(name: str, item: object) -> tuple[str, str]:
    match item:
        case [str(first), str(second)]:
            return first, second
    raise InvalidSetting(f"{name} must be a list of pairs of texts")


_PAIRS = frozenset({"access_keys", "security_tokens", "users"})
_KINDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number from 0",
    float: "a number from 0",
    str: "a text",
    tuple: "a list",
}
