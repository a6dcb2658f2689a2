"""What is served of a store: its newest version, which what was given at the start becomes where it is new."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import drainage as dr
from drainage import words
from drainage.report import MARK, SIDES
from drainage_api.served.served import Served
from drainage_api.settings import Settings
from drainage_api.store.objects import DamagedError, digest_of_tree
from drainage_api.store.opened import Store
from drainage_api.store.versions import Stale, Version

log = logging.getLogger(__name__)

#: What the note of a version says that was read from elsewhere.
IMPORTED = "imported"


def head_of(settings: Settings, given: Callable[[], Served]) -> Served:
    """Return the newest version of the store, after what was given became the next where it is none of them.

    Where an object of the newest is damaged, it is the newest that is whole, or what was given: a server starts.

    Parameters
    ----------
    given
        Reads what the settings name: a report, a comparison, or a network that is analysed.

    Raises
    ------
    DrainageError
        What was given cannot be read, or the store cannot be read or written.
    """
    with Store.opened(settings.store, settings.database) as store:
        store.objects.sweep()
        place, tree = settings.results, ""
        if place is None:
            head = _take_in_analysis(store, given().report())
        else:
            tree, head = _take_in(store, side_of(place))
            if side_of(place) != place and head.tree == tree:  # both sides, as long as the later one is the newest
                return replace(given(), number=head.number)
        try:
            return version_of_store(store, head, settings)
        except DamagedError:
            if place is not None and head.tree == tree:
                store.objects.put_tree(side_of(place))  # which mends what is damaged of it
        return _newest_whole(store, settings, given)


def newest_of(settings: Settings) -> Served:
    """Return the newest version of the store.

    Raises
    ------
    FormatError
        It cannot be read, or there is none.
    """
    with Store.opened(settings.store, settings.database) as store:
        head = store.versions.head()
        if head is None:
            raise dr.errors.FormatError(words.in_both("store_without_version", place=store.database.shown))
        return version_of_store(store, head, settings)


def _newest_whole(store: Store, settings: Settings, given: Callable[[], Served]) -> Served:
    """Return the newest version that can be read, with the numbers of those that are damaged."""
    damaged: list[int] = []
    for version in store.versions.history():
        try:
            return replace(version_of_store(store, version, settings), damaged=tuple(damaged))
        except DamagedError as error:
            damaged.append(version.number)
            said = {"version": version.number, "tree": version.tree}
            log.error("version %d is damaged, an older one is served: %s", version.number, error, extra={"told": said})  # noqa: TRY400 - its own words
    return replace(given(), damaged=tuple(damaged))


def version_of_store(store: Store, version: Version, settings: Settings) -> Served:
    """Read a version, every file of which is checked.

    Raises
    ------
    StoreError
        It is damaged, or cannot be read.
    DrainageError
        It is no report.
    """
    place = side_of(store.objects.tree(version.tree))
    mark = (place / MARK).read_text(encoding="utf-8") if (place / MARK).is_file() else ""
    report = dr.read_report(place)
    return Served({"": report}, settings, places={"": place}, mark=mark, number=version.number)


def side_of(place: Path) -> Path:
    """Return the directory of a report; of a comparison that after the works."""
    last = place / SIDES[-1]
    return last if (last / "summary.json").is_file() else place


def _take_in(store: Store, place: Path) -> tuple[str, Version]:
    """Make a report the next version, unless it is one already; return its digest and the newest."""
    tree = digest_of_tree(place)

    def kept() -> tuple[str, dr.report.Report]:
        report = dr.read_report(place)  # which says what is wrong with it
        return store.objects.put_tree(place), report

    return tree, _begun(store, lambda one: one.tree == tree, kept, IMPORTED)


def _take_in_analysis(store: Store, report: dr.report.Report) -> Version:
    """Make an analysis the next version, unless one told the same: no two have the same bytes, which hold the time."""
    note = f"{IMPORTED} {hashlib.sha256(_told(report.summary).encode()).hexdigest()[:16]}"

    def kept() -> tuple[str, dr.report.Report]:
        with tempfile.TemporaryDirectory(prefix="drainage-") as folder:
            return store.objects.put_tree(report.write(Path(folder) / "report")), report

    return _begun(store, lambda one: one.note == note, kept, note)


def _begun(
    store: Store, same: Callable[[Version], bool], kept: Callable[[], tuple[str, dr.report.Report]], note: str
) -> Version:
    """Return the newest version, which is made where none is the same; two servers may begin at once."""
    made: tuple[str, dr.report.Report] | None = None
    while True:
        before = store.versions.history()
        if any(map(same, before)):
            return before[0]
        tree, report = made = made or kept()
        day = report.provenance.as_of
        said = day if isinstance(day, str) or day is None else "/".join(day)
        with suppress(Stale):
            version = store.versions.begin_after(before[0] if before else None, tree, day=said, note=note)
            log.info("version %d", version.number, extra={"told": {"version": version.number, "digest": tree}})
            store.note("version made", version=str(version.number), digest=tree)
            return version


def _told(summary: Mapping[str, object]) -> str:
    facts = summary.get("provenance")
    kept = {name: fact for name, fact in facts.items() if name != "made_at"} if isinstance(facts, Mapping) else None
    return json.dumps({**summary, "provenance": kept}, sort_keys=True)
