"""Looking at COC with the help of what is remembered, and planning from it. The cache's only reader and writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Thread

from cocsync.coc.scripts import ScriptsApi
from cocsync.engine.requests import Reading, Refresh
from cocsync.model.content import Content, TextReference
from cocsync.model.desired import Manifest
from cocsync.model.live import ListedScript, Live, Observed
from cocsync.model.normalise import EXACT, Normalisation
from cocsync.observe.cache import Cache
from cocsync.observe.reading import Extent, Progress, observe, read_list, reread
from cocsync.observe.recall import CacheEntry, entry_of, recall, recognised
from cocsync.plan.plan import Plan

READERS = 40
"""Details read at once, where nobody says otherwise: with fewer the latency counts, with more the HTTP pool."""


class Listing:
    """COC's list, and what is remembered of its scripts: read in a thread of its own, from now on.

    Whoever has no more use for it closes the client, and the thread ends; no run waits for it to end.
    """

    def __init__(self, api: ScriptsApi, cache: Cache | None, *, progress: Progress | None = None) -> None:
        self.cache = cache
        self._future: Future[tuple[tuple[ListedScript, ...], Mapping[str, CacheEntry]]] = Future()
        Thread(target=self._read, args=(api, progress), daemon=True).start()

    def result(self) -> tuple[tuple[ListedScript, ...], Mapping[str, CacheEntry]]:
        """The rows, and the entries by uuid, as soon as they are there. Raises what `read_rows` raises."""
        return self._future.result()

    def _read(self, api: ScriptsApi, progress: Progress | None) -> None:
        try:
            entries, cuts = self.cache.load() if self.cache else ({}, ())
            self._future.set_result((read_list(api, cuts, progress=progress), entries))
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for, which would wait for ever
            self._future.set_exception(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at COC for these manifests, whose texts are as they are compared under `normalisation`."""

    api: ScriptsApi
    manifests: Mapping[str, Manifest]
    reading: Reading
    normalisation: Normalisation = EXACT
    progress: Progress | None = None

    def plan(self, make: Callable[[Observed], Plan], listing: Listing) -> Plan:
        """The plan that `make` gives for what COC holds.

        It is the same as without a cache, except that only the cache knows what COC made of a text when cocsync wrote
        it. Every script that the plan touches was read in this run. Raises what `observe` raises.
        """
        rows, entries = listing.result()
        parallelism, extent = self.reading.parallelism or READERS, self._scope(entries)
        observed = observe(self.api, parallelism=parallelism, progress=self.progress, listed=rows, extent=extent)
        plan = make(observed)
        while again := to_read(plan, observed.recalled):
            observed = reread(self.api, observed, again, extent=extent, parallelism=parallelism)
            plan = make(observed)
        if listing.cache:
            _store(listing.cache, observed, entries)
        return plan

    def _scope(self, entries: Mapping[str, CacheEntry]) -> Extent:
        manifests = self.manifests
        named = {*manifests, *(name for manifest in manifests.values() for name in manifest.previous_names)}

        def remembered(row: ListedScript) -> Live | None:
            if self.reading.refresh is Refresh.FULL:
                return None
            manifest, entry = manifests.get(row.name), entries.get(row.uuid)
            return recall(row, entry, manifest.script, manifest.ignore) if manifest else recall(row, entry, None)

        def trimmed(live: Live) -> Live:
            return _trimmed(manifests, recognised(live.under(self.normalisation), entries.get(live.uuid)))

        if self.reading.refresh is Refresh.NAMED:
            return Extent(wanted=lambda row: row.name in named, remembered=remembered, trimmed=trimmed)
        return Extent(remembered=remembered, trimmed=trimmed)


def to_read(plan: Plan, recalled: frozenset[str]) -> frozenset[str]:
    """The recalled scripts that a plan would touch, or tells more of than its row does."""
    told = {change.uuid for change in plan.changes} | {conflict.uuid for conflict in plan.conflicts}
    told |= {prunable.uuid for prunable in plan.prunable}
    return recalled & frozenset(uuid for uuid in told if uuid)


def _trimmed(manifests: Mapping[str, Manifest], live: Live) -> Live:
    """The script without a text that its manifest has too, or that no plan looks at because it is unowned."""
    manifest, content = manifests.get(live.name), live.script.content
    if manifest is not None and manifest.script.content == content:
        content = manifest.script.content
    elif manifest is None and live.mark is None:
        content = Content(content.text, TextReference("", _unread))
    return replace(live, script=replace(live.script, content=content))


def _unread() -> str:
    raise AssertionError("no plan looks at the content of an unowned script without a manifest")


def observe_with(
    api: ScriptsApi,
    cache: Cache,
    *,
    parallelism: int,
    progress: Progress | None = None,
    normalisation: Normalisation = EXACT,
) -> Observed:
    """What COC holds, as far as rows and marks tell it; details are read only where they seem changed.

    Texts are as they are under `normalisation`.
    """
    rows, entries = Listing(api, cache, progress=progress).result()
    observed = observe(
        api,
        parallelism=parallelism,
        progress=progress,
        listed=rows,
        extent=Extent(
            remembered=lambda row: recall(row, entries.get(row.uuid), None),
            trimmed=lambda live: recognised(live.under(normalisation), entries.get(live.uuid)),
        ),
    )
    _store(cache, observed, entries)
    return observed


def remember(cache: Cache, entries: Iterable[CacheEntry | None]) -> None:
    """Keeps what was read back after writes, so that the next plan need not read it."""
    cache.store(filter(None, entries))


def _store(cache: Cache, observed: Observed, entries: Mapping[str, CacheEntry]) -> None:
    read = [live for live in observed.scripts if live.uuid not in observed.recalled]
    fresh = [entry for live in read if (entry := entry_of(live))]
    there = {live.uuid for live in observed.scripts}
    stale = {live.uuid for live in read} - {entry.uuid for entry in fresh}
    gone = (entries.keys() - there if observed.complete else set()) | (stale & entries.keys())
    changed = [entry for entry in fresh if entries.get(entry.uuid) != entry]
    if changed or gone or observed.cuts:
        cache.store(changed, gone=gone, cuts=observed.cuts)
