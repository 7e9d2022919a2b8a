"""Which hosts a run is for: a query whose keys must all fit, hosts by name or id, and what is left out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cocsync.errors import UsageError
from cocsync.model.running import Query, Selection
from cocsync.run.hosts import Host, ordered
from cocsync.suggestion import suggestion

_TAG = "tag."
_SELECT_KEYS = ("region", "zone", "os", "name", "enterprise_project", "agent", f"{_TAG}KEY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The hosts of a selection, in their order, and what stands in its way.

    `missing` are names of no host, `ambiguous` a name with the ids of the hosts that share it, `unmatched` what is
    excluded and not there. `left_out` is how many hosts the limit left out.
    """

    hosts: tuple[Host, ...]
    missing: tuple[str, ...] = ()
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unmatched: tuple[str, ...] = ()
    left_out: int = 0


def fits(query: Query, host: Host) -> bool:
    """Whether the host has all that is asked for."""
    exact = (
        *((query.region, host.region), (query.zone, host.zone)),
        (query.enterprise_project, host.enterprise_project),
        *((query.os.casefold(), host.os.casefold()), (query.agent.casefold(), (host.agent or "").casefold())),
    )
    named = not query.name or fnmatchcase(host.name, query.name)
    return named and all(wanted in ("", found) for wanted, found in exact) and set(query.tags) <= set(host.tags)


def choose(selection: Selection, inventory: Sequence[Host]) -> Choice:
    """Each host once, also where it is named by name and id, or fits the query too."""
    queried = [host for host in inventory if selection.query is not None and fits(selection.query, host)]
    named = {text: _named(text, inventory) for text in dict.fromkeys(selection.hosts)}
    excluded = {text: _named(text, inventory) for text in dict.fromkeys(selection.exclude)}
    out = {host.resource_id for hosts in excluded.values() for host in hosts}
    wanted = [*queried, *(host for hosts in named.values() if len(hosts) == 1 for host in hosts)]
    hosts = ordered({host.resource_id: host for host in wanted if host.resource_id not in out}.values())
    kept = hosts if selection.limit is None else hosts[: selection.limit]
    return Choice(
        hosts=kept,
        missing=tuple(text for text, found in named.items() if not found),
        ambiguous=tuple((t, tuple(h.resource_id for h in found)) for t, found in named.items() if len(found) > 1),
        unmatched=tuple(text for text, found in excluded.items() if not found),
        left_out=len(hosts) - len(kept),
    )


def parse_select(texts: Iterable[str]) -> Query:
    """The query of `--select KEY=VALUE`, repeated; `tag.KEY=VALUE` for a tag. Raises UsageError."""
    found: dict[str, str] = {}
    tags: dict[str, str] = {}
    for text in texts:
        key, given, value = text.partition("=")
        if not given or not value:
            raise UsageError(f"--select {text}: give KEY=VALUE, as in region=cn-north-4 or tag.role=web")
        place = tags if key.startswith(_TAG) else found
        name = key.removeprefix(_TAG)
        if place is found and key not in _SELECT_KEYS[:-1]:
            hint = suggestion(key, _SELECT_KEYS) or f": there are {', '.join(_SELECT_KEYS)}"
            raise UsageError(f"--select {text}: there is no key `{key}`{hint}")
        if place.setdefault(name, value) != value:
            raise UsageError(f"--select {text}: `{key}` is given twice, and no host has both: all of them must fit")
    return Query(**found, tags=tuple(tags.items()))


def combined(given: Selection, declared: Selection | None) -> Selection:
    """What the command line gives, else what the manifest declares, with both exclusions. Raises UsageError.

    Whatever chooses hosts on the command line replaces the manifest's choice; an exclusion or a limit alone narrows it.
    """
    if given.query is not None or given.hosts:
        return given
    if declared is None:
        raise UsageError("which hosts? Pass --select KEY=VALUE, --hosts SELECTION or --host NAME")
    exclude = tuple(dict.fromkeys((*declared.exclude, *given.exclude)))
    return Selection(query=declared.query, hosts=declared.hosts, exclude=exclude, limit=given.limit)


def _named(text: str, inventory: Sequence[Host]) -> list[Host]:
    """The host of that id, else the hosts of that name."""
    by_id = [host for host in inventory if host.resource_id == text]
    return by_id[:1] or [host for host in inventory if host.name == text]
